"""Each thing that a merge does to a path is one line, and says what it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.fssync import report
from zope.fssync.mergereport import MergeReport
from zope.fssync.metadata import Metadata
from zope.fssync.report import Change
from zope.fssync.report import LastChange


def reported(call: str, *args: object) -> Change:
    lines: list[str] = []
    getattr(MergeReport(Metadata(), lines.append), call)(*args)
    (line,) = lines
    assert isinstance(line, Change)
    return line


@pytest.mark.parametrize(
    ("action", "state", "known", "line", "what"),
    [
        ("Copy", "Uptodate", True, "U a", report.UPDATED),
        ("Copy", "Uptodate", False, "U a", report.CREATED),
        ("Fix", "Uptodate", True, "U a", report.SAME),
        ("Merge", "Modified", True, "M a", report.MERGED),
        ("Nothing", "Modified", True, "M a", report.KEPT),
        ("Nothing", "Added", True, "A a", report.KEPT),
        ("Nothing", "Removed", True, "R a", report.KEPT),
        ("Nothing", "Spurious", False, "? a", report.KEPT),
        ("Nothing", "Uptodate", True, "* a", report.UNCHANGED),
        ("Delete", "Nonexistent", True, "D a", report.DELETED),
        ("Delete", "Nonexistent", False, "D a", report.SAME),
        ("Merge", "Conflict", True, "C a", report.CONFLICT),
    ],
)
def test_one_line_tells_what_became_of_a_file(
    action: str, state: str, known: bool, line: str, what: str
) -> None:
    change = reported("file", action, state, "a", known)
    assert (str(change), change.action) == (line, what)


@pytest.mark.parametrize("letter", list("NUMARDW?*/"))
def test_a_directory_ends_in_a_slash(letter: str) -> None:
    assert str(reported("directory", letter, "a")) == f"{letter} a/"


def test_ignored_objects_are_not_mentioned() -> None:
    lines: list[str] = []
    told = MergeReport(Metadata(), lines.append, lambda path, is_directory: True)
    told.directory("?", "build")
    told.file("Nothing", "Spurious", "a.o", False)
    assert lines == ["* build/", "* a.o"]


def test_a_file_that_nobody_registered_is_in_the_way() -> None:
    change = reported("file", "Conflict", "Conflict", "a", False)
    assert change.detail == report.IN_THE_WAY


def test_a_conflict_marks_its_entry_with_the_last_change(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    path = str(tmp_path / "a")
    last = LastChange(f"0x{1:016x}", 1_700_000_000, "jane")
    lines: list[str] = []
    metadata = Metadata()
    metadata.getentry(path).update(path="/a", conflict="yes")
    told = MergeReport(metadata, lines.append, blame=lambda path: last)
    told.conflict(path)
    assert told.conflicts == [path]
    assert metadata.getentry(path)["conflict"] == f"yes {last.mark()}"
    assert report.last_change(metadata.getentry(path)) == last
