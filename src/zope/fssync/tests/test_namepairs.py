"""Names of two sides are paired by the keys of the objects."""

from __future__ import annotations

from collections.abc import Callable
from os.path import join
from pathlib import Path

import pytest

from zope.fssync.files import Tree
from zope.fssync.mergesource import TreeSource
from zope.fssync.metadata import Metadata
from zope.fssync.namepairs import NamePairs

#: "ü" as one character, and as two.
COMPOSED, DECOMPOSED = "\u00fc", "u\u0308"

Side = dict[str, dict[str, str]]


class Folding(Tree):
    """A file system to which names are the same that differ in case only."""

    def folds(self, path: str) -> bool:
        return True


class Folders:
    def __init__(self, root: Path) -> None:
        self.root = root

    def pairs(
        self,
        here: Side,
        there: Side,
        *,
        unregistered: tuple[str, ...] = (),
        files: Tree | None = None,
        leaves_out: Callable[[str, str, bool], bool] | None = None,
        stays: Callable[[str], bool] = lambda path: False,
    ) -> list[tuple[str, str]]:
        """Return the pairs of two folders, given their entries by name."""
        metadata = Metadata()
        for side, entries in (("here", here), ("there", there)):
            for name, entry in entries.items():
                path = self.root / side / name
                path.parent.mkdir(exist_ok=True)
                path.touch()
                metadata.getentry(str(path)).update(path=f"/{name}", **entry)
        for name in unregistered:
            (self.root / "here").mkdir(exist_ok=True)
            (self.root / "here" / name).touch()
        files = files or Tree()
        names = NamePairs(
            metadata,
            files,
            TreeSource(metadata, files),
            join_remote=join,
            leaves_out=leaves_out,
            stays=stays,
        )
        return names.pairs(str(self.root / "here"), str(self.root / "there"))


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def test_equal_names_are_pairs(folders: Folders) -> None:
    both: Side = {"b": {}, "a": {}}
    assert folders.pairs(both, both) == [("a", "a"), ("b", "b")]


def test_files_on_one_side_only_have_their_names_there(folders: Folders) -> None:
    assert folders.pairs({"a": {}}, {"b": {}}) == [("a", "a"), ("b", "b")]


def test_keys_pair_what_the_sides_name_otherwise(folders: Folders) -> None:
    here = {"readme-1.txt": {"key": "Readme.txt"}, "readme.txt": {}}
    there: Side = {"Readme.txt": {}, "readme.txt": {}}
    found = folders.pairs(here, there)
    assert found == [("readme-1.txt", "Readme.txt"), ("readme.txt", "readme.txt")]


def test_a_new_file_is_paired_in_either_form(folders: Folders) -> None:
    here = {DECOMPOSED: {"flag": "added"}}
    assert folders.pairs(here, {COMPOSED: {}}) == [(DECOMPOSED, COMPOSED)]


def test_the_key_that_a_server_sent_is_taken_as_it_is(folders: Folders) -> None:
    found = folders.pairs({DECOMPOSED: {}}, {COMPOSED: {}})
    assert (DECOMPOSED, DECOMPOSED) in found
    assert COMPOSED in {remote for _, remote in found}


def test_an_unregistered_file_is_in_the_way_of_a_new_one(folders: Folders) -> None:
    found = folders.pairs({}, {"a": {}}, unregistered=("a",))
    assert found == [("a", "a")]


def test_a_name_that_belongs_to_another_key_is_free_for_nobody(
    folders: Folders,
) -> None:
    here = {"a": {"key": "b"}}
    assert folders.pairs(here, {"a": {}}) == [("a", "b"), ("a-1", "a")]


@pytest.mark.parametrize(("kept", "name"), [(True, "A-1"), (False, "A")])
def test_names_that_differ_in_case_are_one_where_case_folds(
    folders: Folders, kept: bool, name: str
) -> None:
    found = folders.pairs(
        {"a": {}}, {"A": {}}, files=Folding(), stays=lambda path: kept
    )
    assert (name, "A") in found


def test_left_out_objects_have_no_pair(folders: Folders) -> None:
    found = folders.pairs({}, {"a": {}, "b": {}}, leaves_out=lambda *args: True)
    assert found == []


def test_files_that_are_here_are_not_left_out(folders: Folders) -> None:
    here: Side = {"a": {}}
    found = folders.pairs(here, {"a": {}, "b": {}}, leaves_out=lambda *args: True)
    assert found == [("a", "a")]
