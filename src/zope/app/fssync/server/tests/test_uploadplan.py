"""What an upload would change."""

from __future__ import annotations

import io
import zipfile

from zope.app.fssync.server.uploaded import Upload
from zope.app.fssync.server.uploadplan import Plan
from zope.app.fssync.testing.serversite import Archive
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


def test_of_a_removed_object_the_base_is_sent() -> None:
    assert told(plan({"s/": b""})) == []
    found = plan({"s/": b""}, remove=True)
    assert told(found) == [("D", "d/a")]
    archive = Archive.parse(found.archive().read())
    assert load_entries(archive["d/@@Zope/Entries.xml"])["a"]["flag"] == "removed"
    assert "d/a" not in archive
    assert archive["d/@@Zope/Original/a"] == b"1"


def test_what_cannot_be_done_has_a_reason() -> None:
    found = plan({"a/x": b"", "s": b"", "odd": b"", "@@a.meta": b"?"})
    assert {name for name, _ in found.refused} >= {"d/a", "d/s", "d/odd", "d/@@a.meta"}
    assert all(reason for _, reason in found.refused)
