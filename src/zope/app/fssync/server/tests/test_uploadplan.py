"""What an upload would change."""

from __future__ import annotations

import io
import zipfile

from zope.app.fssync.server.uploaded import Upload
from zope.app.fssync.server.uploadplan import Plan
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.description import ASIDE
from zope.fssync.description import Description
from zope.fssync.description import Part
from zope.fssync.description import dump
from zope.fssync.description.model import Aside
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import load_entries
from zope.fssync.repository import SnarfRepository

ENTRY = {"type": "T", "factory": "F", "keytype": "builtins.str"}
MINE = Archive(
    {
        "@@Zope/Entries.xml": dump_entries({"d": ENTRY}),
        "d/@@Zope/Entries.xml": dump_entries({"a": ENTRY, "s": ENTRY}),
        "d/@@Zope/Extra/a/@@Zope/Entries.xml": dump_entries({"t": ENTRY}),
        "d/@@Zope/Extra/a/t": b"said",
        "d/a": b"1",
        "d/s/@@Zope/Entries.xml": dump_entries({}),
    }
)


def plan(files: dict[str, bytes], remove: bool = False) -> Plan:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    mine = SnarfRepository(io.BytesIO(MINE.dump()))

    def make(path: str, name: str, is_directory: bool) -> str | None:
        return None if name == "odd" else f"{path}.{'D' if is_directory else 'F'}"

    return Plan(mine, Upload(stream), make, remove)


def described(factory: str, **parts: bytes | Aside) -> bytes:
    said = {f"Extra/{name}": Part(ENTRY, data) for name, data in parts.items()}
    return dump(Description({**ENTRY, "factory": factory}, said))


def told(found: Plan) -> list[tuple[str, str]]:
    return [(edit.what, edit.name) for edit in found.edits]


def test_a_changed_file_is_sent_with_its_base() -> None:
    found = plan({"a": b"2"})
    assert told(found) == [("M", "d/a")]
    archive = Archive.parse(found.archive().read())
    assert (archive["d/a"], archive["d/@@Zope/Original/a"]) == (b"2", b"1")
    assert archive["d/@@Zope/Extra/a/t"] == b"said"


def test_new_folders_come_before_what_is_in_them() -> None:
    found = plan({"n/m/x": b"x"})
    assert told(found) == [("A", "d/n"), ("A", "d/n/m"), ("A", "d/n/m/x")]
    archive = Archive.parse(found.archive().read())
    entries = load_entries(archive["d/n/m/@@Zope/Entries.xml"])
    assert entries == {"x": {"flag": "added"}}
    assert archive["d/n/m/x"] == b"x"


def test_a_removed_object_is_sent_with_its_base() -> None:
    assert told(plan({"s/": b""})) == []
    found = plan({"s/": b""}, remove=True)
    assert told(found) == [("D", "d/a")]
    archive = Archive.parse(found.archive().read())
    assert load_entries(archive["d/@@Zope/Entries.xml"])["a"]["flag"] == "removed"
    assert "d/a" not in archive
    assert archive["d/@@Zope/Original/a"] == b"1"


def test_a_description_changes_parts_and_entries() -> None:
    text = described("G", t=b"more", n=b"new")
    found = plan({"@@a.meta": text})
    assert not found.refused
    assert told(found) == [("M", "d/@@a.meta")]
    archive = Archive.parse(found.archive().read())
    assert archive["d/@@Zope/Extra/a/t"] == b"more"
    assert archive["d/@@Zope/Extra/a/@@Zope/Original/t"] == b"said"
    assert archive["d/@@Zope/Extra/a/n"] == b"new"
    assert load_entries(archive["d/@@Zope/Entries.xml"])["a"]["factory"] == "G"
    parts = load_entries(archive["d/@@Zope/Extra/a/@@Zope/Entries.xml"])
    assert parts["n"]["flag"] == "added"


def test_a_part_that_a_description_lacks_is_removed() -> None:
    text = described("F")
    archive = Archive.parse(plan({"@@a.meta": text}).archive().read())
    parts = load_entries(archive["d/@@Zope/Extra/a/@@Zope/Entries.xml"])
    assert parts["t"]["flag"] == "removed"
    assert "d/@@Zope/Extra/a/t" not in archive


def test_a_new_object_is_what_its_description_says() -> None:
    text = described("F", t=b"said")
    found = plan({"odd": b"x", "@@odd.meta": text})
    assert told(found) == [("A", "d/@@odd.meta"), ("A", "d/odd")]
    archive = Archive.parse(found.archive().read())
    entry = load_entries(archive["d/@@Zope/Entries.xml"])["odd"]
    assert (entry["factory"], entry["flag"]) == ("F", "added")
    assert archive["d/@@Zope/Extra/odd/t"] == b"said"


def test_parts_that_a_description_cannot_hold_are_files_beside_it() -> None:
    text = described("F", t=ASIDE)
    for files in ({}, {"@@odd.parts/Extra/t": b"\0" * 100_000}):
        found = plan({"odd": b"x", "@@odd.meta": text, **files})
        assert bool(found.refused) != bool(files), found.refused
    archive = Archive.parse(found.archive().read())
    assert archive["d/@@Zope/Extra/odd/t"] == b"\0" * 100_000


def test_impossible_steps_have_a_reason() -> None:
    found = plan({"a/x": b"", "s": b"", "odd": b"", "@@a.meta": b"?", "@@z.meta": b"x"})
    assert {name for name, _ in found.refused} >= {"d/a", "d/s", "d/odd", "d/@@z.meta"}
    assert all(reason for _, reason in found.refused)
