"""Changes of a tree with packs are made together, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges
from zope.app.fssync.client.workingcopy.staging import Changes
from zope.fssync.files import Tree


@pytest.fixture
def changes(tmp_path: Path) -> CompactChanges:
    (tmp_path / "@@Zope").mkdir()
    (tmp_path / "d" / "@@Zope").mkdir(parents=True)
    return CompactChanges(Changes(str(tmp_path)), compact=True)


def original(tmp_path: Path) -> str | None:
    files = CompactTree(Tree(), compact=True)
    return files.kind(str(tmp_path / "d" / "@@Zope" / "Original" / "n"))


def write(changes: CompactChanges, tmp_path: Path) -> None:
    path = tmp_path / "d" / "@@Zope" / "Original" / "n"
    changes.write(str(path), [b"x"])
    assert changes.kind(str(path)) == "file"


def test_apply_writes_what_waits_in_packs(
    changes: CompactChanges, tmp_path: Path
) -> None:
    write(changes, tmp_path)
    assert original(tmp_path) is None
    assert changes.apply() == []
    assert original(tmp_path) == "file"


@pytest.mark.parametrize("drop", ["restart", "abandon"])
def test_dropped_changes_leave_nothing(
    changes: CompactChanges, tmp_path: Path, drop: str
) -> None:
    write(changes, tmp_path)
    getattr(changes, drop)()
    path = tmp_path / "d" / "@@Zope" / "Original" / "n"
    assert changes.kind(str(path)) is None
    assert original(tmp_path) is None


def test_edited_names_files_that_were_read_and_changed(
    changes: CompactChanges, tmp_path: Path
) -> None:
    path = tmp_path / "d" / "n"
    path.write_bytes(b"old")
    with changes.open(str(path)) as stream:
        assert stream.read() == b"old"
    changes.write(str(path), [b"new"])
    assert changes.edited() == []
    path.write_bytes(b"edited")
    assert changes.edited() == [str(path)]
