"""Merges into an archive; what takes a transaction back is tested with that."""

from __future__ import annotations

import io

import pytest

from zope.app.fssync.server.archivemerge import ArchiveMerge
from zope.app.fssync.server.editedarchive import EditedArchive
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side

ENTRY = {"type": "T"}
MINE = Archive(
    {
        "@@Zope/Entries.xml": dump_entries({"d": ENTRY}),
        "d/@@Zope/Entries.xml": dump_entries(
            {
                "a": ENTRY,
                "b~": {**ENTRY, "key": "B"},
                "away": {**ENTRY, "flag": "removed", "moved-to": "d/a"},
            }
        ),
        "d/@@Zope/Extra/a/@@Zope/Entries.xml": dump_entries({"t": ENTRY}),
        "d/@@Zope/Extra/a/t": b"said",
        "d/a": b"1",
        "d/b~": b"2",
    }
)


class Merging:
    def __init__(self) -> None:
        self.refused: list[tuple[str, str]] = []
        self.edited = EditedArchive(SnarfRepository(io.BytesIO(MINE.dump())))
        self.merge = ArchiveMerge(self.edited, "before", self.refused)


@pytest.fixture
def merging() -> Merging:
    return Merging()


def side(path: str) -> Side:
    return Side(ArchiveSource(SnarfRepository(io.BytesIO(MINE.dump()))), path)


def test_objects_are_found_by_key(merging: Merging) -> None:
    merge = merging.merge
    assert merge.below("d", "B") == "d/b~"
    assert merge.below("d", "new") == "d/new"
    assert merge.part("d/a", "Extra", "t") == "d/@@Zope/Extra/a/t"
    assert merge.is_folder("d")
    assert not merge.is_folder("d/a")
    assert not merge.is_here("d/away")
    assert merge.here("d/a").content() == merge.content("d/a") == b"1"


def test_a_part_is_named_by_its_object(merging: Merging) -> None:
    merging.merge.conflict("d/@@Zope/Extra/a/t")
    ((name, reason),) = merging.refused
    assert name == "d/a"
    assert "in conflict" in reason


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("d/b~", "another object"),
        ("x/a", "no folder"),
        ("d/a/x", "no folder"),
    ],
)
def test_objects_that_cannot_come_back_have_a_reason(
    merging: Merging, path: str, reason: str
) -> None:
    merging.merge.restore(side("d/a"), path)
    ((name, told),) = merging.refused
    assert name == path
    assert reason in told


def test_objects_that_are_there_again_need_nothing(merging: Merging) -> None:
    merging.merge.restore(side("d/a"), "d/a")
    assert merging.refused == []
    assert not merging.edited.is_written("d/a")


def test_a_part_that_is_there_is_merged(merging: Merging) -> None:
    part = side("d/@@Zope/Extra/a/t")
    assert not merging.merge.add_part(part, "d/@@Zope/Extra/a/t")
    assert merging.merge.add_part(part, "d/@@Zope/Extra/b~/t")
    entries = merging.edited.entries("d/@@Zope/Extra/b~")
    assert entries == {"t": {**ENTRY, "flag": "added"}}


def test_an_entry_is_merged(merging: Merging) -> None:
    merging.merge.merge_entry(side("d/a"), ABSENT, "d/b~")
    assert merging.edited.entry("d/b~") == {"key": "B"}
    assert merging.refused == []
