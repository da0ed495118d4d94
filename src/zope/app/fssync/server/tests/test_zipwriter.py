"""A zip that is written in pieces, as others read it."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Iterator

import pytest

from zope.app.fssync.server import zipwriter
from zope.app.fssync.server.zipwriter import ZipWriter

FILES = {"d/": b"", "d/a.txt": b"some text\n" * 100, "d/\u00fc": b"\0\xff", "e": b""}


def written(files: dict[str, bytes]) -> bytes:
    def all_of_it() -> Iterator[bytes]:
        for name, content in files.items():
            pieces = [content[:5], content[5:]]
            yield from writer.member(name, len(content), pieces, 0o100644)
        yield from writer.directory()

    writer = ZipWriter()
    found = b"".join(all_of_it())
    writer.close()
    return found


def read(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def test_zipwriter_is_read_as_it_was_written() -> None:
    assert read(written(FILES)) == FILES
    assert read(written({})) == {}
    with zipfile.ZipFile(io.BytesIO(written(FILES))) as found:
        first, second, *_ = found.infolist()
    assert first.is_dir()
    assert second.external_attr >> 16 == 0o100644
    assert second.compress_size < second.file_size
    assert second.date_time == (1980, 1, 1, 0, 0, 0)


@pytest.mark.parametrize(("limit", "value"), [("ZIP64_SIZE", 0), ("_LARGE", 20)])
def test_large_data_has_the_form_for_large_data(
    limit: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = written(FILES)
    monkeypatch.setattr(zipwriter, limit, value)
    large = written(FILES)
    assert len(large) > len(small)
    assert read(large) == FILES


@pytest.mark.slow
def test_there_may_be_many() -> None:
    files = {f"{number}": b"" for number in range(0x10000)}
    assert len(read(written(files))) == 0x10000


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_members() -> None:
    def peak(number: int) -> int:
        writer = ZipWriter()
        tracemalloc.start()
        for each in range(number):
            for _ in writer.member(f"{each:06}", 1, [b"x"], 0):
                pass
        for _ in writer.directory():
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        writer.close()
        return found

    assert peak(4000) < 2 * peak(100) + 100_000
