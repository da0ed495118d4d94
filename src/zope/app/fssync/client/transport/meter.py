"""Streams that report how much of them was read.

Nothing but the number of bytes is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Metered"]


class Metered:
    """A stream that reports how much of it was read."""

    def __init__(
        self,
        stream: Any,
        phase: str,
        total: int | None,
        progress: Callable[..., object] | None,
    ) -> None:
        self._stream = stream
        self._phase = phase
        self._total = total
        self._progress = progress
        self._done = 0

    def read(self, size: int = -1, /) -> bytes:
        return self._count(self._stream.read(size))

    def readline(self, size: int = -1, /) -> bytes:
        return self._count(self._stream.readline(size))

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> Metered:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _count(self, data: bytes) -> bytes:
        if self._progress is not None:
            self._done += len(data)
            self._progress(self._phase, self._done, self._total)
            if self._phase == "sending" and self._done == self._total:
                self._progress("waiting", 0)
        return data
