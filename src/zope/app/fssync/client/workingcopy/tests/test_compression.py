"""Bytes of control data come back as they were, and never as more than they say."""

from __future__ import annotations

import random
import zlib

import pytest

from zope.app.fssync.client.workingcopy.compression import compressed
from zope.app.fssync.client.workingcopy.compression import expanded
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import BLOCK_SIZE

NOISE = random.Random(3).randbytes(3 * BLOCK_SIZE)


@pytest.mark.parametrize(
    "data", [b"", b"x", b"abc" * 9, NOISE, bytes(100), b"ab\n" * 9999]
)
def test_deflated_data_is_restored(data: bytes) -> None:
    assert expanded(compressed(data), len(data)) == data
    assert len(compressed(data)) <= len(data)


def test_data_that_deflates_too_well_is_sent_as_it_is() -> None:
    data = bytes(3 << 20)
    assert compressed(data) == data
    assert len(compressed(bytes(1 << 20))) < 10_000


@pytest.mark.parametrize("size", [1, 99, 101, 5000])
def test_another_size_than_is_told_is_refused(size: int) -> None:
    data = zlib.compress(bytes(100))
    assert expanded(data, 100) == bytes(100)
    with pytest.raises(ValueError, match="deflated data"):
        expanded(data, size)


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    with pytest.raises(LimitExceeded, match="that inflate to"):
        expanded(b"not even deflated", 1 << 40)
