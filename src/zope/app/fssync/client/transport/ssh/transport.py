"""zsync over ssh: the transport of `zsync+ssh:` URLs.

All transports to the same user, host and port share one connection, which ends
when the last of them is closed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import BinaryIO

from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.client.transport.ssh.channel import Response
from zope.app.fssync.client.transport.ssh.channel import Session
from zope.app.fssync.client.transport.ssh.config import DEFAULT_PORT
from zope.app.fssync.client.transport.ssh.config import endpoint
from zope.app.fssync.client.transport.ssh.connection import Connection
from zope.app.fssync.client.transport.ssh.knownhosts import KnownHosts
from zope.app.fssync.client.transport.ssh.terminal import Terminal
from zope.app.fssync.client.url import RootURL
from zope.fssync.contracts import keeps
from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import SSHTimes

__all__ = ["SSHTransport", "SharedConnection"]

_Key = tuple[str | None, str, int]


class SharedConnection:
    """A connection and the number of those who use it."""

    _shared: dict[_Key, SharedConnection] = {}

    def __init__(self, key: _Key, options: TransportOptions) -> None:
        self._key = key
        self._options = options
        self._users = 0
        self._connection: Connection | None = None

    @classmethod
    def take(cls, key: _Key, options: TransportOptions) -> SharedConnection:
        """Return the connection for ``key``, which has one more user now."""
        shared = cls._shared.get(key)
        if shared is None:
            shared = cls._shared[key] = cls(key, options)
        shared._users += 1
        return shared

    def give_back(self) -> None:
        """One user less; the last one closes the connection."""
        self._users -= 1
        if self._users:
            return
        self._shared.pop(self._key, None)
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def connection(self, password: str | None) -> tuple[Connection, bool]:
        """Return the connection, and whether it was there before."""
        if self._connection is not None:
            if self._connection.alive:
                return self._connection, True
            self._connection.close()
        user, host, port = self._key
        self._connection = Connection(
            endpoint(host, None if port == DEFAULT_PORT else port, user),
            password,
            Terminal(),
            KnownHosts.of_user(),
            SSHTimes(connect=self._options.connect_timeout),
        )
        return self._connection, False


@keeps("zope.app.fssync.client.interfaces.ITransport")
class SSHTransport:
    """Sends each request in a session of its own."""

    def __init__(self, url: RootURL, *, options: TransportOptions) -> None:
        self._url = url
        self._options = options
        self._shared: SharedConnection | None = None
        self._response: Response | None = None

    def request(
        self,
        method: str,
        target: str,
        headers: Iterable[tuple[str, str]],
        body: BinaryIO | None = None,
        length: int | None = None,
    ) -> Response:
        if self._response is not None:
            self._response.close()
            self._response = None
        pairs = [*headers]
        password = _password(pairs) or self._url.password
        if length is not None:
            pairs.append(("Content-Length", str(length)))
        pairs += [("Host", self._url.host_port), ("Connection", "close")]
        session = self._session(password)
        try:
            session.send_request(method, target, pairs, body, length)
            self._response = session.response(
                self._options.answer_timeout, self._options.read_timeout
            )
        except BaseException:
            session.close()
            raise
        return self._response

    def _session(self, password: str | None) -> Session:
        """Return a session, over a new connection where the kept one is gone.

        No request was sent before a session is open, so a second try is safe.
        """
        if self._shared is None:
            key = (self._url.user, self._url.host, self._url.port)
            self._shared = SharedConnection.take(key, self._options)
        connection, kept = self._shared.connection(password)
        try:
            return Session(connection, self._options.read_timeout)
        except ServerUnreachable:
            if not kept:
                raise
        connection.close()
        connection, _ = self._shared.connection(password)
        return Session(connection, self._options.read_timeout)

    def close(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None
        if self._shared is not None:
            self._shared.give_back()
            self._shared = None


def _password(headers: Iterable[tuple[str, str]]) -> str | None:
    """Return the password that the request carries for Zope.

    It may come from the token file or a prompt, and then is not in the URL.
    """
    for name, value in headers:
        scheme, _, token = value.partition(" ")
        if name.lower() == "authorization" and scheme.lower() == "basic":
            try:
                text = base64.b64decode(token, validate=True).decode("utf-8")
            except (binascii.Error, UnicodeDecodeError):
                return None
            return text.partition(":")[2] or None
    return None
