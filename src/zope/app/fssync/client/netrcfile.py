"""Passwords of ``~/.netrc``.

The file knows hosts only.  So that a password goes to the server it was meant for,
``machine HOST`` stands for https there, and for http on this machine, both at their
own ports; ``machine HOST:PORT`` stands for this port.  The entry ``default`` is not
used: it would give a password to any server.
"""

from __future__ import annotations

import netrc
import os
import stat
from collections.abc import Callable

from zope.app.fssync.client.url import DEFAULT_PORTS
from zope.app.fssync.client.url import RootURL
from zope.fssync.errors import PathRefused
from zope.fssync.files import open_regular
from zope.fssync.terminal import escape

__all__ = ["find"]


def find(
    url: RootURL, user: str | None, path: str, warn: Callable[[str], object]
) -> tuple[str, str] | None:
    """Return user and password that the file at ``path`` has for a server."""
    if url.scheme == "zsync+ssh" or not _is_private(path, warn):
        return None
    try:
        hosts = netrc.netrc(path).hosts
    except (OSError, UnicodeDecodeError, netrc.NetrcParseError) as error:
        warn(f"warning: {escape(path)} is not used: {escape(str(error))}")
        return None
    for name in _names(url):
        login, _, password = hosts.get(name, ("", "", ""))
        if login and password and user in (None, login):
            return login, password
    return None


def _names(url: RootURL) -> list[str]:
    host = f"[{url.host}]" if ":" in url.host else url.host
    names = [f"{host}:{url.port}"]
    is_usual = url.port == DEFAULT_PORTS[url.scheme]
    if is_usual and (url.scheme == "https" or url.is_loopback):
        names.append(url.host)
    return names


def _is_private(path: str, warn: Callable[[str], object]) -> bool:
    """Return True if only the owner may read the file."""
    try:
        stream = open_regular(os.path.realpath(path))
    except (OSError, PathRefused) as error:
        warn(f"warning: {escape(path)} is not used: {escape(str(error))}")
        return False
    with stream:
        status = os.fstat(stream.fileno())
    if os.name != "posix":
        return True
    if status.st_uid == os.geteuid() and not stat.S_IMODE(status.st_mode) & 0o077:
        return True
    warn(
        f"warning: {escape(path)} is not used: it can be read by others; "
        f"run: chmod 600 {escape(path)}"
    )
    return False
