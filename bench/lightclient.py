"""A client that repeats the requests of one of zsync, and costs next to nothing.

On a machine that clients and servers share, the former leave little of the processor
to the latter.  This one keeps no working copy: it records the requests of an update, of
two commits that change a file and change it back, and of a checkout, and sends them
again with its own state and a new id for each commit.
"""

from __future__ import annotations

import io
import re
import socket
import time
import uuid
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import IO
from typing import Any
from typing import NamedTuple
from urllib.parse import urlsplit

from zope.app.fssync.client.transport.http import HTTPTransport
from zope.app.fssync.protocol.headers import STATE

__all__ = ["LightClient", "recording"]

#: The id of a commit in the target of a request.
_ID = re.compile(r"(?<=commit=)[0-9a-f-]+")


class Request(NamedTuple):
    """A request as it was sent."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes | None


@contextmanager
def recording() -> Iterator[list[Request]]:
    """Record the requests of this process."""
    send = HTTPTransport.request
    sent: list[Request] = []

    def request(
        self: HTTPTransport,
        method: str,
        target: str,
        headers: Any,
        body: Any = None,
        length: int | None = None,
    ) -> Any:
        data = None if body is None else body.read()
        sent.append(Request(method, target, list(headers), data))
        again = None if data is None else io.BytesIO(data)
        return send(self, method, target, headers, again, length)

    HTTPTransport.request = request
    try:
        yield sent
    finally:
        HTTPTransport.request = send


class LightClient:
    """Sends recorded requests again, on one connection.

    ``record`` does something with zsync, and returns the requests.  Responses are read
    to their end, and only what is needed of their headers is kept.
    """

    def __init__(self, url: str, record: Callable[[str], list[Request]]) -> None:
        parts = urlsplit(url)
        self._address = parts.hostname or "", parts.port or 80
        self._stream: IO[bytes] | None = None
        self._requests = {verb: _last(record(verb)) for verb in ("checkout", "update")}
        self._commits = cycle([_last(record("change")), _last(record("change"))])
        headers = self._requests["update"].headers
        self._state = dict(headers)[STATE]

    def checkout(self) -> int:
        return self._send(self._requests["checkout"], keep=False)

    def update(self) -> int:
        return self._send(self._requests["update"])

    def commit(self) -> int:
        return self._send(next(self._commits))

    def _send(self, request: Request, keep: bool = True) -> int:
        """Send a request with the own state; return the status of the response."""
        headers = dict(request.headers)
        if keep:
            headers[STATE] = self._state
        target = _ID.sub(lambda found: _another(found[0]), request.target)
        body = request.body or b""
        if request.body is not None:
            headers["Content-Length"] = str(len(body))
        lines = [f"{request.method} {target} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        data = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
        while True:
            status, said = self._exchange(data)
            pause = said.get("retry-after")
            if status != 503 or pause is None:
                if keep:
                    self._state = said.get(STATE.lower(), self._state)
                return status
            # As zsync does where the server is busy.
            time.sleep(float(pause))

    def _exchange(self, data: bytes) -> tuple[int, dict[str, str]]:
        """Send a request; return the status and the headers of the response."""
        if self._stream is None:
            connection = socket.create_connection(self._address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._stream = connection.makefile("rwb")
            connection.close()
        stream = self._stream
        stream.write(data)
        stream.flush()
        status = int(stream.readline().split()[1])
        headers = {}
        while line := stream.readline().strip().decode("latin-1"):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        _skip_body(stream, headers)
        if headers.get("connection") == "close":
            stream.close()
            self._stream = None
        return status, headers


def _skip_body(stream: IO[bytes], headers: dict[str, str]) -> None:
    if headers.get("transfer-encoding") == "chunked":
        while size := int(stream.readline(), 16):
            stream.read(size + 2)
        stream.readline()
    else:
        length = headers.get("content-length")
        stream.read(-1 if length is None else int(length))


def _last(requests: list[Request]) -> Request:
    """The request that the others prepare."""
    return requests[-1]


def _another(commit: str) -> str:
    """Return another id, of the form of the given one."""
    nonce, _, _ = commit.rpartition("-")
    return f"{nonce}-{uuid.uuid4().hex}"
