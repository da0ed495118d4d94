"""Records end with a zero byte, and no path is quoted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zope.app.fssync.cli.main import main
from zope.app.fssync.cli.zeroreport import ZeroReport
from zope.app.fssync.testing.clientfixtures import *  # noqa: F403
from zope.app.fssync.testing.clientside import Client
from zope.fssync.report import CONFLICT
from zope.fssync.report import Change

LINES = "co/demo/two\nlines"
NO_TEXT = os.fsdecode(b"co/demo/\xff")


def records(capfdbinary: pytest.CaptureFixture[bytes]) -> list[bytes]:
    out, err = capfdbinary.readouterr()
    assert err == b""
    assert not out or out.endswith(b"\0")
    return out.split(b"\0")[:-1]


def test_status_names_paths_as_they_are(
    co: Path, client: Client, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for path in (LINES, NO_TEXT):
        Path(path).touch()
    (co / "new").mkdir()
    client("move", ["co/demo/a.txt"], "co/demo/moved.txt")
    assert main(["status", "-z", "co"]) == 0
    assert records(capfdbinary) == [
        *(b"R  co/demo/moved.txt", b"co/demo/a.txt"),
        b"?  co/demo/new/",
        b"?  co/demo/two\nlines",
        b"?  co/demo/\xff",
    ]
    assert main(["diff", "-z", "--summary", "co"]) == 0
    assert sorted(records(capfdbinary))[-1] == b"D  co/demo/a.txt"


def test_a_conflict_is_one_record(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    report = ZeroReport()
    report.change(Change(CONFLICT, "a/b", "C", "both-changed"))
    report.message("for people")
    assert records(capfdbinary) == [b"C  a/b"]


def test_items_have_names_or_paths_or_text(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    report = ZeroReport()
    report.item({"name": "sub", "kind": "directory"}, "sub/  Folder")
    report.item({"path": NO_TEXT, "kind": "both-changed"}, "C  x")
    report.item({"path": "x", "name": "title"}, "title: X")
    report.item({"id": "0x1"}, "\n0x1  today\n    message")
    report.item({"action": "added", "path": "a\\"}, "A  a\\\\")
    report.item({"action": "unchanged", "path": "b", "server": "new"}, "  * b (new)")
    assert records(capfdbinary) == [
        *(b"sub/", b"co/demo/\xff", b"title", b"0x1  today\n    message"),
        *(b"A  a\\", b"  * b"),
    ]


def test_json_comes_first(co: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["status", "-z", "--json", "co"]) == 0
    assert capfdbinary.readouterr().out.startswith(b'{"format"')
