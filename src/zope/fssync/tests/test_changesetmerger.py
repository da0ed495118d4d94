"""Only what an archive of changes speaks of is merged."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from zope.fssync.changeset import GONE
from zope.fssync.changeset import LIST
from zope.fssync.changeset import TREE
from zope.fssync.changeset import Incomplete
from zope.fssync.changeset import Scope
from zope.fssync.changesetmerger import ScopeMerger
from zope.fssync.files import Tree
from zope.fssync.fsmerger import FSMerger
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.metadata import Metadata
from zope.fssync.repository import SnarfRepository
from zope.fssync.tests.test_fsmerger import WorkingCopy
from zope.fssync.tests.test_fsmerger import served

Files = dict[str, bytes | None]

BEFORE: Files = {
    "demo/a.txt": b"a\n",
    "demo/b.txt": b"b\n",
    "demo/sub/c.txt": b"c\n",
}


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    WorkingCopy(tmp_path).update(served(BEFORE))
    return tmp_path / "demo"


def merge(demo: Path, files: Files, *marks: tuple[str, str]) -> list[str]:
    """Merge what is marked of an archive; return what is told of files."""
    lines: list[str] = []
    metadata = Metadata()
    source = ArchiveSource(SnarfRepository(io.BytesIO(served(files))))
    root = str(demo.parent)
    merger = FSMerger(metadata, lines.append, False, Tree(root), source)
    ScopeMerger(merger, Scope(marks), root).merge(str(demo), "demo")
    metadata.flush()
    told = [line for line in lines if line[0] not in "*/="]
    return [line.replace(f"{root}/", "") for line in told]


def test_unmarked_objects_are_not_examined(demo: Path) -> None:
    changed = {**BEFORE, "demo/a.txt": b"new\n", "demo/b.txt": b"new\n"}
    assert merge(demo, changed) == []
    assert merge(demo, changed, (TREE, "demo/a.txt")) == ["U demo/a.txt"]
    assert (demo / "b.txt").read_bytes() == b"b\n"


def test_objects_the_archive_lacks_are_no_removal(demo: Path) -> None:
    only: Files = {"demo/sub/c.txt": b"new\n"}
    assert merge(demo, only, (TREE, "demo/sub/c.txt")) == ["U demo/sub/c.txt"]
    assert (demo / "a.txt").exists()


def test_objects_marked_as_gone_are_removed(demo: Path) -> None:
    only: Files = {"demo/a.txt": b"a\n"}
    assert merge(demo, only, (GONE, "demo/b.txt")) == ["D demo/b.txt"]
    assert not (demo / "b.txt").exists()


def test_a_list_tells_what_is_no_longer_there(demo: Path) -> None:
    fewer = {path: data for path, data in BEFORE.items() if path != "demo/b.txt"}
    assert merge(demo, fewer, (LIST, "demo")) == ["D demo/b.txt"]
    assert (demo / "a.txt").exists()


def test_a_new_item_has_to_be_sent(demo: Path) -> None:
    more = {**BEFORE, "demo/new.txt": b"new\n"}
    with pytest.raises(Incomplete, match=r"new\.txt"):
        merge(demo, more, (LIST, "demo"))
    marks = ((LIST, "demo"), (TREE, "demo/new.txt"))
    assert merge(demo, more, *marks) == ["U demo/new.txt"]


def test_changes_in_a_directory_that_is_lost_are_not_enough(demo: Path) -> None:
    (demo / "sub" / "c.txt").unlink()
    for path in sorted((demo / "sub").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (demo / "sub").rmdir()
    with pytest.raises(Incomplete, match="sub"):
        merge(demo, BEFORE, (TREE, "demo/sub/c.txt"))
