"""Objects that a commit moves, and archives that ask for what cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from zope.fssync import task
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.changeset import Scope
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.metadata import load_entries
from zope.fssync.task.commit import CommitFailed
from zope.fssync.task.moves import Moves
from zope.fssync.tests.dictionaries import Files
from zope.fssync.tests.dictionaries import Secret
from zope.fssync.tests.dictionaries import Text
from zope.fssync.tests.dictionaries import lookup
from zope.fssync.tests.dictionaries import registered as registered


@pytest.fixture
def tree() -> dict[str, Any]:
    return {
        "a": Text(b"alpha"),
        "b": Text(b"beta"),
        "one": {"x": Text(b"x")},
        "two": {"y": Text(b"y")},
    }


def move(files: Files, old: str, new: str) -> None:
    """Move a file or directory; the entries are those that a client sends."""
    for path in [each for each in files if each == old or each.startswith(f"{old}/")]:
        files[new + path[len(old) :]] = files.pop(path)
    if original(old) in files:
        files[original(new)] = files[original(old)]
    known = {key: value for key, value in entry_of(files, old).items() if key != "key"}
    files.entry(old, flag="removed")
    files.entry(new, **{**known, "flag": "added", "moved": old})


def entry_of(files: Files, path: str) -> dict[str, str]:
    above, _, name = path.rpartition("/")
    return load_entries(files[f"{above}/@@Zope/Entries.xml"])[name]


def original(path: str) -> str:
    above, _, name = path.rpartition("/")
    return f"{above}/@@Zope/Original/{name}"


def moves_of(files: Files, scope: Scope | None = None) -> Moves:
    return Moves.of(files.repository(), "top", scope)


def conflicts(files: Files, tree: Any) -> list[str]:
    check = task.Check(lookup, files.repository(), moves=moves_of(files))
    check.perform({"top": tree}, "top", "top")
    return check.errors()


def commit(files: Files, tree: Any) -> None:
    this = task.Commit(lookup, files.repository(), moves=moves_of(files))
    this.perform({"top": tree}, "top", "top")


def test_an_archive_without_moves_has_none(tree: Any) -> None:
    moves = moves_of(Files.of(tree))
    assert moves.sources == {}
    assert moves.left() == []
    assert "top/a" not in moves


def test_moves_are_found_by_their_new_places(tree: Any) -> None:
    files = Files.of(tree)
    move(files, "top/a", "top/one/a")
    moves = moves_of(files)
    assert moves.sources == {"top/one/a": "top/a"}
    assert moves.away == {"top/a"}
    assert "top/one/a" in moves
    assert moves.left() == ["top/one/a"]
    moves.done("top/one/a")
    assert "top/one/a" not in moves
    assert moves.left() == []


def test_a_scope_is_all_that_is_looked_at(tree: Any) -> None:
    files = Files.of(tree)
    move(files, "top/a", "top/one/a")
    assert moves_of(files, Scope([(TREE, "top/one")])).sources == {"top/one/a": "top/a"}
    assert moves_of(files, Scope([(NODE, "top")])).sources == {}


def test_a_commit_moves_the_object_itself(tree: Any) -> None:
    files, obj = Files.of(tree), tree["a"]
    move(files, "top/a", "top/one/first")
    assert conflicts(files, tree) == []
    commit(files, tree)
    assert tree["one"]["first"] is obj
    assert "a" not in tree


def test_names_are_exchanged_by_way_of_another(tree: Any) -> None:
    files, obj = Files.of(tree), tree["one"]["x"]
    move(files, "top/one", "top/uno")
    move(files, "top/uno/x", "top/two/x")
    assert files["top/two/x"] == b"x"
    # The client names the place in the moved directory, as it is registered.
    commit(files, tree)
    assert tree["two"]["x"] is obj
    assert set(tree) == {"a", "b", "uno", "two"}


@pytest.mark.parametrize("taken", ["a", "b"])
def test_objects_others_did_to_either_place_are_a_conflict(
    tree: Any, taken: str
) -> None:
    files = Files.of(tree)
    move(files, "top/a", "top/c")
    if taken == "a":
        del tree["a"]
    else:
        tree["c"] = Text(b"of others")
    assert "top/c" in conflicts(files, tree)


def test_objects_others_edited_are_a_conflict_where_they_are_to_be(tree: Any) -> None:
    files = Files.of(tree)
    move(files, "top/a", "top/c")
    tree["a"].data = b"of others"
    assert conflicts(files, tree) == ["top/c"]


def test_missing_objects_are_not_moved(tree: Any) -> None:
    files = Files.of(tree)
    move(files, "top/a", "top/one/a")
    del tree["a"]
    with pytest.raises(CommitFailed, match="no longer there"):
        commit(files, tree)


def test_objects_without_a_folder_are_not_moved(tree: Any) -> None:
    files = Files.of(tree)
    move(files, "top/one/x", "top/c")
    tree["one"] = Text(b"a file now")
    assert "top/c" in conflicts(files, tree)


def test_withheld_objects_are_not_moved(tree: Any) -> None:
    files = Files.of(tree)
    move(files, "top/a", "top/one/a")
    tree["a"] = secret = Secret(b"alpha")
    with pytest.raises(CommitFailed, match="may not move"):
        commit(files, tree)
    assert tree["a"] is secret
    assert "a" not in tree["one"]


# Hostile archives


def test_one_object_cannot_be_moved_to_two_places(tree: Any) -> None:
    files = Files.of(tree)
    move(files, "top/a", "top/c")
    files["top/d"] = files["top/c"]
    files.entry("top/d", flag="added", moved="top/a")
    with pytest.raises(ArchiveDamaged, match="two places"):
        moves_of(files)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ({"flag": "removed"}, {}),
        ({"flag": None}, {}),
        ({}, {"flag": "added"}),
        ({}, {"flag": None}),
    ],
)
def test_flags_of_other_changes_are_refused(tree: Any, new: Any, old: Any) -> None:
    files = Files.of(tree)
    move(files, "top/a", "top/c")
    files.entry("top/c", **new)
    files.entry("top/a", **old)
    with pytest.raises(ArchiveDamaged, match="cannot have been moved") as caught:
        moves_of(files)
    assert caught.value.path == "top/c"


@pytest.mark.parametrize(
    "source",
    [
        "top",
        "",
        "/top/a",
        "other/a",
        "../top/a",
        "top/../top/a",
        "top//a",
        "top/a/",
        "top/nothing",
        "top/c",
        "top/@@Zope/Entries.xml",
    ],
)
def test_a_source_that_cannot_be_one_is_refused(tree: Any, source: str) -> None:
    files = Files.of(tree)
    move(files, "top/a", "top/c")
    files.entry("top/c", moved=source)
    with pytest.raises((ArchiveDamaged, PathRefused)):
        moves_of(files)


def test_moves_in_a_circle_are_refused(tree: Any) -> None:
    files = Files.of(tree)
    for new, old in (("top/x", "top/z/q"), ("top/z", "top/x/q")):
        files.entry(new, flag="added", moved=old)
        files.entry(old, flag="removed")
    for step in (conflicts, commit):
        with pytest.raises((ArchiveDamaged, CommitFailed), match="in a circle"):
            step(files, tree)
    assert set(tree) == {"a", "b", "one", "two"}


def test_a_move_that_the_walk_does_not_come_by_is_refused(tree: Any) -> None:
    files = Files.of(tree)
    move(files, "top/a", "top/one/a")
    del files["top/one/@@Zope/Original/x"]
    files.entry("top/one", flag="removed")
    with pytest.raises(CommitFailed):
        commit(files, tree)
