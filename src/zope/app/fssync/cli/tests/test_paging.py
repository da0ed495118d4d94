"""Colours and the pager, on terminals and in pipes, each in a process."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.testing.person import Person

pytestmark = pytest.mark.slow

RED, GREEN, YELLOW = b"\x1b[31m", b"\x1b[32m", b"\x1b[33m"
PLAIN = b"M  a\n"
COLORED = YELLOW + b"M  a\x1b[0m\n"


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A working copy with an edit, whose server is not there."""
    top = tmp_path / "site"
    for path, content in {
        "../@@Zope/Root": "http://u:p@127.0.0.1:1/site",
        "../@@Zope/Entries.xml": '<entries><entry name="site" id="/site" /></entries>',
        "@@Zope/Entries.xml": '<entries><entry name="a" id="/site/a" /></entries>',
        "@@Zope/Original/a": "-- old\nsame\n",
        "a": "same\n++ new\n",
    }.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(content)
    return top


def piped(top: Path, *args: str, **more: Any) -> bytes:
    person = Person(top, top.parent / "home")
    shown = person(*args, **{"TERM": "xterm", **more})
    assert person.said == ""
    return shown.encode()


def on_terminal(top: Path, *args: str, status: str = "0", **more: Any) -> bytes:
    found, shown = Person(top, top.parent / "home").talk(args, **more)
    assert found == int(status), shown
    return shown.replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    ("args", "more", "expected"),
    [
        ([], {}, COLORED),
        ([], {"NO_COLOR": "1"}, PLAIN),
        ([], {"TERM": "dumb"}, PLAIN),
        (["--color=never"], {}, PLAIN),
        (["--color=always"], {"NO_COLOR": "1", "TERM": "dumb"}, COLORED),
        ([], {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, PLAIN),
        (["--compat"], {}, b"M ./a\n"),
    ],
)
def test_a_terminal_shows_colours_unless_they_are_unwanted(
    top: Path, args: list[str], more: dict[str, str], expected: bytes
) -> None:
    assert on_terminal(top, "status", *args, **more) == expected


@pytest.mark.parametrize(
    ("args", "more", "expected"),
    [
        ([], {}, PLAIN),
        ([], {"CLICOLOR_FORCE": "0"}, PLAIN),
        ([], {"CLICOLOR_FORCE": "1"}, COLORED),
        (["--color", "always"], {}, COLORED),
    ],
)
def test_a_pipe_has_colours_on_demand_only(
    top: Path, args: list[str], more: dict[str, str], expected: bytes
) -> None:
    assert piped(top, "status", *args, **more) == expected


def test_json_has_no_colours(top: Path) -> None:
    for verb in ("status", "diff"):
        shown = piped(top, verb, "--json", "--color=always")
        assert b"\\u001b" not in shown
        assert json.loads(shown)["items"]


def test_lines_of_a_difference_are_coloured_by_what_they_are(top: Path) -> None:
    lines = piped(top, "diff", "--color=always").split(b"\n")
    assert [line for line in lines if line.startswith(RED)] == [RED + b"--- old\x1b[0m"]
    assert [line for line in lines if line.startswith(GREEN)] == [
        GREEN + b"+++ new\x1b[0m"
    ]
    assert b"\x1b[1m+++ b/a\x1b[0m" in lines
    plain = piped(top, "diff")
    assert b"\x1b" not in plain
    stripped = b"\n".join(lines)
    for code in (b"0", b"1", b"31", b"32", b"36"):
        stripped = stripped.replace(b"\x1b[%sm" % code, b"")
    assert stripped == plain


def test_a_wrong_word_for_colours_is_refused(top: Path) -> None:
    shown = on_terminal(top, "status", "--color=some", status="2")
    assert b"--color takes auto, always or never" in shown


@pytest.mark.parametrize(
    ("args", "more"),
    [
        ([], {"ZSYNC_PAGER": "sed s/^/P:/", "PAGER": "false"}),
        ([], {"PAGER": "sed s/^/P:/"}),
        (["-o", "core.pager=sed s/^/P:/"], {"PAGER": "false"}),
    ],
)
def test_a_pager_shows_a_difference(
    top: Path, args: list[str], more: dict[str, str]
) -> None:
    lines = on_terminal(top, "diff", *args, **more).splitlines()
    assert lines
    assert all(line.startswith(b"P:") for line in lines)
    # It is for a terminal all the same.
    assert b"P:" + GREEN + b"+++ new\x1b[0m" in lines


@pytest.mark.parametrize(
    ("args", "more"),
    [
        (["--no-pager"], {}),
        ([], {"TERM": "dumb"}),
        ([], {"ZSYNC_PAGER": ""}),
        ([], {"ZSYNC_PAGER": "cat"}),
        (["--compat"], {}),
    ],
)
def test_no_pager_runs_where_none_is_wanted(
    top: Path, args: list[str], more: dict[str, str]
) -> None:
    shown = on_terminal(top, "diff", *args, **{"PAGER": "sed s/^/P:/", **more})
    assert shown
    assert b"P:" not in shown
    assert b"P:" not in piped(top, "diff", *args, PAGER="sed s/^/P:/")


def test_a_pager_that_is_left_early_is_no_error(top: Path) -> None:
    (top / "a").write_text("long\n" * 100_000)
    assert on_terminal(top, "diff", ZSYNC_PAGER="true") == b""


def test_output_for_a_terminal_is_safe_in_a_pager(top: Path) -> None:
    (top / "a").write_bytes(b"\x1b]0;title\x07\n")
    shown = on_terminal(top, "diff", "--color=never", ZSYNC_PAGER="sed s/^/P:/")
    assert b"\x1b" not in shown
    assert b"\\x1b]0;title" in shown


def test_a_pager_that_does_not_run_is_named(top: Path) -> None:
    shown = on_terminal(top, "diff", ZSYNC_PAGER="/no/such", status="1")
    assert b"the pager '/no/such' does not run" in shown
    assert b"hint: Use --no-pager" in shown


@pytest.mark.parametrize("locale", ["en_US.ISO-8859-1", "C", "C.UTF-8"])
def test_names_reach_the_terminal_of_any_locale(top: Path, locale: str) -> None:
    (top / os.fsdecode("\u00dc.txt".encode())).write_text("")
    shown = on_terminal(top, "status", LC_ALL=locale, PYTHONUTF8="0", NO_COLOR="1")
    assert PLAIN in shown
    assert len(shown.splitlines()) == 2
