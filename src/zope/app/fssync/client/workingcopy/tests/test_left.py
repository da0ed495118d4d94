"""What a conversion moves away is removed when all is done, and no edit with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.left import LEFT
from zope.app.fssync.client.workingcopy.left import Left
from zope.app.fssync.client.workingcopy.left import remove_all
from zope.app.fssync.client.workingcopy.staging import Changes
from zope.app.fssync.testing import snapshot
from zope.fssync.files import signature_at


@pytest.fixture
def root(tmp_path: Path) -> Path:
    extras = tmp_path / "docs" / "@@Zope" / "Extra" / "a.txt"
    extras.mkdir(parents=True)
    (extras / "title").write_bytes(b"old")
    (extras / "size").write_bytes(b"1")
    (tmp_path / "@@Zope").mkdir()
    (tmp_path / "@@Zope" / "Root").write_bytes(b"http://localhost\n")
    return tmp_path


def looks(directory: Path) -> dict[str, list[int]]:
    found = {str(p): signature_at(str(p)) for p in directory.rglob("*") if p.is_file()}
    return {path: look for path, look in found.items() if look is not None}


def test_it_is_gone_in_the_end(root: Path) -> None:
    changes = Changes(str(root))
    left = Left(changes, str(root))
    extra = root / "docs" / "@@Zope" / "Extra"
    left.take(str(extra), looks(extra))
    assert extra.exists()
    changes.apply()
    assert not extra.exists()
    assert left.remove() == []
    assert not (root / "@@Zope" / LEFT).exists()


def test_what_was_edited_or_came_meanwhile_is_kept(root: Path) -> None:
    changes = Changes(str(root))
    left = Left(changes, str(root))
    extra = root / "docs" / "@@Zope" / "Extra"
    left.take(str(extra), looks(extra))
    (extra / "a.txt" / "title").write_bytes(b"edited")
    (extra / "a.txt" / "new").write_bytes(b"new")
    (root / "docs" / "a.txt.new.mine").write_bytes(b"another")
    changes.apply()
    kept = left.remove()
    docs = root / "docs"
    assert sorted(kept) == [
        str(docs / "a.txt.new.mine2"),
        str(docs / "a.txt.title.mine"),
    ]
    assert (docs / "a.txt.title.mine").read_bytes() == b"edited"
    assert (docs / "a.txt.new.mine2").read_bytes() == b"new"
    assert (docs / "a.txt.new.mine").read_bytes() == b"another"
    assert not (root / "@@Zope" / LEFT).exists()


def test_several_take_names_that_are_free(root: Path) -> None:
    other = root / "@@Zope" / LEFT / "0"
    other.mkdir(parents=True)
    changes = Changes(str(root))
    left = Left(changes, str(root))
    for name in ("title", "size"):
        directory = root / "docs" / name
        directory.mkdir()
        left.take(str(directory), {})
    changes.apply()
    assert sorted(p.name for p in other.parent.iterdir()) == ["0", "1", "2"]
    remove_all(str(root))
    assert list(snapshot(root / "@@Zope")) == ["Root"]
