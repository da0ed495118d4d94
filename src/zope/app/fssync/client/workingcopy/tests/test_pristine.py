"""The base of a directory: what is in its pack, and what waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.pristine import Base
from zope.fssync.files import Tree


@pytest.fixture
def base(tmp_path: Path) -> Base:
    return Base(Tree(), str(tmp_path))


def again(base: Base) -> Base:
    return Base(Tree(), base.control)


def test_waiting_contents_are_there_and_not_written(base: Base) -> None:
    base.write("Original/a", b"a")
    assert base.kind("Original/a") == "file"
    assert base.kind("Original") == "dir"
    assert base.kind("Origin") is None
    assert base.open("Original/a").read() == b"a"
    assert not Path(base.path).exists()


def test_written_entries_are_found_again(base: Base) -> None:
    base.write("Original/a", b"a")
    base.write("Extra/b/x", b"x")
    base.flush()
    other = again(base)
    assert sorted(other.index) == ["Extra/b/x", "Original/a"]
    assert b"".join(other.pieces("Extra/b/x")) == b"x"
    assert other.listdir("Extra") == ["b"]
    assert not other.is_spoiled("Original/a")


def test_an_equal_content_is_no_change(base: Base) -> None:
    base.write("Original/a", b"a")
    base.flush()
    base.write("Original/a", b"a")
    assert not base.changed
    base.write("Original/a", b"b")
    assert base.changed


@pytest.mark.parametrize("looked", [True, False])
def test_directories_come_and_go_with_their_members(base: Base, looked: bool) -> None:
    if looked:
        assert base.listdir("") == []
    base.write("Extra/b/x", b"x")
    base.write("Extra/b/y", b"y")
    base.write("Original/a", b"a")
    base.remove("Extra/b/x")
    assert base.kind("Extra/b") == "dir"
    base.remove("Extra/b/y")
    assert base.kind("Extra/b") is None
    assert base.kind("Extra") is None
    assert base.listdir("") == ["Original"]


def test_removing_a_directory_keeps_its_neighbours(base: Base) -> None:
    for name in ("Extra/b/x", "Extra/bc", "Extra/b!"):
        base.write(name, b"x")
    base.remove_below("Extra/b")
    base.remove_below("Extra/nothing")
    assert sorted(base.index) == ["Extra/b!", "Extra/bc"]


def test_a_pack_without_members_is_removed(base: Base) -> None:
    base.write("Original/a", b"a")
    base.flush()
    assert Path(base.path).exists()
    base.remove("Original/a")
    base.flush()
    assert not Path(base.path).exists()
    base.flush()


def test_a_spoiled_content_is_told_from_the_others(base: Base) -> None:
    base.write("Original/a", b"what stands as it is")
    base.flush()
    path = Path(base.path)
    path.write_bytes(path.read_bytes().replace(b"stands", b"sTands"))
    assert again(base).is_spoiled("Original/a")
