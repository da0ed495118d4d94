"""Parse the URL of a checked-out object.

Of all texts made here only `RootURL.user_passwd`, which is sent to the server, has the
password.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from zope.fssync.errors import Error

__all__ = [
    "DEFAULT_PORTS",
    "SCHEMES",
    "RootURL",
    "check_user",
    "masked",
    "quoted",
]

DEFAULT_PORTS = {"http": 80, "https": 443, "zsync+ssh": 22}

SCHEMES = tuple(DEFAULT_PORTS)

_SAFE_HOST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_")


class RootURL(NamedTuple):
    """A server and a path on it.

    ``host`` is lower case and without brackets; ``port`` is never missing;
    ``path`` is unquoted and starts with a slash; ``user`` and ``password`` are
    unquoted, None where the URL has none.
    """

    scheme: str
    host: str
    port: int
    path: str = "/"
    user: str | None = None
    password: str | None = None

    @classmethod
    def parse(cls, url: str) -> RootURL:
        """Parse ``url``; raises `Error` if it is no valid URL of the `SCHEMES`."""
        from urllib.parse import unquote

        _check_characters(url)
        scheme, separator, rest = url.partition("://")
        scheme = scheme.lower()
        if not separator or scheme not in DEFAULT_PORTS:
            raise Error(
                f"root url must be 'http', 'https', or 'zsync+ssh' {masked(url)!r}",
                advice="Write it as in http://user@host:8080/path.",
            )
        netloc, slash, path = rest.partition("/")
        userinfo, _, host_port = netloc.rpartition("@")
        user, colon, password = userinfo.partition(":")
        host, port = _split_host_port(host_port, DEFAULT_PORTS[scheme], url)
        user = unquote(user, errors="surrogateescape")
        if user:
            check_user(user)
        return cls(
            scheme,
            host,
            port,
            unquote(slash + path, errors="surrogateescape") or "/",
            user or None,
            unquote(password) if colon else None,
        )

    @property
    def host_port(self) -> str:
        """``host`` or ``host:port``; a default port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.port == DEFAULT_PORTS[self.scheme]:
            return host
        return f"{host}:{self.port}"

    @property
    def user_passwd(self) -> str | None:
        """``user``, ``user:password`` or None, unquoted."""
        if self.user is None:
            return None
        return self.user if self.password is None else f"{self.user}:{self.password}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: credentials are only sent to an equal origin."""
        return self.scheme, self.host, self.port

    @property
    def is_loopback(self) -> bool:
        """True if the host is this machine."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        from ipaddress import ip_address

        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def without_password(self) -> RootURL:
        """Return the URL without the password, for files and messages."""
        return self._replace(password=None)

    def __str__(self) -> str:
        """Return the quoted URL without the password."""
        from urllib.parse import quote

        user = "" if self.user is None else quote(self.user, safe="") + "@"
        path = quote(self.path, safe="/@+:=,~", errors="surrogateescape")
        return f"{self.scheme}://{user}{self.host_port}{path}"

    def __repr__(self) -> str:
        return f"<RootURL {self}>"


def check_user(user: str) -> None:
    """Raise `Error` for a user name that basic authentication cannot carry.

    The name ends at the first colon of ``user:password``.
    """
    odd = any(unicodedata.category(char) in ("Cc", "Cs") for char in user)
    if not user or ":" in user or odd:
        raise Error(
            f"a user name is text without a colon: {user!a}",
            advice="Write the password after the name, as in "
            "http://USER:PASSWORD@host/path, or log in as another user.",
        )


def masked(url: str) -> str:
    """Return ``url`` with the password replaced by stars.

    An unquoted slash in a password makes the URL invalid.  All up to the last ``@``
    counts as the password then.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "", url
    netloc, slash, path = rest.partition("/")
    port = netloc.partition(":")[2]
    if ":" in netloc and "@" not in netloc and "@" in path and not port.isdigit():
        netloc, slash, path = rest.rpartition("@")[0] + "@", "", rest.rpartition("@")[2]
    userinfo, at, host_port = netloc.rpartition("@")
    user, colon, _ = userinfo.partition(":")
    stars = "***" if colon else ""
    return f"{scheme}{separator}{user}{colon}{stars}{at}{host_port}{slash}{path}"


def _check_characters(url: str) -> None:
    for character in url:
        if character <= " " or character == "\x7f":
            raise Error(
                f"a URL has no blanks and no control characters: {masked(url)!r}",
                advice="Write a blank as %20.",
            )


def _split_host_port(host_port: str, default: int, url: str) -> tuple[str, int]:
    """Split ``host:port`` or ``[address]:port``."""
    if host_port.startswith("["):
        host, bracket, rest = host_port[1:].partition("]")
        colon, port = rest[:1], rest[1:]
        valid = bool(bracket) and colon in ("", ":") and _is_ipv6(host)
    else:
        host, colon, port = host_port.partition(":")
        valid = _is_name(host.lower())
    if not valid:
        raise Error(f"the URL names no host: {masked(url)!r}")
    if not port:
        return host.lower(), default
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise Error(f"the port must be a number from 1 to 65535: {masked(url)!r}")
    return host.lower(), int(port)


def _is_name(host: str) -> bool:
    """Return whether ``host`` can be a host name, in any script."""
    if not host or host.startswith("-"):
        return False
    return set(host) <= _SAFE_HOST or (not host.isascii() and host.isprintable())


def _is_ipv6(host: str) -> bool:
    from ipaddress import IPv6Address

    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def quoted(text: str) -> str:
    """Return a value quoted for the query of a URL."""
    from urllib.parse import quote

    return quote(text, safe="")
