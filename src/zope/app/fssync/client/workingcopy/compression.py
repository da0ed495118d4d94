"""Bytes of control data, deflated where that makes them smaller.

What is as long as it should be was not deflated.  The rule: what others may have
made inflates to the size that is told beforehand and to no other, and many
megabytes never come out of a few kilobytes.
"""

from __future__ import annotations

import zlib

from zope.fssync.deflating import inflate
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import INFLATED_FREE
from zope.fssync.limits import INFLATED_RATIO
from zope.fssync.limits import SAMPLE_SIZE
from zope.fssync.limits import SAMPLED_SIZE
from zope.fssync.limits import SAMPLES

__all__ = ["compressed", "expanded"]


#: The fastest: what is gained by others is little.
_level = 1


def compressed(data: bytes, ratio: int = INFLATED_RATIO) -> bytes:
    """Deflate data; what does not shrink is returned as it is."""
    if len(data) > SAMPLED_SIZE and not _shrinks(data):
        return data
    result = zlib.compress(data, _level)
    pays = _is_smaller(result, data) and len(data) <= _most(len(result), ratio)
    return result if pays else data


def _shrinks(data: bytes) -> bool:
    places = range(0, len(data), len(data) // SAMPLES)
    sample = b"".join(data[place : place + SAMPLE_SIZE] for place in places)
    return _is_smaller(zlib.compress(sample, _level), sample)


def _is_smaller(result: bytes, data: bytes) -> bool:
    return len(result) <= len(data) * 15 // 16


def _most(stored: int, ratio: int) -> int:
    """How much may come out of so many bytes."""
    return max(INFLATED_FREE, ratio * stored)


def expanded(data: bytes, size: int, ratio: int = INFLATED_RATIO) -> bytes:
    """Return the ``size`` bytes that `compressed` was given.

    Raises `ValueError` for what says something else, and `LimitExceeded`.
    """
    if len(data) == size:
        return data
    if len(data) > size:
        raise ValueError("deflated data is larger than what it is of")
    if size > _most(len(data), ratio):
        raise LimitExceeded(f"{len(data)} bytes that inflate to {size}")
    result = inflate([data], size)
    if len(result) != size:
        raise ValueError("deflated data is not of the size that is given")
    return result
