"""A body that is made while it is sent ends once, in whatever way."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from zope.app.fssync.server.sentstream import SentStream


class Numbers(SentStream):
    """Sends three pieces, or fails before one of them."""

    def __init__(self, fails_at: int = 3) -> None:
        super().__init__()
        self.released = 0
        self._pieces = self._all(fails_at)

    def _all(self, fails_at: int) -> Generator[bytes, None, None]:
        for number in range(3):
            if number == fails_at:
                raise ValueError("no more")
            yield b"%d" % number
        self.finished = True

    def _release(self) -> None:
        self.released += 1


def test_all_of_it_is_sent() -> None:
    stream = Numbers()
    ended: list[Numbers] = []
    stream.when_ended(ended.append)
    assert b"".join(stream) == b"012"
    stream.close()
    assert (stream.sent, stream.finished, stream.released) == (3, True, 1)
    assert ended == [stream]


def test_an_error_ends_it() -> None:
    stream = Numbers(fails_at=1)
    ended: list[Numbers] = []
    stream.when_ended(ended.append)
    with pytest.raises(ValueError, match="no more"):
        b"".join(stream)
    assert (stream.sent, stream.finished, stream.released) == (1, False, 1)
    assert ended == [stream]


def test_a_client_that_leaves_ends_it() -> None:
    stream = Numbers()
    ended: list[Numbers] = []
    stream.when_ended(ended.append)
    next(stream)
    stream.close()
    assert (stream.sent, stream.finished, stream.released) == (1, False, 1)
    assert ended == [stream]
    assert list(stream) == []
