"""A text that describes an object, and what it changes of that in an archive."""

from __future__ import annotations

import io

import pytest

from zope.app.fssync.server.describedupload import change
from zope.app.fssync.server.describedupload import names_of
from zope.app.fssync.server.editedarchive import EditedArchive
from zope.app.fssync.server.plainfiles import described_at
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.description import Description
from zope.fssync.description import Part
from zope.fssync.description import dump
from zope.fssync.errors import MetadataDamaged
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import load_entries
from zope.fssync.repository import SnarfRepository

ENTRY = {"type": "T", "factory": "F", "keytype": "builtins.str"}
MINE = Archive(
    {
        "@@Zope/Entries.xml": dump_entries({"a": ENTRY}),
        "@@Zope/Extra/a/@@Zope/Entries.xml": dump_entries(
            dict.fromkeys(("kept", "said", "tree"), ENTRY)
        ),
        "@@Zope/Extra/a/kept": b"kept",
        "@@Zope/Extra/a/said": b"said",
        "@@Zope/Extra/a/tree/@@Zope/Entries.xml": dump_entries({"x": ENTRY}),
        "@@Zope/Extra/a/tree/x": b"x",
        "a": b"1",
    }
)


def changed(parts: dict[str, Part], **entry: str) -> Archive:
    mine = SnarfRepository(io.BytesIO(MINE.dump()))
    base, known = described_at(mine, "a")
    edited = EditedArchive(mine)
    said = {path: part for path, part in parts.items() if part.data is not GONE}
    kept = {path: part for path, part in base.parts.items() if path not in parts}
    text = dump(Description({**base.entry, **entry}, {**kept, **said}))
    change(edited, "a", text, base, known, names_of("a", False), {})
    return Archive.parse(edited.for_commit().read())


#: Stands for a part that is not in the text.
GONE = b"gone"

PARTS = "@@Zope/Extra/a"


def test_only_removed_and_edited_lines_change() -> None:
    archive = changed(
        {"Extra/said": Part(ENTRY, b"other"), "Extra/new": Part(ENTRY, b"new")},
        factory="G",
    )
    assert archive[f"{PARTS}/kept"] == b"kept"
    assert f"{PARTS}/@@Zope/Original/kept" not in archive
    assert archive[f"{PARTS}/said"] == b"other"
    assert archive[f"{PARTS}/@@Zope/Original/said"] == b"said"
    assert archive[f"{PARTS}/new"] == b"new"
    entries = load_entries(archive[f"{PARTS}/@@Zope/Entries.xml"])
    assert entries["new"]["flag"] == "added"
    assert load_entries(archive["@@Zope/Entries.xml"])["a"]["factory"] == "G"


def test_a_removed_tree_is_flagged_at_its_top() -> None:
    gone = {path: Part(ENTRY, GONE) for path in ("Extra/tree", "Extra/tree/x")}
    archive = changed(gone)
    entries = load_entries(archive[f"{PARTS}/@@Zope/Entries.xml"])
    assert entries["tree"]["flag"] == "removed"
    assert f"{PARTS}/tree/x" not in archive


def test_a_part_stays_a_file_or_a_directory() -> None:
    with pytest.raises(MetadataDamaged, match="cannot become"):
        changed({"Extra/said": Part(ENTRY, None)})


@pytest.mark.parametrize(
    ("name", "is_directory", "names"),
    [
        ("d/a.txt", False, ("d/@@a.txt.meta", "d/@@a.txt.parts")),
        ("a.txt", False, ("@@a.txt.meta", "@@a.txt.parts")),
        ("d/s", True, ("d/s/@@.meta", "d/s/@@.parts")),
    ],
)
def test_descriptions_have_the_names_that_a_working_copy_has(
    name: str, is_directory: bool, names: tuple[str, str]
) -> None:
    assert names_of(name, is_directory) == names
