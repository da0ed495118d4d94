"""The current state with edits, as an archive for a commit and as its result."""

from __future__ import annotations

import io

from zope.app.fssync.server.editedarchive import EditedArchive
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository

ENTRY = {"type": "T"}
MINE = Archive(
    {
        "@@Zope/Entries.xml": dump_entries({"d": ENTRY}),
        "d/@@Zope/Entries.xml": dump_entries({"a": ENTRY, "s": ENTRY}),
        "d/a": b"1",
        "d/s/@@Zope/Entries.xml": dump_entries({"b": ENTRY}),
        "d/s/b": b"2",
    }
)


def edited() -> EditedArchive:
    found = EditedArchive(SnarfRepository(io.BytesIO(MINE.dump())))
    found.write("d/a", b"changed")
    found.remove("d/s")
    found.entries("d")["n"] = {**ENTRY, "flag": "added"}
    found.make_directory("d/n")
    return found


def test_edits_are_read_as_they_will_be() -> None:
    found = edited()
    assert found.content("d/a") == b"changed"
    assert found.content("d/s/b") == b"2"
    assert found.content("d/x") == b""
    assert [found.is_here(path) for path in ("d", "d/a", "d/s", "d/n", "d/x")] == [
        *(True, True, False, True, False)
    ]
    assert found.is_written("d/a")
    assert not found.is_written("d/s/b")


def test_a_commit_gets_flags_and_what_was_there() -> None:
    with edited().for_commit() as stream:
        archive = Archive.parse(stream.read())
    assert archive["d/a"] == b"changed"
    assert archive["d/@@Zope/Original/a"] == b"1"
    assert archive.entries("d")["s"]["flag"] == "removed"
    assert archive.entries("d")["n"]["flag"] == "added"
    assert archive.entries("d/n") == {}
    assert "d/s/b" not in archive


def test_the_result_has_neither() -> None:
    with edited().result() as stream:
        archive = Archive.parse(stream.read())
    assert archive["d/a"] == b"changed"
    assert archive.entries("d") == {"a": ENTRY, "n": ENTRY}
    assert not [path for path in archive if "Original" in path or "d/s" in path]
