"""An answer after signs of life is the answer; what is none is refused."""

from __future__ import annotations

import io
from typing import Any

import pytest

from zope.app.fssync.client.transport.delayed import arrived
from zope.fssync.errors import ProxyFailed

SIGNS = b"wait 0\nwait 12\n"
HEAD = b"409 Conflict\nContent-Type: text/plain\nX-Odd: a: b\n\n"


class Response:
    def __init__(self, body: bytes) -> None:
        self.fp = io.BytesIO(body)
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_status_headers_and_body_are_those_after_the_signs() -> None:
    told: list[int] = []
    response = Response(SIGNS + HEAD + b"wait 3\n")
    found: Any = arrived(response, told.append)
    assert told == [0, 12]
    assert (found.status, found.reason) == (409, "Conflict")
    assert dict(found.headers) == {"Content-Type": "text/plain", "X-Odd": "a: b"}
    assert found.fp.read() == b"wait 3\n"
    found.close()
    assert response.closed


@pytest.mark.parametrize(
    "body",
    [
        b"",
        SIGNS,
        SIGNS + HEAD[:-1],
        b"wait -1\n" + HEAD,
        b"wait " + b"1" * 20 + b"\n" + HEAD,
        "wait \u0661\n".encode() + HEAD,
        b"OK\n\n",
        b"200 OK\nno header\n\n",
        b"200 OK\n" + b"X: y\n" * 1000 + b"\n",
        b"w" * 1_000_000 + b"\n",
    ],
)
def test_anything_else_is_an_error_after_which_nothing_is_known(
    body: bytes,
) -> None:
    response = Response(body)
    with pytest.raises(ProxyFailed):
        arrived(response, lambda objects: None)
    assert response.closed
