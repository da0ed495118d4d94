"""Small archives on their way, and what pretends to be one."""

from __future__ import annotations

import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import Limits
from zope.fssync.snarf import deflated
from zope.fssync.snarf import inflated

FEW = Limits(deflated_size=1000)


@given(st.binary(max_size=2000))
def test_deflated_objects_come_out_again(data: bytes) -> None:
    small = deflated(io.BytesIO(data))
    assert small is not None
    assert inflated(io.BytesIO(small)).read() == data


def test_a_large_archive_is_left_as_it_is() -> None:
    assert deflated(io.BytesIO(bytes(1001)), FEW) is None
    assert deflated(io.BytesIO(bytes(1000)), FEW) is not None


def test_a_bomb_is_refused() -> None:
    bomb = io.BytesIO(zlib.compress(bytes(100_000_000)))
    with pytest.raises(LimitExceeded):
        inflated(bomb, FEW)
    # It was not read to its end.
    assert bomb.tell() < 100_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no archive",
        zlib.compress(b"hello")[:-1],
        zlib.compress(b"hello") + b"more",
        b"\x1f\x8b" + zlib.compress(b"hello"),
    ],
)
def test_a_body_that_is_not_deflated_is_refused(data: bytes) -> None:
    with pytest.raises(ArchiveDamaged):
        inflated(io.BytesIO(data))


@given(st.binary(max_size=200))
def test_anything_is_refused_or_read(data: bytes) -> None:
    try:
        inflated(io.BytesIO(data), FEW)
    except (ArchiveDamaged, LimitExceeded):
        pass
