"""The requests that an ssh server of zsync passes on to Zope.

These are the views of zsync, each with its method, below a path that means the same
to every program on the way.  Every byte of the head is checked before Zope gets it.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass
from urllib.parse import parse_qsl
from urllib.parse import quote
from urllib.parse import unquote_to_bytes

from zope.app.fssync.protocol import views
from zope.app.fssync.protocol.sshframing import Request
from zope.app.fssync.protocol.sshframing import RequestRefused
from zope.fssync.limits import SERVER

__all__ = ["VIEWS", "Forwarded", "answer_headers", "forwarded"]

#: View -> the methods it is called with.
VIEWS = {
    views.CHECKOUT: ("GET",),
    # A GET commits nothing: it shows a client whether an old Zope knows its user.
    views.COMMIT: ("POST", "GET"),
    views.CHECKIN: ("POST",),
    views.REHEARSE_CHECKIN: ("POST",),
    views.REHEARSE_COMMIT: ("POST",),
    views.UPLOAD: ("GET", "POST"),
    views.HIDDEN: ("POST",),
    views.LOG: ("GET",),
    views.HISTORY: ("GET",),
    views.REPLAY: ("POST",),
    views.PROMOTED: ("POST",),
    views.TYPES: ("POST",),
    views.LIST: ("GET",),
    views.WATCH: ("GET",),
}

#: Request headers that Zope gets to see.
_HEADERS = frozenset({"accept", "authorization", "content-type", "user-agent"})
_OWN_HEADER = re.compile(r"x-zsync-[a-z0-9-]{1,40}")

#: Headers of an answer that concern the connection to Zope only.
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "content-length",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)

#: The publisher gives a meaning to suffixes such as ``:method``.
_ARGUMENT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}")
#: Namespaces of the traverser that name content.
_NAMESPACES = ("++etc++",)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A request as Zope gets it."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    length: int | None


def _refuse(msg: str, status: int = 400, reason: str = "Bad Request") -> RequestRefused:
    return RequestRefused(status, reason, f"Request refused: {msg}.")


def _component(quoted: str) -> str:
    """Return one component of a path, unquoted."""
    try:
        name = unquote_to_bytes(quoted).decode("utf-8")
    except UnicodeDecodeError:
        raise _refuse("the path is not UTF-8") from None
    if name in ("", ".", ".."):
        raise _refuse("the path has a component that is empty or a dot")
    if any(char in "/\\" or char < " " or "\x7f" <= char < "\xa0" for char in name):
        raise _refuse("the path holds characters that have no place in a name")
    return name


def _path(path: str) -> tuple[str, str]:
    """Return the path in its one normal spelling, and the view it ends with."""
    if not path.startswith("/"):
        raise _refuse("the path does not start with a slash")
    *names, view = [_component(part) for part in path[1:].split("/")]
    if view not in VIEWS:
        raise _refuse("only the views of zsync are served here", 404, "Not Found")
    for name in names:
        if name.startswith("@@") or (
            name.startswith("++") and not name.startswith(_NAMESPACES)
        ):
            raise _refuse("the path names more than content", 404, "Not Found")
    parts = [quote(name, safe="+@:") for name in names]
    return "/" + "/".join([*parts, view]), view


def _query(query: str) -> str:
    """Return the arguments in their one normal spelling."""
    try:
        pairs = parse_qsl(
            query,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=SERVER.arguments,
        )
    except ValueError:
        raise _refuse("the arguments cannot be read") from None
    for name, _ in pairs:
        if not _ARGUMENT.fullmatch(name):
            raise _refuse("an argument has a name that has no place here")
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)


def _check_user(request: Request, user: str) -> None:
    scheme, _, token = (request.header("authorization") or "").partition(" ")
    try:
        credentials = b64decode(token.strip(), validate=True)
    except binascii.Error:
        credentials = b""
    name = credentials.partition(b":")[0]
    if scheme.lower() != "basic" or name != user.encode("utf-8"):
        raise _refuse(f"only the user {user} may use this way", 403, "Forbidden")


def forwarded(request: Request, user: str | None = None) -> Forwarded:
    """Return what Zope gets of ``request``; raises `RequestRefused`.

    Where ``user`` is given, it must be the one in the request's credentials.
    """
    if user is not None:
        _check_user(request, user)
    if "#" in request.target:
        raise _refuse("the path holds a #")
    path, mark, query = request.target.partition("?")
    target, view = _path(path)
    if request.method not in VIEWS[view]:
        methods = " or ".join(VIEWS[view])
        raise _refuse(f"{view} is called with {methods}", 405, "Method Not Allowed")
    if mark and query:
        target = f"{target}?{_query(query)}"
    if request.method == "POST" and request.length is None:
        raise _refuse("Content-Length is missing", 411, "Length Required")
    if request.method == "GET" and request.length:
        raise _refuse("a GET has no body")
    headers = tuple(
        (name, value)
        for name, value in request.headers
        if name in _HEADERS or _OWN_HEADER.fullmatch(name)
    )
    length = request.length if request.method == "POST" else None
    return Forwarded(request.method, target, headers, length)


def answer_headers(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers of Zope's answer that concern the client."""
    return [
        (name.lower(), " ".join(value.split()))
        for name, value in headers
        if name.lower() not in _HOP_BY_HOP
    ]
