"""What waits in the journal looks as if it were done."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from zope.interface.verify import verifyObject

from zope.app.fssync.client.workingcopy import staging
from zope.app.fssync.client.workingcopy.staging import Changes
from zope.fssync.errors import PathRefused
from zope.fssync.interfaces import IFileTree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "co"
    (root / "@@Zope").mkdir(parents=True)
    (root / "dir").mkdir()
    (root / "dir" / "in.txt").write_text("in")
    (root / "a.txt").write_text("old")
    return root


@pytest.fixture
def changes(root: Path) -> Changes:
    return Changes(str(root))


def read(changes: Changes, path: Path) -> bytes:
    with changes.open(str(path)) as stream:
        return stream.read()


def test_staging_is_a_file_tree(changes: Changes) -> None:
    assert verifyObject(IFileTree, changes)


def test_a_write_is_seen_here_first_and_there_later(
    root: Path, changes: Changes
) -> None:
    path = root / "a.txt"
    assert changes.isfile(str(path))
    changes.write(str(path), [b"ne", b"w"])
    assert read(changes, path) == b"new"
    assert changes.size(str(path)) == 3
    assert path.read_text() == "old"
    assert changes.apply() == []
    assert path.read_text() == "new"


def test_control_data_is_looked_for_without_a_list_of_its_directory(
    root: Path, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[str] = []
    scandir = os.scandir

    def scanned(path: str):
        listed.append(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scanned)
    place = str(root / "dir" / ".zsync")
    assert changes.kind(place) is None
    os.symlink("in.txt", place)
    assert changes.kind(place) == "other"
    assert changes.kind(str(root / "@@Zope")) == "dir"
    assert str(root / "dir") not in listed
    changes.remove(place)
    assert changes.kind(place) is None
    # What is staged counts all the same.
    changes.mkdir(str(root / "new" / "@@Zope"))
    assert changes.kind(str(root / "new" / "@@Zope")) == "dir"
    assert changes.kind(str(root / "new" / ".zsync")) is None


def test_writing_twice_keeps_the_last(root: Path, changes: Changes) -> None:
    for text in (b"one", b"two"):
        changes.write(str(root / "a.txt"), [text])
    assert read(changes, root / "a.txt") == b"two"
    changes.apply()
    assert (root / "a.txt").read_text() == "two"


def test_a_new_directory_is_built_aside(root: Path, changes: Changes) -> None:
    changes.mkdir(str(root / "new" / "deep"))
    changes.write(str(root / "new" / "deep" / "x"), [b"x"])
    changes.write(str(root / "new" / "y"), [b"y"])
    assert changes.isdir(str(root / "new" / "deep"))
    assert changes.listdir(str(root / "new")) == ["deep", "y"]
    assert changes.listdir(str(root)) == ["@@Zope", "a.txt", "dir", "new"]
    assert not (root / "new").exists()
    assert changes.apply() == []
    assert (root / "new" / "deep" / "x").read_text() == "x"


def test_making_a_directory_that_exists_is_nothing(
    root: Path, changes: Changes
) -> None:
    changes.mkdir(str(root / "dir"))
    changes.apply()
    assert (root / "dir" / "in.txt").read_text() == "in"


def test_making_a_directory_where_a_file_is_fails(root: Path, changes: Changes) -> None:
    with pytest.raises(FileExistsError):
        changes.mkdir(str(root / "a.txt"))


def test_a_removal_is_seen_here_first(root: Path, changes: Changes) -> None:
    changes.remove(str(root / "a.txt"))
    assert not changes.exists(str(root / "a.txt"))
    assert changes.listdir(str(root)) == ["@@Zope", "dir"]
    assert (root / "a.txt").exists()
    changes.apply()
    assert not (root / "a.txt").exists()


def test_writing_and_removing_leaves_nothing(root: Path, changes: Changes) -> None:
    changes.write(str(root / "new.txt"), [b"new"])
    changes.remove(str(root / "new.txt"))
    assert changes.listdir(str(root)) == ["@@Zope", "a.txt", "dir"]
    assert changes.apply() == []
    assert not (root / "new.txt").exists()


def test_writing_and_removing_what_was_there_removes_it(
    root: Path, changes: Changes
) -> None:
    changes.write(str(root / "a.txt"), [b"new"])
    changes.remove(str(root / "a.txt"))
    assert changes.apply() == []
    assert not (root / "a.txt").exists()


def test_removing_and_writing_replaces(root: Path, changes: Changes) -> None:
    changes.remove(str(root / "a.txt"))
    changes.write(str(root / "a.txt"), [b"new"])
    assert read(changes, root / "a.txt") == b"new"
    assert changes.apply() == []
    assert (root / "a.txt").read_text() == "new"


def test_a_file_becomes_a_directory(root: Path, changes: Changes) -> None:
    changes.remove(str(root / "a.txt"))
    changes.mkdir(str(root / "a.txt"))
    changes.write(str(root / "a.txt" / "x"), [b"x"])
    assert changes.apply() == []
    assert (root / "a.txt" / "x").read_text() == "x"


def test_a_directory_becomes_a_file(root: Path, changes: Changes) -> None:
    changes.rmtree(str(root / "dir"))
    assert not changes.exists(str(root / "dir"))
    assert not changes.exists(str(root / "dir" / "in.txt"))
    changes.write(str(root / "dir"), [b"file"])
    assert changes.apply() == []
    assert (root / "dir").read_text() == "file"


def test_a_directory_is_replaced_by_another(root: Path, changes: Changes) -> None:
    changes.rmtree(str(root / "dir"))
    changes.mkdir(str(root / "dir"))
    changes.write(str(root / "dir" / "other"), [b"o"])
    assert changes.listdir(str(root / "dir")) == ["other"]
    assert changes.apply() == []
    assert os.listdir(root / "dir") == ["other"]


def test_a_new_directory_can_go_again(root: Path, changes: Changes) -> None:
    changes.mkdir(str(root / "new"))
    changes.write(str(root / "new" / "x"), [b"x"])
    changes.rmtree(str(root / "new"))
    assert not changes.exists(str(root / "new"))
    assert changes.apply() == []
    assert not (root / "new").exists()


def test_only_an_empty_directory_is_removed(root: Path, changes: Changes) -> None:
    assert changes.rmdir(str(root / "dir")) is False
    changes.remove(str(root / "dir" / "in.txt"))
    assert changes.rmdir(str(root / "dir")) is True
    changes.apply()
    assert not (root / "dir").exists()


def test_paths_are_known_by_all_their_spellings(
    root: Path, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "dir")
    changes.write("new.txt", [b"n"])
    for spelling in (
        "./new.txt",
        "../dir/new.txt",
        os.path.join(os.curdir, "", "new.txt"),
        str(root / "dir" / "new.txt"),
    ):
        assert changes.isfile(spelling)
    assert changes.listdir(".") == ["in.txt", "new.txt"]
    assert changes.isdir(".")
    assert changes.isdir("../dir/")


def test_links_are_seen_as_they_are(root: Path, changes: Changes) -> None:
    os.symlink("a.txt", root / "link")
    assert changes.kind(str(root / "link")) == "other"
    assert not changes.isfile(str(root / "link"))
    with pytest.raises(PathRefused):
        changes.open(str(root / "link"))


@pytest.mark.parametrize(
    "path", ["../victim", "dir/../../victim", "link/victim", "..", "."]
)
def test_nothing_outside_is_changed(root: Path, changes: Changes, path: str) -> None:
    victim = root.parent / "victim"
    victim.write_text("mine")
    os.symlink(root.parent, root / "link")
    for change in (
        lambda p: changes.write(p, [b"evil"]),
        changes.remove,
        changes.rmdir,
    ):
        with pytest.raises(PathRefused, match="outside"):
            change(str(root / path))
    changes.apply()
    assert victim.read_text() == "mine"


def test_no_directory_is_made_outside(root: Path, changes: Changes) -> None:
    with pytest.raises(PathRefused, match="outside"):
        changes.mkdir(str(root / ".." / "new"))
    assert sorted(os.listdir(root.parent)) == ["co"]


def test_staging_tells_which_files_were_edited_since(
    root: Path, changes: Changes
) -> None:
    path = root / "a.txt"
    read(changes, path)
    assert changes.isfile(str(path))
    changes.write(str(path), [b"new"])
    assert changes.edited() == []
    path.write_text("edited")
    assert changes.edited() == [str(path)]


def test_a_restart_forgets_what_was_decided(root: Path, changes: Changes) -> None:
    path = root / "a.txt"
    changes.isfile(str(path))
    changes.write(str(path), [b"new"])
    path.write_text("edited")
    changes.restart()
    assert changes.edited() == []
    assert read(changes, path) == b"edited"
    changes.write(str(path), [b"edited and new"])
    assert changes.apply() == []
    assert path.read_text() == "edited and new"


def test_files_edited_at_the_last_moment_are_kept(root: Path, changes: Changes) -> None:
    path = root / "a.txt"
    changes.isfile(str(path))
    changes.write(str(path), [b"new"])
    path.write_text("edited")
    assert changes.apply() == [f"{path}.mine"]
    assert Path(f"{path}.mine").read_text() == "edited"


def test_files_written_beside_others_replace_nothing(
    root: Path, changes: Changes
) -> None:
    with changes.open(str(root / "a.txt")):
        pass
    for name in ("a.txt", "dir", "new.txt"):
        changes.write_beside(str(root / name), [b"new"])
    assert read(changes, root / "a.txt") == b"new"
    kept = [str(root / name) for name in ("a.txt.mine", "dir.mine")]
    assert sorted(changes.apply()) == kept
    assert (root / "a.txt.mine").read_text() == "old"
    assert (root / "dir.mine" / "in.txt").read_text() == "in"
    for name in ("a.txt", "dir", "new.txt"):
        assert (root / name).read_text() == "new"


def test_abandoned_changes_leave_no_trace(root: Path, changes: Changes) -> None:
    changes.write(str(root / "a.txt"), [b"new"])
    changes.mkdir(str(root / "new"))
    changes.abandon()
    assert (root / "a.txt").read_text() == "old"
    assert os.listdir(root / "@@Zope") == []


def test_a_write_that_fails_is_no_file(root: Path, changes: Changes) -> None:
    def chunks():
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        changes.write(str(root / "a.txt"), chunks())
    changes.abandon()
    assert (root / "a.txt").read_text() == "old"


def test_a_directory_is_listed_once_however_many_are_in_it(
    root: Path, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each forgot another one, and the first was the one above them all."""
    names = [f"d{number}" for number in range(12)]
    for name in names:
        (root / name).mkdir()
        (root / name / "x").touch()
    listed: list[str] = []
    listing = staging._listed

    def noted(path: str) -> dict[str, str]:
        listed.append(path)
        return listing(path)

    monkeypatch.setattr(staging, "REMEMBERED_DIRECTORIES", 4)
    monkeypatch.setattr(staging, "_listed", noted)
    for name in names:
        assert changes.isdir(str(root / name))
        assert changes.isfile(str(root / name / "x"))
    assert listed == [str(root), *(str(root / name) for name in names)]
