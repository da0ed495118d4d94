"""The paths that a shell offers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.cli import completing
from zope.app.fssync.cli.completing import offered
from zope.app.fssync.client.workingcopy.index import clocks
from zope.app.fssync.client.workingcopy.index import passed


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "@@Zope").mkdir()
    (tmp_path / "sub").mkdir()
    return tmp_path


def register(here: Path, text: str) -> None:
    (here / "@@Zope" / "Entries.xml").write_text(f"<entries>{text}</entries>")


def test_registered_paths_are_offered(here: Path) -> None:
    (here / "unknown").write_text("x")
    register(here, "<entry name='sub'/><entry name='stop'/><entry name='a'/>")
    assert offered("tracked", "s") == ["stop", "sub/"]
    assert offered("tracked", f"{here}/su") == [f"{here}/sub/"]
    assert offered("tracked", "un") == []


def test_conflicts_are_offered_wherever_they_are(here: Path) -> None:
    register(here, "<entry name='a' conflict='1'/><entry name='b'/>")
    (here / "sub" / "@@Zope").mkdir()
    register(here / "sub", "<entry name='c' conflict='1'/>")
    assert offered("conflicts", "") == ["a", "sub/c"]
    assert offered("conflicts", "sub/") == ["sub/c"]
    assert offered("conflicts", "sub/b") == []


@pytest.mark.parametrize(
    "text",
    [
        "<entries><entry name='a'",
        "<!DOCTYPE x><entries><entry name='a'/></entries>",
        "<entries><entry name='a\t&#10;b'/><entry name='x/y'/></entries>",
    ],
)
def test_damaged_names_and_control_characters_are_not_offered(
    here: Path, text: str
) -> None:
    (here / "@@Zope" / "Entries.xml").write_text(text)
    assert offered("tracked", "") == []


def test_unknown_directories_offer_no_paths(here: Path) -> None:
    assert offered("tracked", "") == []
    assert offered("conflicts", "no/such/") == []
    (here / "@@Zope" / "Entries.xml").symlink_to("/etc/passwd")
    assert offered("tracked", "") == []


def test_a_home_directory_is_found(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))
    register(here, "<entry name='a'/>")
    assert offered("tracked", os.path.join("~", "a")) == [f"{here}/a"]


@pytest.mark.layout(3)
def test_directories_as_they_were_sent_are_not_looked_at_for_conflicts(
    zsync: Any, demo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    found = completing._with_parts_in_conflict

    def look(control: str) -> Iterator[str]:
        looked.append(control)
        return found(control)

    monkeypatch.setattr(completing, "_with_parts_in_conflict", look)
    monkeypatch.chdir(zsync.place)
    # What was written in this tick of the clock is not remembered.
    assert passed(clocks("co"), time.time_ns())
    zsync("status", "co")
    assert offered("conflicts", "co/demo/") == []
    assert looked == []
    zsync("remove", "co/demo/readme.txt")
    assert offered("conflicts", "co/demo/") == []
    assert [os.path.relpath(each) for each in looked] == ["co/.zsync/tree/demo/@@Zope"]
