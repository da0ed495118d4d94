"""The gate for the names and the sizes in an uploaded zip."""

from __future__ import annotations

import io
import stat
import struct
import tracemalloc
import zipfile

import pytest

from zope.app.fssync.server.uploaded import Upload
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PathRefused
from zope.fssync.limits import ServerLimits

SMALL = ServerLimits(uploaded_files=3, uploaded_size=100)


def made(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return stream.getvalue()


def upload(data: bytes, limits: ServerLimits = SMALL) -> Upload:
    return Upload(io.BytesIO(data), limits)


def directory(count: int, comment: bytes) -> bytes:
    """Return a zip that is nothing but a directory of many members."""
    member = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 3, 20, *[0] * 15)
    size = len(member) * count
    end = struct.pack("<4s4H2LH", b"PK\5\6", *[0] * 4, size, 0, len(comment))
    return member * count + end + comment


@pytest.mark.parametrize("comment", [b"", b"a comment", b"PK\5\6"])
def test_a_directory_of_many_members_costs_nothing(comment: bytes) -> None:
    data = directory(200_000, comment)
    tracemalloc.start()
    try:
        with pytest.raises((LimitExceeded, ArchiveDamaged)):
            Upload(io.BytesIO(data))
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_the_members_of_a_zip_in_a_zip_do_not_count() -> None:
    inner = made(*((f"{number}", b"") for number in range(9)))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as file:
        file.writestr("inner.zip", inner)
    found = upload(stream.getvalue(), ServerLimits(uploaded_files=3))
    assert found.read("inner.zip") == inner


def test_files_have_their_folders() -> None:
    found = upload(made(("a/b/c.txt", b"c"), ("d/", b""), ("__MACOSX/x", b"")))
    assert found.files == {"a/b/c.txt"}
    assert found.directories == {"a", "a/b", "d"}
    assert found.read("a/b/c.txt") == b"c"


@pytest.mark.parametrize(
    "name",
    ["../a", "a/../b", "/a", "a//b", ".git/x", "@@Zope/x", "a"],
)
def test_a_name_that_is_no_path_is_refused(name: str) -> None:
    with pytest.raises(PathRefused):
        upload(made((name, b"")))


@pytest.mark.parametrize(
    ("first", "second"),
    [("a", "A"), ("\u00e9", "e\u0301"), ("a", "a/b"), ("a/b", "a"), ("a/x", "A/y")],
)
def test_names_that_are_equal_somewhere_are_refused(first: str, second: str) -> None:
    with pytest.raises(PathRefused, match=r"twice|one name"):
        upload(made((first, b""), (second, b"")))


def test_a_link_is_refused() -> None:
    info = zipfile.ZipInfo("a")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(PathRefused, match="link"):
        upload(made((info, b"/etc/passwd")))


def test_a_bomb_is_refused_before_it_is_read() -> None:
    with pytest.raises(LimitExceeded):
        upload(made(("a", b"\0" * 101)))
    with pytest.raises(LimitExceeded):
        upload(made(*((str(number), b"") for number in range(4))))


@pytest.mark.parametrize("size", [10, 0xFFFFFFFE])
def test_a_size_that_is_not_true_is_found(size: int) -> None:
    data = bytearray(made(("a", b"\0" * 99)))
    place = data.rindex(b"PK\1\2") + 24
    data[place : place + 4] = size.to_bytes(4, "little")
    with pytest.raises(Error):
        upload(bytes(data)).read("a")


@pytest.mark.parametrize(
    "data", [b"", b"PK", made(("a", b"x"))[:-5]], ids=["nothing", "begun", "cut off"]
)
def test_invalid_zip_is_refused(data: bytes) -> None:
    with pytest.raises(ArchiveDamaged):
        upload(data)


def test_an_impossible_place_is_damage() -> None:
    data = bytearray(made(("a", b"x")))
    data[-6:-2] = (0xFFFFFFF0).to_bytes(4, "little")
    with pytest.raises(ArchiveDamaged, match="damaged"):
        upload(bytes(data)).read("a")


def test_a_name_in_another_encoding_is_refused_with_a_way_out() -> None:
    data = made(("m\u00fc.txt", b"")).replace("\u00fc".encode(), b"\x81\x81")
    data = data.replace(b"\x00\x08", b"\x00\x00")
    with pytest.raises(PathRefused, match="upload the folder"):
        upload(data)


def test_damage_is_found() -> None:
    data = made(("a", b"abcdefgh" * 8))
    broken = data[:33] + bytes([data[33] ^ 0xFF]) + data[34:]
    with pytest.raises(ArchiveDamaged, match="damaged"):
        upload(broken).read("a")


def test_a_name_in_utf_8_need_not_say_so() -> None:
    data = made(("\u00fc.txt", b"")).replace(b"\x00\x08", b"\x00\x00")
    assert upload(data).files == {"\u00fc.txt"}
