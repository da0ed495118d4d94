"""An answer after signs of life, see `zope.app.fssync.server.alive`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.app.fssync.client.transport.messages import Headers
from zope.app.fssync.protocol.headers import SIGN
from zope.fssync.errors import ProxyFailed
from zope.fssync.limits import DEFAULT

__all__ = ["arrived"]


class _Delayed:
    """The answer itself, as an `IResponse`."""

    def __init__(self, response: Any, status: int, reason: str, headers: Headers):
        self._response = response
        self.status = status
        self.reason = reason
        self.headers = headers
        self.fp = response.fp

    def close(self) -> None:
        self._response.close()


def arrived(response: Any, told: Callable[[int], object]) -> Any:
    """Return the answer that is to come after signs of life; wait for it.

    ``told`` is called for each sign of life, with the number of objects that the server
    has come by.
    """
    try:
        return _Delayed(response, *_head(response.fp, told))
    except BaseException:
        response.close()
        raise


def _head(stream: Any, told: Callable[[int], object]) -> tuple[int, str, Headers]:
    line = _line(stream)
    while line.startswith(SIGN):
        told(_number(line.removeprefix(SIGN).strip()))
        line = _line(stream)
    status, _, reason = line.partition(" ")
    pairs: list[tuple[str, str]] = []
    for _ in range(DEFAULT.head_lines):
        line = _line(stream)
        if not line:
            return _number(status), reason, Headers(pairs)
        name, colon, value = line.partition(":")
        if not colon:
            raise _invalid()
        pairs.append((name, value.strip()))
    raise _invalid()


def _line(stream: Any) -> str:
    line: bytes = stream.readline(DEFAULT.head_line_size)
    if not line.endswith(b"\n"):
        raise _invalid()
    return line[:-1].decode("latin-1")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise _invalid()
    return int(text)


def _invalid() -> ProxyFailed:
    return ProxyFailed("there is no valid answer after the signs of life")
