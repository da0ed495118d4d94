"""One request and its answer on one session channel.

The end of an answer counts only where the server said so; a connection that
breaks is an error, whatever has arrived until then.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from collections.abc import Iterable
from email.message import Message
from typing import BinaryIO

import paramiko

from zope.app.fssync.client.transport.ssh.connection import Connection
from zope.app.fssync.protocol.sshframing import ByteStream
from zope.app.fssync.protocol.sshframing import read_response_head
from zope.app.fssync.protocol.sshframing import request_head
from zope.fssync.contracts import keeps
from zope.fssync.errors import Error
from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import CHUNK

__all__ = ["Response", "Session"]

#: The errors of the library when a channel or its connection has ended.
_LOST = (OSError, EOFError, paramiko.SSHException)


@keeps("zope.app.fssync.client.interfaces.IResponse")
class Response:
    """An answer whose body is still on its way."""

    def __init__(
        self,
        status: int,
        reason: str,
        headers: Message,
        fp: io.BufferedReader[ByteStream],
        channel: paramiko.Channel,
    ) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.fp = fp
        self._channel = channel

    def close(self) -> None:
        self.fp.close()
        self._channel.close()


class Session:
    """A channel that carries one request."""

    def __init__(self, connection: Connection, timeout: float) -> None:
        self._peer = str(connection.endpoint)
        self._connection = connection
        self._channel = connection.open_session(timeout)

    def close(self) -> None:
        self._channel.close()

    def send(self, data: bytes) -> None:
        """Send all of ``data``; raises `ServerUnreachable`."""
        try:
            self._channel.sendall(data)
        except TimeoutError:
            raise self._broken("it took nothing for too long") from None
        except _LOST as error:
            raise self._broken(str(error) or "the connection was lost") from error

    def send_request(
        self,
        method: str,
        target: str,
        headers: Iterable[tuple[str, str]],
        body: BinaryIO | None,
        length: int | None,
    ) -> None:
        """Send a request, with exactly ``length`` bytes of ``body``."""
        self.send(request_head(method, target, headers))
        while body is not None and length:
            block = body.read(min(CHUNK, length))
            if not block:
                raise Error("the data to be sent became shorter on the way")
            try:
                self._channel.sendall(block)
            except TimeoutError:
                raise self._broken("it took nothing for too long") from None
            except _LOST as error:
                if not self._connection.alive:
                    raise self._broken(
                        str(error) or "the connection was lost"
                    ) from error
                # The server closed its end: it may have answered before it had
                # seen all of the body.
                return
            length -= len(block)

    def response(self, answer_timeout: float, read_timeout: float) -> Response:
        """Return the answer once its head is there."""
        self._channel.settimeout(answer_timeout)
        stream = io.BufferedReader(ByteStream(self._receive), CHUNK)
        status, reason, headers, length = read_response_head(stream, self._peer)
        self._channel.settimeout(read_timeout)
        body = ByteStream(self._body_reader(stream, length))
        return Response(
            status, reason, headers, io.BufferedReader(body, CHUNK), self._channel
        )

    def _body_reader(
        self, stream: io.BufferedReader[ByteStream], length: int | None
    ) -> Callable[[int], bytes]:
        remaining = length

        def read(size: int) -> bytes:
            nonlocal remaining
            if remaining is None:
                return stream.read1(size)
            if not remaining:
                return b""
            data = stream.read1(min(size, remaining))
            if not data:
                raise self._broken(f"{remaining} bytes are missing")
            remaining -= len(data)
            return data

        return read

    def _receive(self, size: int) -> bytes:
        channel = self._channel
        try:
            data = channel.recv(size)
        except TimeoutError:
            raise self._broken("it sent nothing for too long") from None
        except _LOST as error:
            raise self._broken(str(error) or "the connection was lost") from error
        if not data and not channel.eof_received:
            raise self._broken("the connection was lost")
        found: bytes = data
        return found

    def _broken(self, why: str) -> ServerUnreachable:
        self.close()
        return ServerUnreachable(
            f"the connection to {self._peer} broke off: {why}",
            advice="Nothing was changed here. Try again.",
        )
