"""The ssh connection of 3.6.0, for programs that use it by itself.

It has the part of the interface of `http.client.HTTPConnection` that zsync
needs; zsync itself uses `zope.app.fssync.client.transport.ssh.transport`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.client.url import RootURL
from zope.fssync.errors import Error

if TYPE_CHECKING:
    from zope.app.fssync.client.transport.ssh.channel import Response
    from zope.app.fssync.client.transport.ssh.channel import Session
    from zope.app.fssync.client.transport.ssh.transport import SharedConnection

__all__ = ["SSHConnection", "SSHResponse"]


class SSHResponse:
    """An answer, with what programs use of `http.client.HTTPResponse`."""

    def __init__(self, response: Response) -> None:
        self._response = response
        self.status = response.status
        self.reason = response.reason
        self.headers = self.msg = response.headers
        self.fp = response.fp

    def read(self, amount: int = -1) -> bytes:
        """Return the body, or the next ``amount`` bytes of it."""
        return self.fp.read(amount)

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """Return a header; the case of its name does not matter."""
        value: str | None = self.headers.get(name, default)
        return value

    def getheaders(self) -> list[tuple[str, str]]:
        """Return all headers."""
        return self.headers.items()

    def close(self) -> None:
        """Give the rest of the body up."""
        self._response.close()


class SSHConnection:
    """One request after the other to ``host[:port]``, as ``user[:password]``.

    Connected with the first request; the connection is shared with others to
    the same user, host and port.
    """

    def __init__(self, host_port: str, user_passwd: str | None = None) -> None:
        url = RootURL.parse(f"zsync+ssh://{host_port}/")
        user, _, password = (user_passwd or "").partition(":")
        self.host = url.host
        self.port = url.port
        self.remote_user_name = user or None
        self._password = password or None
        self._options = TransportOptions()
        self._shared: SharedConnection | None = None
        self._session: Session | None = None
        self._response: SSHResponse | None = None
        self._method = self._target = ""
        self._headers: list[tuple[str, str]] = []

    def putrequest(self, method: str, path: str) -> None:
        """Begin a request."""
        self._finish()
        self._method, self._target, self._headers = method, path, []

    def putheader(self, name: str, value: str | int) -> None:
        """Add a header to the request."""
        self._headers.append((name, str(value)))

    def endheaders(self) -> None:
        """Connect, if need be, and send the head of the request."""
        from zope.app.fssync.client.transport.ssh.channel import Session
        from zope.app.fssync.client.transport.ssh.transport import SharedConnection
        from zope.app.fssync.protocol.sshframing import request_head

        head = request_head(self._method, self._target, self._headers)
        if self._shared is None:
            key = (self.remote_user_name, self.host, self.port)
            self._shared = SharedConnection.take(key, self._options)
        connection, _ = self._shared.connection(self._password)
        self._session = Session(connection, self._options.read_timeout)
        self._session.send(head)

    def send(self, data: bytes) -> None:
        """Send a part of the body."""
        if self._session is None:
            raise Error("send() comes after endheaders()")
        self._session.send(data)

    def getresponse(self) -> SSHResponse:
        """Return the answer."""
        if self._session is None:
            raise Error("getresponse() comes after endheaders()")
        response = self._session.response(
            self._options.answer_timeout, self._options.read_timeout
        )
        self._response = SSHResponse(response)
        return self._response

    def close(self) -> None:
        """End the session, and the connection where nobody else uses it."""
        self._finish()
        if self._shared is not None:
            self._shared.give_back()
            self._shared = None

    def _finish(self) -> None:
        if self._response is not None:
            self._response.close()
        if self._session is not None:
            self._session.close()
        self._response = self._session = None
