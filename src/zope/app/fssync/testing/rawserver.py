"""A server that answers with the bytes a test wants, and remembers the requests."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from zope.app.fssync.testing import recorded

Answer = bytes | Callable[[socket.socket], None]


@dataclass
class Request:
    line: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int

    def header(self, name: str) -> str | None:
        values = self.all(name)
        return values[0] if values else None

    def all(self, name: str) -> list[str]:
        return [v for n, v in self.headers if n.lower() == name.lower()]


def answer(
    body: bytes = b"",
    kind: str = "application/x-snarf",
    status: str = "200 Ok",
    length: int | None = None,
    extra: str = "",
    old: bool = False,
) -> bytes:
    """An answer of a server of today, or of an old one."""
    if not old:
        extra += "X-FSSync-Server: 4\r\n"
    length = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n"
    return f"{head}{extra}\r\n".encode() + body


def recorded_answer(name: str) -> bytes:
    """Return an answer that a server of 3.6.0 gave, as a server of today gives it."""
    data = recorded(f"http/{name}.response")
    return data.replace(b"\r\n", b"\r\nX-FSSync-Server: 4\r\n", 1)


@dataclass
class RawServer:
    """Gives the next answer to each request.

    An answer that is a function gets the connection, instead of the request
    being read where ``unread`` says so.  A connection is kept as long as the
    client keeps it, unless the answer says ``Connection: close``.
    """

    answers: list[Answer]
    context: ssl.SSLContext | None = None
    family: socket.AddressFamily = socket.AF_INET
    unread: bool = False
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> RawServer:
        self._socket = socket.socket(self.family)
        host = "::1" if self.family == socket.AF_INET6 else "127.0.0.1"
        self._socket.bind((host, 0))
        self._socket.listen()
        self.port = self._socket.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(
                target=self._serve, args=(connection, self.connections), daemon=True
            ).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            self._converse(connection, number)
        except OSError:
            pass  # the client went away, as some tests want it to
        finally:
            connection.close()

    def _converse(self, connection: socket.socket, number: int) -> None:
        stream = connection.makefile("rb")
        while self.answers:
            if not self.unread and not self._read(stream, number):
                return
            given = self.answers.pop(0)
            if not isinstance(given, bytes):
                given(connection)
                return
            connection.sendall(given)
            if b"connection: close" in given.lower():
                return
        stream.read()  # until the client has enough

    def _read(self, stream, number: int) -> bool:
        line = stream.readline().decode("latin-1").strip()
        if not line:
            return False
        headers = []
        while text := stream.readline().decode("latin-1").strip():
            name, _, value = text.partition(":")
            headers.append((name, value.strip()))
        request = Request(line, headers, b"", number)
        request.body = stream.read(int(request.header("Content-Length") or 0))
        self.requests.append(request)
        return True
