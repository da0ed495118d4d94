"""Bodies of any size go through memory in pieces, both ways."""

import hashlib
import io
import tracemalloc

import pytest
import transaction
import ZODB
from OFS.Image import File
from OFS.Image import Pdata

from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.fssync.limits import CHUNK
from zope.fssync.limits import SAVEPOINT_CHUNKS
from zope.fssync.synchronizer import getSynchronizer

SIZE = 96 << 20


class Pattern:
    """A file that is never in memory as a whole."""

    def __init__(self, size):
        self.left = size
        self.digest = hashlib.sha256()

    def read(self, size):
        data = self.left.to_bytes(8, "big") * (min(size, self.left, 50000) // 8 or 1)
        data = data[: min(size, self.left)]
        self.left -= len(data)
        self.digest.update(data)
        return data


class Sink:
    def __init__(self):
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data):
        self.digest.update(data)
        self.size += len(data)


@pytest.mark.parametrize(
    "size",
    [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, (SAVEPOINT_CHUNKS + 2) * CHUNK + 7],
)
def test_any_size_comes_back(site, other, size):
    content = bytes(range(256)) * (size // 256 + 1)

    def make(folder):
        folder._setObject("f", File("f", "", io.BytesIO(content[:size])))
        return "f"

    site.make(make)
    files = site.checkout("/folder")
    assert files["folder/f"] == content[:size]
    other.checkin(files, "folder")
    there = other.app.folder.f
    assert bytes(there.data) == content[:size]
    assert there.get_size() == size


def test_an_image_of_several_chunks_knows_its_size(site):
    content = samples.GIF + bytes(3 * CHUNK)
    image = site.make(samples.image)
    files = site.checkout("/folder")
    files.edit("folder/i.gif", content)
    site.commit("/folder", files)
    assert isinstance(image.data, Pdata)
    assert bytes(image.data) == content
    assert (image.width, image.height, image.content_type) == (2, 3, "image/gif")


@pytest.fixture
def stored(types, tmp_path):
    """A file in a database on disk."""
    database = ZODB.DB(str(tmp_path / "Data.fs"))
    connection = database.open()
    file = connection.root()["file"] = File("file", "", b"")
    transaction.commit()
    yield file
    transaction.abort()
    connection.close()
    database.close()


@pytest.mark.slow
def test_memory_stays_flat(stored):
    pattern, sink = Pattern(SIZE), Sink()
    tracemalloc.start()
    try:
        getSynchronizer(stored).load(pattern)
        transaction.commit()
        stored._p_jar.cacheMinimize()
        getSynchronizer(stored).dump(sink)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert stored.get_size() == sink.size == SIZE
    assert sink.digest.digest() == pattern.digest.digest()
    assert peak < 32 << 20
