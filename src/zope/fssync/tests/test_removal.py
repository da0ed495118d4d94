"""What is removed goes with its control data; what exists here only is noticed."""

from __future__ import annotations

import filecmp
from pathlib import Path

import pytest

from zope.fssync import paths
from zope.fssync.files import Tree
from zope.fssync.fsutil import getoriginal
from zope.fssync.fsutil import getspecial
from zope.fssync.metadata import Metadata
from zope.fssync.removal import Removal


def same(one: str, other: str) -> bool:
    return all(Path(path).is_file() for path in (one, other)) and filecmp.cmp(
        one, other, shallow=False
    )


def put(path: str, text: str = "text\n") -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


class Copy:
    """A folder with a registered file, which has an extra."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = str(root / "folder")
        self.file = str(root / "folder" / "a.txt")
        self.extra = str(Path(getspecial(self.file, paths.EXTRA)) / "title")
        metadata = Metadata()
        for path in (self.file, self.extra):
            put(path)
            put(getoriginal(path))
            metadata.getentry(path)["path"] = "/a"
        metadata.flush()
        self.metadata = Metadata()
        self.removal = Removal(Tree(), self.metadata, same)

    def files(self) -> set[str]:
        found = (path for path in self.root.rglob("*") if path.is_file())
        return {str(path.relative_to(self.root)) for path in found}


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_unchanged_parts_are_not_modified(copy: Copy) -> None:
    assert not copy.removal.is_modified(copy.folder)
    assert not copy.removal.are_specials_modified(copy.file)


def test_edited_files_are_modified(copy: Copy) -> None:
    put(copy.file, "edited\n")
    assert copy.removal.is_modified(copy.file)
    assert copy.removal.is_modified(copy.folder)


def test_edited_extras_are_modified(copy: Copy) -> None:
    put(copy.extra, "edited\n")
    assert copy.removal.are_specials_modified(copy.file)
    assert copy.removal.is_modified(copy.folder)


def test_added_files_count_as_modified(copy: Copy) -> None:
    copy.metadata.getentry(copy.folder)["flag"] = "added"
    assert copy.removal.is_modified(copy.folder)


def test_a_tree_goes_whole_and_its_files_are_counted(copy: Copy) -> None:
    put(str(copy.root / "folder" / "sub" / "new.txt"))
    assert copy.removal.remove_tree(copy.folder) == 2
    assert copy.files() == set()


def test_unregistered_files_stay(copy: Copy) -> None:
    put(str(copy.root / "folder" / "new.txt"))
    copy.removal.remove_registered(copy.folder)
    assert copy.files() == {"folder/new.txt"}


def test_extras_go_and_the_original_stays(copy: Copy) -> None:
    copy.removal.remove_special(copy.file, paths.EXTRA)
    assert not Path(copy.extra).exists()
    assert Path(getoriginal(copy.file)).is_file()


def test_control_data_go_and_files_stay(copy: Copy) -> None:
    copy.removal.remove_control(copy.folder)
    assert copy.files() == {"folder/a.txt"}
