"""Blobs as parts of objects."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from ZODB.blob import Blob
from zope.interface.verify import verifyObject

from zope.app.fssync.content.blobpart.adapter import BlobSynchronizer
from zope.app.fssync.content.tests.registering import registered
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.limits import CHUNK


@pytest.mark.parametrize("size", [0, 1, CHUNK + 1])
def test_any_size_comes_back(size: int) -> None:
    blob, out = Blob(), io.BytesIO()
    BlobSynchronizer(blob).load(io.BytesIO(b"x" * size))
    synchronizer = BlobSynchronizer(blob)
    assert (synchronizer.length(), synchronizer.size()) == (size, size)
    synchronizer.dump(out)
    assert out.getvalue() == b"x" * size


def test_a_shorter_content_replaces_a_longer_one() -> None:
    blob = Blob()
    for content in (b"a longer one", b"short"):
        BlobSynchronizer(blob).load(io.BytesIO(content))
    assert b"".join(BlobSynchronizer(blob).pieces()) == b"short"


def test_blobpart_adapter_keeps_its_contract() -> None:
    synchronizer = BlobSynchronizer(Blob())
    for interface in (IFileSynchronizer, IStreamedSerializer):
        assert verifyObject(interface, synchronizer)


def test_blobs_have_it_for_those_who_may_read_pickles() -> None:
    found = registered("zope.app.fssync.content.blobpart", Blob())
    assert found is not None
    assert (found.factory, found.permission) == (BlobSynchronizer, "zope.ManageSite")


class Zeros:
    """A large file of zeros."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int) -> bytes:
        size = min(size, self.left)
        self.left -= size
        return bytes(size)


def test_memory_does_not_grow_with_a_blob() -> None:
    blob, size = Blob(), 256 << 20
    tracemalloc.start()
    try:
        BlobSynchronizer(blob).load(Zeros(size))
        read = sum(map(len, BlobSynchronizer(blob).pieces()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert read == size
    assert peak < 8 * CHUNK
