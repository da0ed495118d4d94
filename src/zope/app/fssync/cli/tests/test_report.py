"""What a command tells becomes lines for people, or those of 3.6.0."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.report import LinesOf36
from zope.app.fssync.cli.report import Report
from zope.app.fssync.cli.report import TextReport
from zope.app.fssync.cli.report import relative
from zope.app.fssync.cli.report import report_for
from zope.app.fssync.cli.zeroreport import ZeroReport
from zope.fssync import report
from zope.fssync.report import Change
from zope.fssync.report import LastChange

EXTRA = "@@Zope/Extra/a.txt/title"

Captured = pytest.CaptureFixture[str]


def told(
    capsys: Captured, *changes: str, quiet: bool = False, verbose: bool = False
) -> list[str]:
    """Return the lines that people get of changes."""
    found = TextReport(quiet, verbose)
    for change in changes:
        found.change(change)
    found.finish()
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (Change(report.MODIFIED, "a.txt", "M"), "M  a.txt"),
        (Change(report.ADDED, "sub/", "A"), "A  sub/"),
        (Change(report.ADDED, "a", "A", "text"), "A  a (text)"),
        (Change.moved("b", "a"), "R  b (from a)"),
        (Change(report.RESOLVED, "a"), "Resolved a"),
        (Change(report.SENT, "a", detail=report.REMOVED), "Removing  a"),
        (Change(report.MODIFIED, "a\x1b[2J", "M"), "M  a\\x1b[2J"),
        ("a sentence", "a sentence"),
    ],
)
def test_each_object_is_a_line(capsys: Captured, change: str, line: str) -> None:
    assert told(capsys, change) == [line]


def test_an_object_and_its_parts_are_one_line(capsys: Captured) -> None:
    both = (
        Change(report.MODIFIED, "a.txt", "M"),
        Change(report.MODIFIED, EXTRA, "M"),
    )
    assert told(capsys, *both) == ["MM a.txt"]
    assert told(capsys, both[1]) == [" M a.txt"]
    assert told(capsys, *both, verbose=True) == ["MM a.txt", " M   @@Zope/Extra/title"]


def test_the_parts_of_what_is_new_go_without_saying(capsys: Captured) -> None:
    new = (Change(report.CREATED, "a.txt", "A"), Change(report.CREATED, EXTRA, "A"))
    assert told(capsys, *new) == ["A  a.txt"]


def test_a_conflict_says_why_and_by_whom(capsys: Captured) -> None:
    last = LastChange("0x040d55d975e08544", 1764399600, "ann")
    line, reason = told(
        capsys, Change(report.CONFLICT, "a", "C", report.BOTH, last), quiet=True
    )
    assert line == "C  a"
    words = "      > both sides have a version of their own (there by ann, 2025-11-"
    assert reason.startswith(words)


def test_unchanged_objects_are_told_if_that_is_wanted(capsys: Captured) -> None:
    same = Change(report.UNCHANGED, "a", "=")
    assert told(capsys, same) == []
    assert told(capsys, same, verbose=True) == ["   a"]


def test_objects_are_counted() -> None:
    found = TextReport(quiet=True)
    for path in ("a", "b"):
        found.change(Change(report.UPDATED, path, "U"))
    found.change(Change(report.CONFLICT, "c", "C", report.BOTH))
    found.finish()
    assert found.counts == {report.UPDATED: 2, report.CONFLICT: 1}


def test_lines_of_3_6_0_are_the_changes_themselves(capsys: Captured) -> None:
    lines = LinesOf36()
    for change in ("M a", "* a", Change(report.RESOLVED, "a"), "A b\nc"):
        lines.change(change)
    assert capsys.readouterr().out == "M a\nA b\\x0ac\n"
    LinesOf36(quiet=True).change("M a")
    LinesOf36(verbose=True).change("* a")
    assert capsys.readouterr().out == "* a\n"


def test_nothing_is_printed_while_another_program_has_the_terminal(
    capsys: Captured,
) -> None:
    found = TextReport()
    found.hold()
    found.change(Change(report.MODIFIED, "a", "M"))
    found.message("a sentence")
    found.warning("a warning")
    assert capsys.readouterr() == ("", "")
    found.release()
    assert capsys.readouterr() == ("M  a\na sentence\n", "a warning\n")


def test_messages_are_quiet_where_warnings_are_not(capsys: Captured) -> None:
    found = TextReport(quiet=True)
    found.message("a sentence")
    found.item({"key": 1}, "an item")
    found.warning("a warning")
    assert capsys.readouterr() == ("an item\n", "a warning\n")


@pytest.mark.parametrize(
    ("path", "shown"),
    [("/a/b/c", "c"), ("/a/x", "../x"), ("./d", "d"), ("d//e", "d/e"), ("d", "d")],
)
def test_paths_are_relative_to_where_one_stands(path: str, shown: str) -> None:
    assert relative(path, "/a/b/") == shown


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        (Options(), TextReport),
        (Options([], [("--compat", "")]), LinesOf36),
        (Options([("-z", "")]), ZeroReport),
    ],
)
def test_the_options_decide_on_the_report(
    options: Options, kind: type[Report], tmp_path: Path
) -> None:
    assert type(report_for(options)) is kind
