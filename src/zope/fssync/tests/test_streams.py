"""Streams are read in pieces, spooled and compared."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from zope.fssync.errors import ArchiveDamaged
from zope.fssync.limits import CHUNK
from zope.fssync.streams import Spool
from zope.fssync.streams import exact_chunks
from zope.fssync.streams import same_content
from zope.fssync.streams import spooled


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (b"", b"", True),
        (b"a", b"a", True),
        (b"a", b"", False),
        (b"", b"a", False),
        (b"ab", b"a", False),
        (b"x" * 70_000, b"x" * 70_000, True),
        (b"x" * 70_000, b"x" * 69_999 + b"y", False),
        (b"x" * 65_536, b"x" * 65_537, False),
    ],
)
def test_content_is_compared_to_the_very_end(first, second, same):
    assert same_content(io.BytesIO(first), io.BytesIO(second)) is same


def test_content_is_compared_across_short_reads():
    class Dripping(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 3))

    assert same_content(io.BytesIO(b"abcdefgh"), Dripping(b"abcdefgh"))
    assert same_content(Dripping(b"abcdefgh"), io.BytesIO(b"abcdefgh"))
    assert not same_content(io.BytesIO(b"abcdefgh"), Dripping(b"abcdefgX"))


@pytest.mark.parametrize("size", [0, 5, 100])
def test_a_spool_is_one_file_in_memory_or_on_disk(size):
    with spooled([b"one ", b"two ", b"three"], size) as stream:
        assert stream.tell() == 13
        stream.seek(0)
        assert stream.read() == b"one two three"
        assert isinstance(stream, io.BytesIO) == (size == 100)


@pytest.mark.parametrize("size", [0, 100])
def test_spooling_raises_what_its_source_raises(size):
    def broken():
        yield b"one"
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        spooled(broken(), size)


def test_exact_chunks_have_so_many_bytes_and_no_more():
    stream = io.BytesIO(b"x" * CHUNK + b"yz")
    short = ArchiveDamaged("too short")
    pieces = list(exact_chunks(stream, CHUNK + 1, short))
    assert pieces == [b"x" * CHUNK, b"y"]
    assert list(exact_chunks(stream, 0, short)) == []
    with pytest.raises(ArchiveDamaged, match="too short"):
        list(exact_chunks(stream, 2, short))


@pytest.mark.parametrize("size", [0, 5, 100])
def test_a_spool_is_the_same_file_in_memory_and_on_the_disk(size: int) -> None:
    with Spool(size) as stream:
        for piece in (b"abc", b"defg", b"h"):
            assert stream.write(piece) == len(piece)
        assert stream.tell() == 8
        stream.seek(1)
        assert stream.write(b"BCDEF") == 5
        assert stream.read() == b"gh"
        stream.seek(0)
        assert stream.read() == b"aBCDEFgh"


def test_a_small_spool_loads_no_tempfile() -> None:
    code = (
        "import sys\n"
        "from zope.fssync.streams import Spool\n"
        "with Spool(5) as stream:\n"
        "    stream.write(b'12345')\n"
        "    assert 'tempfile' not in sys.modules\n"
        "    stream.write(b'6')\n"
        "    assert 'tempfile' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
