"""Ways to a server, found by the scheme of its URL.

A transport is imported when the first URL of its scheme is opened, so that no
command pays for ssl or paramiko without using them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING
from typing import NamedTuple

from zope.fssync.errors import Error
from zope.fssync.limits import TIMES

if TYPE_CHECKING:
    from zope.app.fssync.client.interfaces import ITransport
    from zope.app.fssync.client.url import RootURL

__all__ = ["TransportOptions", "open_transport"]

#: Scheme -> module and name of the factory, called as
#: ``factory(url, options=options)``.
FACTORIES = {
    "http": ("zope.app.fssync.client.transport.http", "HTTPTransport"),
    "https": ("zope.app.fssync.client.transport.http", "HTTPTransport"),
    "zsync+ssh": ("zope.app.fssync.client.transport.ssh.transport", "SSHTransport"),
}

#: What a plain installation lacks, and what to do about it.
NEEDED = {"paramiko": "Run 'pip install \"zope.app.fssync[ssh]\"'."}


def _ignore(message: str) -> None:
    """Nobody wants to know."""


class TransportOptions(NamedTuple):
    """The settings of a transport beside the URL.

    Times are in seconds: for a connection to be made, between two pieces of
    data, and until the answer begins (a server may work long on a commit).
    ``warn`` takes a line for the person at the command, and escapes it.  ``proxy`` is
    a URL, empty for no proxy, and None for that of the environment; ``authorities``
    names the file with the authorities that count in place of those of the system.
    """

    connect_timeout: float = TIMES.connect
    read_timeout: float = TIMES.read
    answer_timeout: float = TIMES.answer
    warn: Callable[[str], None] = _ignore
    proxy: str | None = None
    authorities: str | None = None


def open_transport(url: RootURL, options: TransportOptions | None = None) -> ITransport:
    """Return the transport for ``url``; connects nothing yet."""
    try:
        module, name = FACTORIES[url.scheme]
    except KeyError:
        raise Error(f"no transport for URLs of {url.scheme!r}") from None
    try:
        factory = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name not in NEEDED:
            raise
        raise Error(
            f"{url.scheme} needs {error.name}, which is not installed",
            advice=NEEDED[error.name],
        ) from error
    transport: ITransport = factory(url, options=options or TransportOptions())
    return transport
