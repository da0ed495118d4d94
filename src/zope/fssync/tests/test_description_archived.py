"""The parts of an object in an archive have the keys that its description has."""

from __future__ import annotations

import io
from contextlib import closing

from zope.fssync.description.archived import archived_parts
from zope.fssync.description.model import ASIDE
from zope.fssync.limits import DESCRIBED_SIZE
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository

TEXT = {"type": "builtins.str", "factory": "builtins.str"}

MEMBERS = {
    "demo/a.txt": b"a",
    "demo/@@Zope/Entries.xml": dump_entries({"a.txt": {}}),
    "demo/@@Zope/Extra/a.txt/title": b"A",
    "demo/@@Zope/Extra/a.txt/large": b"x" * (DESCRIBED_SIZE + 1),
    "demo/@@Zope/Extra/a.txt/several/one": b"1",
    "demo/@@Zope/Extra/a.txt/several/@@Zope/Entries.xml": dump_entries({"one": TEXT}),
    "demo/@@Zope/Extra/a.txt/@@Zope/Extra/title/more": b"more",
    "demo/@@Zope/Extra/a.txt/@@Zope/Extra/title/@@Zope/Entries.xml": dump_entries(
        {"more": TEXT}
    ),
    "demo/@@Zope/Extra/a.txt/@@Zope/Entries.xml": dump_entries(
        {"title": TEXT, "large": TEXT, "several": TEXT}
    ),
    "demo/@@Zope/Annotations/a.txt/note": b"noted",
    "demo/@@Zope/Annotations/a.txt/@@Zope/Entries.xml": dump_entries({"note": TEXT}),
}


def test_parts_are_found_with_what_is_below_them() -> None:
    archive = SnarfRepository(io.BytesIO())
    for path, content in MEMBERS.items():
        with closing(archive.writeable(path)) as stream:
            stream.write(content)
    found = {
        key: (path, part.data)
        for key, path, part in archived_parts(ArchiveSource(archive), "demo", "a.txt")
    }
    above = "demo/@@Zope/Extra/a.txt"
    assert found == {
        "Extra/title": (f"{above}/title", b"A"),
        "Extra/@@Zope/Extra/title/more": (f"{above}/@@Zope/Extra/title/more", b"more"),
        "Extra/large": (f"{above}/large", ASIDE),
        "Extra/several": (f"{above}/several", None),
        "Extra/several/one": (f"{above}/several/one", b"1"),
        "Annotations/note": ("demo/@@Zope/Annotations/a.txt/note", b"noted"),
    }
    assert not list(archived_parts(ArchiveSource(archive), "demo", "other"))
