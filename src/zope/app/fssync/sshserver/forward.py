"""One request from an ssh session, passed to Zope, and its answer passed back.

Bodies stream through in pieces; the client always learns the exact length of
what it gets, so that a connection that breaks is never taken for the end.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from zope.app.fssync.protocol.sshframing import ByteStream
from zope.app.fssync.protocol.sshframing import RequestRefused
from zope.app.fssync.protocol.sshframing import read_request
from zope.app.fssync.protocol.sshframing import response_head
from zope.app.fssync.sshserver.policy import Forwarded
from zope.app.fssync.sshserver.policy import answer_headers
from zope.app.fssync.sshserver.policy import forwarded
from zope.fssync.errors import Error
from zope.fssync.limits import CHUNK
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SERVER

__all__ = ["AnswerBroken", "ZopeServer", "serve"]


class AnswerBroken(Error):
    """Zope's answer ended before its announced length."""


@dataclass(frozen=True, slots=True)
class ZopeServer:
    """The address at which Zope listens; ``prefix`` comes before every path."""

    host: str
    port: int
    prefix: str = ""
    secure: bool = False

    @classmethod
    def parse(cls, url: str) -> ZopeServer:
        """Take the URL of a Zope apart."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise Error(f"not a URL of a Zope server: {url!r}") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Error(f"not a URL of a Zope server: {url!r}")
        if parts.username is not None or parts.query or parts.fragment:
            raise Error(f"the URL of the Zope server holds more than a place: {url!r}")
        secure = parts.scheme == "https"
        prefix = parts.path.rstrip("/")
        return cls(parts.hostname, port or (443 if secure else 80), prefix, secure)

    def connect(
        self, timeout: float = SERVER.answer_time
    ) -> http.client.HTTPConnection:
        """Return an open connection."""
        kind = (
            http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
        )
        connection = kind(self.host, self.port, timeout=SERVER.connect_time)
        connection.connect()
        connection.sock.settimeout(timeout)
        return connection

    def answers(self) -> bool:
        """Return True if Zope accepts connections."""
        try:
            socket.create_connection((self.host, self.port), SERVER.probe_time).close()
        except OSError:
            return False
        return True

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}{self.prefix}"


def _refusal(status: int, reason: str, text: str) -> bytes:
    body = text.encode("utf-8") + b"\n"
    headers = [
        ("content-type", "text/plain;charset=utf-8"),
        ("content-length", str(len(body))),
    ]
    return response_head(status, reason, headers) + body


def _send_body(
    connection: http.client.HTTPConnection,
    stream: io.BufferedReader[ByteStream],
    source: ByteStream,
    length: int,
) -> None:
    """Send exactly ``length`` bytes; the last of them only if nothing follows."""
    remaining = length
    while remaining:
        data = stream.read1(min(CHUNK, remaining))
        if not data:
            raise RequestRefused(
                400,
                "Bad Request",
                f"Request refused: {remaining} of {length} bytes are missing.",
            )
        remaining -= len(data)
        if not remaining and source.has_more(stream):
            raise RequestRefused(
                400,
                "Bad Request",
                f"Request refused: there is more than the announced {length} bytes.",
            )
        connection.send(data)


def _ask(
    connection: http.client.HTTPConnection,
    zope: ZopeServer,
    request: Forwarded,
    stream: io.BufferedReader[ByteStream],
    source: ByteStream,
) -> http.client.HTTPResponse:
    """Send the request and return the answer, whose body is still to be read."""
    connection.putrequest(
        request.method, zope.prefix + request.target, skip_accept_encoding=True
    )
    for name, value in request.headers:
        connection.putheader(name, value.encode("latin-1"))
    connection.putheader("Connection", "close")
    if request.length is not None:
        connection.putheader("Content-Length", str(request.length))
    connection.endheaders()
    if request.length:
        try:
            _send_body(connection, stream, source, request.length)
        except (BrokenPipeError, ConnectionResetError):
            # Zope may have answered without waiting for the whole body.
            return connection.getresponse()
    return connection.getresponse()


def _copy(answer: IO[bytes], write: Callable[[bytes], object], length: int) -> None:
    remaining = length
    while remaining:
        data = answer.read(min(CHUNK, remaining))
        if not data:
            raise AnswerBroken(f"{remaining} of {length} bytes are missing")
        write(data)
        remaining -= len(data)


def _spool(answer: http.client.HTTPResponse, limit: int) -> tuple[IO[bytes], int]:
    """Keep an answer of unknown length in a file, to learn its length."""
    with contextlib.ExitStack() as on_error:
        spool = on_error.enter_context(tempfile.TemporaryFile())
        while data := answer.read(CHUNK):
            spool.write(data)
            if spool.tell() > limit:
                raise AnswerBroken(f"more than {limit} bytes")
        length = spool.tell()
        spool.seek(0)
        on_error.pop_all()
    return spool, length


def _answer(
    answer: http.client.HTTPResponse, write: Callable[[bytes], object], limit: int
) -> None:
    body: IO[bytes] = answer
    length = answer.length
    if length is None:
        body, length = _spool(answer, limit)
    with body:
        headers = answer_headers(answer.getheaders())
        headers.append(("content-length", str(length)))
        write(response_head(answer.status, answer.reason, headers))
        _copy(body, write, length)


def _drain(stream: io.BufferedReader[ByteStream]) -> None:
    remaining = SERVER.drained_size
    while remaining > 0 and (data := stream.read1(CHUNK)):
        remaining -= len(data)


def serve(
    source: ByteStream,
    write: Callable[[bytes], object],
    end: Callable[[], object],
    zope: ZopeServer,
    body_limit: int = DEFAULT.archive_size,
    user: str | None = None,
) -> str:
    """Serve the one request of a session; return a line for the log.

    ``write`` sends all of what it is given, ``end`` says that nothing follows.
    Where ``user`` is given, requests of other Zope users are refused.
    Raises `OSError` where the client is gone, and `AnswerBroken`.
    """
    stream = io.BufferedReader(source, CHUNK)
    try:
        request = read_request(stream, body_limit)
        passed = forwarded(request, user)
    except RequestRefused as error:
        write(_refusal(error.status, error.reason, str(error)))
        end()
        _drain(stream)
        return f"refused {error.status}: {error}"
    line = f"{passed.method} {passed.target}"
    started = False

    def send(data: bytes) -> None:
        nonlocal started
        started = True
        write(data)

    try:
        status = _pass_on(passed, stream, source, send, zope, body_limit)
    except RequestRefused as error:
        write(_refusal(error.status, error.reason, str(error)))
        end()
        return f"{line} refused {error.status}: {error}"
    except _ZopeFailed as error:
        if started:
            raise AnswerBroken(f"{line}: {error}") from error
        write(_refusal(502, "Bad Gateway", str(error)))
        end()
        _drain(stream)
        return f"{line} 502: {error}"
    end()
    return f"{line} {status}"


class _ZopeFailed(Exception):
    """Zope is not there, or does not answer as it should."""


class _ClientFailed(Exception):
    """An error while reading from the client, or writing to it."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


def _pass_on(
    passed: Forwarded,
    stream: io.BufferedReader[ByteStream],
    source: ByteStream,
    send: Callable[[bytes], object],
    zope: ZopeServer,
    limit: int,
) -> int:
    """Have Zope answer; returns the status."""

    def to_client(data: bytes) -> None:
        try:
            send(data)
        except OSError as error:
            raise _ClientFailed(error) from error

    try:
        connection = zope.connect()
        try:
            with _ask(connection, zope, passed, stream, source) as answer:
                _answer(answer, to_client, limit)
                return answer.status
        finally:
            connection.close()
    except _ClientFailed as error:
        raise error.error from None
    except (OSError, http.client.HTTPException, AnswerBroken) as error:
        why = str(error) or type(error).__name__
        raise _ZopeFailed(f"The ssh server got no answer from {zope}: {why}") from error
