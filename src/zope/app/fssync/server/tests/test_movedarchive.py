"""An archive in which objects are moved."""

from __future__ import annotations

import io

from zope.app.fssync.server.movedarchive import Move
from zope.app.fssync.server.movedarchive import moved
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository

ENTRY = {"type": "T"}
FILES = Archive(
    {
        "@@Zope/Entries.xml": dump_entries({"d": ENTRY}),
        "d/@@Zope/Entries.xml": dump_entries({"ab": ENTRY, "s": ENTRY}),
        "d/@@Zope/Extra/s/@@Zope/Entries.xml": dump_entries({"t": ENTRY}),
        "d/@@Zope/Extra/s/t": b"said",
        "d/ab": b"1",
        "d/s/@@Zope/Entries.xml": dump_entries({"b": ENTRY}),
        "d/s/b": b"2",
        "d/sb": b"3",
    }
)


def result(*moves: Move) -> Archive:
    stream = io.BytesIO()
    moved(SnarfRepository(io.BytesIO(FILES.dump())), moves, stream)
    return Archive.parse(stream.read())


def test_an_object_is_moved_with_what_belongs_to_it() -> None:
    found = result(Move("d/s", "d/n~", "N"))
    assert found["d/n~/b"] == b"2"
    assert found.entries("d/n~") == {"b": ENTRY}
    assert found["d/@@Zope/Extra/n~/t"] == b"said"
    assert found["d/sb"] == b"3"
    assert found.entries("d") == {
        "ab": ENTRY,
        "n~": {**ENTRY, "key": "N", "flag": "added", "moved": "d/s"},
        "s": {**ENTRY, "flag": "removed", "moved-to": "d/n~"},
    }


def test_an_object_is_moved_into_another_folder() -> None:
    found = result(Move("d/ab", "d/s/ab", "ab"))
    assert found["d/s/ab"] == b"1"
    assert found.entries("d")["ab"] == {
        **ENTRY,
        "flag": "removed",
        "moved-to": "d/s/ab",
    }
    assert found.entries("d/s")["ab"] == {**ENTRY, "flag": "added", "moved": "d/ab"}


def test_items_move_out_of_a_moved_folder_and_into_it() -> None:
    stream = io.BytesIO()
    moves = [
        Move("d/s", "d/n", "n"),
        Move("d/s/b", "d/b", "b"),
        Move("d/ab", "d/n/x", "x"),
    ]
    files = SnarfRepository(io.BytesIO(FILES.dump()))
    changed = moved(files, moves, stream)
    assert changed == ["d", "d/n"]
    found = Archive.parse(stream.read())
    assert (found["d/b"], found["d/n/x"], found["d/sb"]) == (b"2", b"1", b"3")
    assert not [path for path in found if path.startswith("d/s/")]
    assert found["d/@@Zope/Extra/n/t"] == b"said"
    added = {**ENTRY, "flag": "added"}
    removed = {**ENTRY, "flag": "removed"}
    assert found.entries("d") == {
        "ab": {**removed, "moved-to": "d/n/x"},
        "b": {**added, "moved": "d/n/b"},
        "n": {**added, "moved": "d/s"},
        "s": {**removed, "moved-to": "d/n"},
    }
    assert found.entries("d/n") == {
        "b": {**removed, "moved-to": "d/b"},
        "x": {**added, "moved": "d/ab"},
    }


def test_a_folder_that_is_yet_to_come_back_has_entries() -> None:
    found = result(Move("d/ab", "d/new/ab", "ab"))
    assert found["d/new/ab"] == b"1"
    assert list(found.entries("d/new")) == ["ab"]
    assert "new" not in found.entries("d")
