"""A client that repeats the requests of one of zsync, and costs next to nothing.

On a machine that clients and servers share, the former leave little of the processor
to the latter.  This one keeps no working copy: it records the requests of an update, of
two commits that change a file and change it back, and of a checkout, and sends them
again with its own state and a new id for each commit.
"""

from __future__ import annotations

import http.client
import io
import re
import time
import uuid
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
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

    ``record`` does something with zsync, and returns the requests.
    """

    def __init__(self, url: str, record: Callable[[str], list[Request]]) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
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
        while True:
            self._connection.request(request.method, target, request.body, headers)
            with self._connection.getresponse() as response:
                while response.read(1 << 16):
                    pass
                pause = response.headers.get("Retry-After")
                if response.status != 503 or pause is None:
                    if keep:
                        self._state = response.headers.get(STATE, self._state)
                    return response.status
            # As zsync does where the server is busy.
            time.sleep(float(pause))


def _last(requests: list[Request]) -> Request:
    """The request that the others prepare."""
    return requests[-1]


def _another(commit: str) -> str:
    """Return another id, of the form of the given one."""
    nonce, _, _ = commit.rpartition("-")
    return f"{nonce}-{uuid.uuid4().hex}"
