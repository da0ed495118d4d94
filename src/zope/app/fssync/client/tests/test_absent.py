"""What a server does not send is told at once, and remembered for the status."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.absent import known
from zope.app.fssync.client.absent import note
from zope.app.fssync.client.absent import told
from zope.app.fssync.client.session import changing
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.app.fssync.protocol.headers import LEFT_OUT
from zope.app.fssync.protocol.headers import WITHHELD


def test_objects_that_the_server_failed_to_read_are_named() -> None:
    assert list(told({LEFT_OUT: "a%20b c\x1b"}, None)) == [
        "warning: the server left out a b, its log tells why",
        "warning: the server left out c\\x1b, its log tells why",
    ]


def test_withheld_files_are_counted() -> None:
    said = list(told({WITHHELD: "1"}, None))
    assert said == ["hint: the server withheld 1 object or part of one"]
    (line,) = told({WITHHELD: "12"}, "http://host/demo", "demo")
    assert line.startswith(
        "hint: the server withheld 12 objects and parts of them when it last sent all "
        "of demo; you are not logged in: after 'zsync login http://host/demo' "
    )


@pytest.mark.parametrize("count", ["0", "", "-1", "many", "1" * 12])
def test_an_invalid_number_announces_nothing(count: str) -> None:
    assert list(told({WITHHELD: count}, None)) == []


def noted(target: Path, closing: dict[str, str], anonymous: bool = False) -> list[str]:
    """Return what is known of a working copy after an answer."""
    copy = WorkingCopy.find(str(target))
    with changing(copy, "update", lambda line: None) as session:
        note(session, str(target), closing, anonymous)
    return list(known(copy.root))


def test_absent_is_remembered_until_an_answer_lacks_nothing(co: Path) -> None:
    (line,) = noted(co, {WITHHELD: "2"}, anonymous=True)
    assert "withheld 2 objects and parts of them when it last sent all of demo" in line
    assert "zsync login http://localhost:8080/demo" in line
    assert len(noted(co, {LEFT_OUT: "demo/a.txt"})) == 1
    assert noted(co, {}) == []


def test_objects_missing_from_a_part_are_not_remembered(co: Path) -> None:
    assert noted(co / "sub", {WITHHELD: "2"}) == []
