"""An archive as a zip: the files of a checkout of layout 3."""

from __future__ import annotations

import io
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from typing import IO

import pytest

from zope.app.fssync.server.uploaded import Base
from zope.app.fssync.server.uploaded import Upload
from zope.app.fssync.server.zipped import ZippedArchive
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.errors import PathRefused
from zope.fssync.metadata import dump_entries
from zope.fssync.snarf import Snarfer


def archive(files: dict[str, bytes]) -> IO[bytes]:
    stream = tempfile.TemporaryFile()  # noqa: SIM115
    made = Archive(files)
    stream.write(made.dump())
    return stream


def entries(*names: str, **more: str) -> bytes:
    return dump_entries({name: {"type": "T", "factory": "F", **more} for name in names})


def read(zipped: ZippedArchive) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(zipped)))


FILES = {
    "@@Zope/Entries.xml": entries("demo"),
    "demo/@@Zope/Entries.xml": entries("a"),
    "demo/@@Zope/Extra/a/@@Zope/Entries.xml": entries("large", "odd", "said"),
    "demo/@@Zope/Extra/a/said": b"yes",
    "demo/@@Zope/Extra/a/odd": b"\xff",
    "demo/@@Zope/Extra/a/large": b"x" * 100_000,
    "demo/a": b"content",
}


def test_objects_no_description_holds_lie_aside() -> None:
    found = read(ZippedArchive(archive(FILES)))
    assert found.testzip() is None
    assert found.read("demo/a") == b"content"
    assert b"said" in found.read("demo/@@a.meta")
    assert found.read("demo/@@a.parts/Extra/odd") == b"\xff"
    assert len(found.read("demo/@@a.parts/Extra/large")) == 100_000


def test_the_same_objects_have_the_same_bytes() -> None:
    first, second = (b"".join(ZippedArchive(archive(FILES))) for _ in range(2))
    assert first == second


def test_closing_gives_the_archive_back() -> None:
    stream = archive(FILES)
    zipped = ZippedArchive(stream)
    next(zipped)
    zipped.close()
    assert stream.closed


def test_a_user_who_counts_exchanges_is_told_when_it_has_ended() -> None:
    for is_read in (True, False):
        told: list[tuple[int, bool, int]] = []
        zipped = ZippedArchive(archive(FILES), withheld=3)
        zipped.when_ended(
            lambda each, told=told: told.append(  # type: ignore[misc]
                (each.sent, each.finished, each.objects + each.withheld)
            )
        )
        size = sum(map(len, zipped)) if is_read else 0
        zipped.close()
        assert told == [(size, is_read, 5 if is_read else 3)]


def _large(size: int) -> Iterator[bytes]:
    for _ in range(size):
        yield b"x" * (1 << 20)


def test_memory_does_not_grow_with_a_file() -> None:
    stream = tempfile.TemporaryFile()  # noqa: SIM115
    snarfer = Snarfer(stream)
    snarfer.addbytes(entries("a"), "@@Zope/Entries.xml")
    with tempfile.TemporaryFile() as content:
        content.writelines(_large(20))
        content.seek(0)
        snarfer.addstream(content, 20 << 20, "a")
    tracemalloc.start()
    size = sum(map(len, ZippedArchive(stream)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0 < size < 1 << 20
    assert peak < 2 << 20


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (FILES, "demo/@@.base"),
        ({"@@Zope/Entries.xml": entries("a"), "a": b"content"}, "@@.base"),
    ],
)
def test_zipped_tells_when_it_was_made(files: dict[str, bytes], place: str) -> None:
    base = Base(bytes.fromhex("0411af3c6d2e8100"), bytes(8))
    data = b"".join(ZippedArchive(archive(files), base=base))
    assert place in zipfile.ZipFile(io.BytesIO(data)).namelist()
    upload = Upload(io.BytesIO(data))
    assert upload.base == base
    assert place not in upload.files
    assert Upload(io.BytesIO(b"".join(ZippedArchive(archive(files))))).base is None


def test_zipped_tells_that_once() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("@@.base", "")
        made.writestr("demo/@@.base", "")
    with pytest.raises(PathRefused, match="twice"):
        Upload(stream)
