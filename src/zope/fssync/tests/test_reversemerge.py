"""The way back from one state to another is merged into a third."""

from __future__ import annotations

import io

import pytest

from zope.app.fssync.testing.serversite import Archive
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.reversemerge import Back
from zope.fssync.reversemerge import Later
from zope.fssync.reversemerge import ReverseMerge
from zope.fssync.reversemerge import Step
from zope.fssync.reversemerge import steps
from zope.fssync.reversemerge import topmost
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side


def state(files: dict[str, bytes]) -> Side:
    """A folder with files of these names; with a colon those of parts of one."""
    archive = Archive()
    archive.set_entry("d", type="T")
    archive["d/@@Zope/Entries.xml"] = dump_entries({})
    for name, content in files.items():
        owner, _, part = name.partition(":")
        path = f"d/@@Zope/Extra/{owner}/{part}" if part else f"d/{name}"
        archive.set_entry(path, type="T")
        archive[path] = content
    return Side(ArchiveSource(SnarfRepository(io.BytesIO(archive.dump()))), "d")


class Merge(ReverseMerge):
    """Merges into a dict."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__("before")
        self.files = files
        self.conflicts: list[str] = []
        self.restored: list[str] = []

    def is_here(self, path: str) -> bool:
        return path == "d" or path.removeprefix("d/") in self.files

    def here(self, path: str) -> Side:
        return state(self.files)._replace(path=path)

    def content(self, path: str) -> bytes:
        return self.files.get(path.removeprefix("d/"), b"")

    def below(self, path: str, key: str) -> str:
        return f"{path}/{key}"

    def part(self, path: str, what: str, name: str) -> str:
        return f"{path}:{name}"

    def write(self, path: str, content: bytes) -> None:
        self.files[path.removeprefix("d/")] = content

    def remove(self, path: str) -> None:
        del self.files[path.removeprefix("d/")]

    def restore(self, other: Side, path: str) -> None:
        self.restored.append(path)

    def add_part(self, other: Side, path: str) -> bool:
        self.write(path, other.content())
        return True

    def conflict(self, path: str, detail: str | None = None) -> None:
        self.conflicts.append(path)


@pytest.mark.parametrize(
    ("base", "other", "mine", "found", "conflicts"),
    [
        ({"a": b"new"}, {"a": b"old"}, {"a": b"new"}, {"a": b"old"}, []),
        ({"a": b"new"}, {"a": b"old"}, {"a": b"old"}, {"a": b"old"}, []),
        ({"a": b"1\n2\n3\n"}, {"a": b"1\n2\n"}, {"a": b"0\n1\n2\n3\n"},
         {"a": b"0\n1\n2\n"}, []),
        ({"a": b"\0b"}, {"a": b"\0c"}, {"a": b"\0d"}, {"a": b"\0d"}, ["d/a"]),
        ({"a": b"new"}, {"a": b"old"}, {}, {}, ["d/a"]),
        ({"a": b"new"}, {}, {"a": b"new"}, {}, []),
        ({"a": b"new"}, {}, {}, {}, []),
        ({"a": b"new"}, {}, {"a": b"mine"}, {"a": b"mine"}, ["d/a"]),
        ({"a": b"", "a:t": b"1"}, {"a": b""}, {"a": b"", "a:t": b"1"}, {"a": b""}, []),
        ({"a": b"", "a:t": b"1"}, {"a": b""}, {"a": b"", "a:t": b"2"},
         {"a": b"", "a:t": b"2"}, ["d/a:t"]),
        ({"a": b""}, {"a": b"", "a:t": b"1"}, {"a": b""}, {"a": b"", "a:t": b"1"}, []),
        ({"x": b"1"}, {"x": b"1"}, {"a": b"mine"}, {"a": b"mine"}, ["d/x"]),
    ],
)  # fmt: skip
def test_later_changes_are_kept_or_in_conflict(
    base: dict[str, bytes],
    other: dict[str, bytes],
    mine: dict[str, bytes],
    found: dict[str, bytes],
    conflicts: list[str],
) -> None:
    merge = Merge(dict(mine))
    merge.merge(state(base), state(other), "d", deep=True)
    assert (merge.files, merge.conflicts) == (found, conflicts)


def test_both_sides_of_a_conflict_are_shown() -> None:
    merge = Merge({"a": b"mine\n"})
    merge.merge(state({"a": b"new\n"}), state({"a": b"old\n"}), "d", deep=True)
    assert merge.conflicts == ["d/a"]
    assert b"<<<<<<< a (mine)\nmine\n" in merge.files["a"]
    assert b"old\n>>>>>>> a (before)" in merge.files["a"]


def test_removed_objects_are_restored() -> None:
    merge = Merge({})
    merge.merge(ABSENT, state({}), "d", deep=True)
    merge.merge(ABSENT, ABSENT, "e", deep=True)
    assert merge.restored == ["d"]


def test_things_are_brought_back_before_others_are_changed_and_removed() -> None:
    changes = [
        *(("A", "n"), ("A", "n/x"), ("M", "m"), ("R", "new", "old")),
        *(("D", "g"), ("D", "g/y")),
    ]
    assert list(steps(changes)) == [
        Step(None, "g", "g"),
        Back("new", "new", "new", "old"),
        Step("new", "old", "old"),
        Step("m", "m", "m"),
        Step("n", None, "n"),
    ]


def test_objects_moved_with_their_container_have_no_move_of_their_own() -> None:
    changes = [
        *(("R", "b", "a"), ("R", "b/x", "a/x"), ("R", "y", "a/y")),
        *(("A", "b/n"), ("D", "a/o")),
    ]
    assert list(steps(changes)) == [
        Back("b", "b", "b", "a"),
        Step(None, "a/o", "a/o"),
        Back("y", "y", "y", "a/y"),
        Step("b", "a", "a"),
        Step("b/x", "a/x", "a/x"),
        Step("y", "a/y", "a/y"),
        Step("b/n", None, "a/n"),
    ]


def test_later_items_of_a_new_folder_are_left_out_of_it() -> None:
    changes = [
        *(("A", "n"), ("R", "n/s", "s"), ("A", "n/s/x"), ("R", "y", "g/y")),
        *(("D", "g"), ("D", "g/y/z")),
    ]
    assert list(steps(changes)) == [
        Step(None, "g", "g", frozenset({"y"})),
        Back("n/s", "n/s", "n/s", "s"),
        Back("y", "y", "y", "g/y"),
        Step(None, "g/y/z", "g/y/z"),
        Step("n/s", "s", "s"),
        Step("y", "g/y", "g/y"),
        Step("n", None, "n", frozenset({"s"})),
        Step("n/s/x", None, "s/x"),
    ]


@pytest.mark.parametrize(
    ("changes", "waiting"),
    [
        ([("R", "b", "a"), ("R", "a", "c")], ["a"]),
        ([("R", "b", "a"), ("D", "b")], ["b"]),
        ([("R", "n/b", "b"), ("A", "n")], ["n"]),
        ([("R", "b", "a"), ("R", "b/x", "x")], []),
        ([("R", "b", "a"), ("R", "a", "b"), ("D", "a/x")], ["a", "b", "a/x"]),
    ],
)
def test_a_place_that_something_leaves_is_free_after_a_commit(
    changes: list[tuple[str, ...]], waiting: list[str]
) -> None:
    found = list(steps(changes))
    later = Later(step for step in found if isinstance(step, Back))
    left = [step for step in found if step in later]
    assert list(dict.fromkeys(step.place for step in left)) == waiting
    nothing = Later([])
    assert not any(step in nothing for step in found)


def test_paths_below_others_are_not_topmost() -> None:
    assert topmost(["a/b", "ab", "a", "c/d"]) == ["a", "ab", "c/d"]
    assert topmost(["a/b/c", "a", "a/d"], ["a/b"]) == ["a", "a/b/c"]
