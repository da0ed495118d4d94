"""The bodies of responses that are generated while they are sent."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Generator
from typing import Any
from typing import Self

__all__ = ["SentStream"]


class SentStream:
    """An iterator over the bytes of a response, for `IViewRequest.stream`.

    It closes itself at its end and after an error; a server closes it once more, or
    earlier if the client disconnects.  Subclasses set ``_pieces``, which sets
    ``finished`` at its end, and release resources in `_release`.
    """

    #: The numbers of objects that were read, and that the caller may not see.
    objects = withheld = 0

    _pieces: Generator[bytes, None, None]

    def __init__(self) -> None:
        #: The number of bytes sent, and whether they are complete.
        self.sent = 0
        self.finished = False
        self._is_closed = False
        self._when_ended: Callable[[Any], None] | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._pieces)
        except BaseException:
            self.close()
            raise
        self.sent += len(piece)
        return piece

    def when_ended(self, function: Callable[[Any], None]) -> None:
        """Register a function that is called with the stream when that ends."""
        self._when_ended = function

    def close(self) -> None:
        """Release resources and call the registered function, once."""
        if self._is_closed:
            return
        self._is_closed = True
        self._pieces.close()
        self._release()
        if self._when_ended is not None:
            self._when_ended(self)

    def _release(self) -> None:
        """Release the resources of the stream."""
        raise NotImplementedError
