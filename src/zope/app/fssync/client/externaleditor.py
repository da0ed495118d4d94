"""Read the files of Zope's External Editor, and links to edit an object.

Such a file begins with lines ``name:value`` up to an empty line: ``url`` is that of the
object, ``auth`` and ``cookie`` have the login of the browser.  The content after them
is ignored: the object is fetched from the server.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from typing import NamedTuple

from zope.app.fssync.client.url import RootURL
from zope.app.fssync.client.url import check_user
from zope.fssync.errors import Error
from zope.fssync.files import open_regular
from zope.fssync.limits import CHUNK
from zope.fssync.terminal import escape

__all__ = ["MIME_TYPE", "SCHEME", "Meant", "linked", "sent"]

#: The extension of such a file, and the scheme of links to edit an object.
MIME_TYPE = "application/x-zope-edit"
SCHEME = "zsync-edit"


class Meant(NamedTuple):
    """An object to edit, with the login of the browser, and the file that names it."""

    url: RootURL
    cookie: str = ""
    file: str | None = None


def linked(link: str) -> Meant:
    """Return the object of a link ``zsync-edit:URL``.

    Links may come from anybody: user and password in them are refused.
    """
    url = RootURL.parse(link.removeprefix(f"{SCHEME}:"))
    if url.user is not None:
        raise Error(
            "the link names a user, who need not be you",
            advice=f"If you trust it: 'zsync edit {url}'.",
        )
    return Meant(url)


def sent(path: str) -> Meant:
    """Return the object that a file of External Editor names."""
    with open_regular(path) as stream:
        data = stream.read(CHUNK)
    fields = _fields(data)
    if "url" not in fields:
        raise Error(
            f"'{escape(path)}' is no file of External Editor: it names no URL",
            path=path,
            advice="'zsync edit' takes the URL of an object, or a file that the button "
            "of External Editor sends.",
        )
    url = RootURL.parse(fields["url"])
    login = _login(fields.get("auth", ""))
    if login is not None:
        url = url._replace(user=login[0], password=login[1])
    cookie = fields.get("cookie", "")
    return Meant(url, cookie if _is_header(cookie) else "", path)


def _fields(data: bytes) -> dict[str, str]:
    """Return the header lines by name; empty for other files."""
    head, end, _ = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    if not end:
        head = head.removesuffix(b"\n")
    fields: dict[str, str] = {}
    for line in head.decode("utf-8", "surrogateescape").split("\n"):
        name, colon, value = line.partition(":")
        if not colon:
            return {}
        fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _login(header: str) -> tuple[str, str] | None:
    """Return user and password of basic authentication, None for any other."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = b64decode(token.strip(), validate=True).decode("utf-8")
    except (NotBase64, UnicodeDecodeError):
        return None
    user, colon, password = text.partition(":")
    if not user or not colon:
        return None
    check_user(user)
    return user, password


def _is_header(text: str) -> bool:
    """Return True if a text can be sent as the value of a header."""
    return text.isascii() and text.isprintable()
