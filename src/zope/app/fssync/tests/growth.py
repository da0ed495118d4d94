"""Compares the processor time of reading an input and one four times as long."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from contextlib import suppress

from zope.app.fssync.protocol import sshframing
from zope.fssync import paths
from zope.fssync.errors import Error

__all__ = ["Make", "check_growth", "cost"]

#: Seconds of processor time that the shorter input takes, at the least.
ENOUGH = 0.01

#: An input four times as long may take so many times as long to read; the square
#: would be 16 times.
MOST = 8

#: Bytes of the longest input that is tried.
LONGEST = 1 << 17

Make = Callable[[int], bytes]


def cost(read: Callable[[bytes], object], data: bytes) -> float:
    """The processor time of reading, the best of some tries."""
    times = []
    for _ in range(2):
        for remembered in (paths._split_short, paths._check_name, paths.is_control):
            remembered.cache_clear()
        # What the collector looks at depends on all that is alive in the process.
        gc.collect()
        gc.disable()
        try:
            began = time.process_time()
            with suppress(Error, sshframing.RequestRefused):
                read(data)
            times.append(time.process_time() - began)
        finally:
            gc.enable()
    return min(times)


def check_growth(read: Callable[[bytes], object], make: Make) -> None:
    gc.collect()
    # Else the collector looks at all that the process has loaded, each time.
    gc.freeze()
    try:
        _check_growth(read, make)
    finally:
        gc.unfreeze()


def _check_growth(read: Callable[[bytes], object], make: Make) -> None:
    count = 50
    while cost(read, make(count)) < ENOUGH and max(count, len(make(count))) < LONGEST:
        count *= 2

    def growth(count: int) -> float:
        # What is refused at once takes no time, of which there are no multiples.
        return cost(read, make(4 * count)) / max(cost(read, make(count)), ENOUGH)

    # Small documents are remembered and memory is had in larger pieces from some size
    # on: such a step is seen once, a cost that grows too fast at every size.
    grown = growth(count)
    assert grown < MOST or growth(4 * count) < MOST, grown
