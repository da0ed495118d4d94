"""A verb works in an open session: all of its changes become real, then it reports."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.session import HeldReport
from zope.app.fssync.client.session import changing
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import CannedNetwork
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import metadata
from zope.fssync.errors import Error
from zope.fssync.errors import Locked
from zope.fssync.metadata import DirectoryManager


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def fs(server: Server, home: Path, lines: list[str]) -> FSSync:
    return FSSync(network=CannedNetwork(server, home), reporter=lines.append)


def made(directory: Path, *names: str) -> list[str]:
    """Make files; return their paths below the current directory."""
    for name in names:
        (directory / name).write_text(name)
    return [os.path.relpath(directory / name) for name in names]


# reading and changing


def test_reading_outside_of_a_working_copy_finds_nothing_registered(home: Path) -> None:
    session = reading(str(home))
    assert (session.root, session.registered("x")) == (None, ["x"])


def test_reading_goes_on_with_a_session_of_the_same_working_copy(co: Path) -> None:
    session = reading("co/demo")
    assert reading("co/demo/sub", known=session) is session
    assert reading(str(co.parent.parent), known=session) is not session


def test_a_held_report_is_made_after_the_changes_are_real(co: Path) -> None:
    seen: list[tuple[str, bool]] = []

    def report(line: str) -> None:
        seen.append((line, (co / "new.txt").exists()))

    with (
        HeldReport(report) as held,
        changing(WorkingCopy.find("co"), "test", held.add) as session,
    ):
        session.files.write(str(co / "new.txt"), [b"new"])
        session.reporter("U new\udc80\n.txt")
        assert not seen
    assert seen == [("U new\udc80\n.txt", True)]


def test_a_held_report_is_dropped_if_the_changes_fail(
    co: Path, lines: list[str]
) -> None:
    before = snapshot(co)

    def fail() -> None:
        with (
            HeldReport(lines.append) as held,
            changing(WorkingCopy.find("co"), "test", held.add) as session,
        ):
            session.files.write(str(co / "a.txt"), [b"new"])
            session.reporter("U a.txt")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert (lines, snapshot(co)) == ([], before)


def test_changing_restarts_without_its_changes(co: Path) -> None:
    with changing(WorkingCopy.find("co"), "test", print) as session:
        entry = session.entry("co/demo/a.txt")
        entry["flag"] = "removed"
        session.files.write(str(co / "a.txt"), [b"new"])
        session.restart()
        assert "flag" not in session.entry("co/demo/a.txt")
    assert (co / "a.txt").read_bytes() == b"one\ntwo\nthree\n"


def test_changing_keeps_other_commands_out(co: Path) -> None:
    copy = WorkingCopy.find("co")
    with (
        changing(copy, "test", print),
        pytest.raises(Locked),
        changing(copy, "other", print),
    ):
        pass


# One session for all targets of a local verb


@pytest.mark.parametrize("verb", ["add", "remove", "resolve", "revert"])
def test_a_local_verb_reads_the_entries_once_for_all_targets(
    fs: FSSync, co: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    paths = made(co, *(f"{number}.txt" for number in range(50)))
    if verb != "add":
        fs.each(paths, fs.add)
    if verb == "remove":
        for path in paths:
            os.unlink(path)
    loaded: list[str] = []
    load = DirectoryManager._load

    def counting(self: DirectoryManager) -> Any:
        loaded.append(self.efile)
        return load(self)

    monkeypatch.setattr(DirectoryManager, "_load", counting)
    fs.each(paths, getattr(fs, verb))
    assert loaded.count(str(co / "@@Zope" / "Entries.xml")) == 1


@pytest.mark.parametrize("verb", ["add", "remove", "revert"])
def test_a_local_verb_changes_nothing_if_one_target_fails(
    fs: FSSync, co: Path, lines: list[str], verb: str
) -> None:
    paths = made(co, "1.txt", "2.txt")
    if verb != "add":
        fs.each(paths, fs.add)
        for path in paths:
            os.unlink(path)
    lines.clear()
    before = snapshot(co.parent)
    with pytest.raises(Error):
        fs.each([paths[0], "co/demo/nosuch", paths[1]], getattr(fs, verb))
    assert (lines, snapshot(co.parent)) == ([], before)
    # The next verb starts anew.
    fs.each(paths, getattr(fs, verb))
    assert lines


def test_a_local_verb_changes_each_working_copy_by_itself(
    client: Client, fs: FSSync, co: Path, home: Path, lines: list[str]
) -> None:
    client("checkout", "other", url=URL)
    there = made(home / "other" / "demo", "x.txt", "z.txt")
    paths = [there[0], *made(co, "y.txt"), there[1]]
    fs.each(paths, fs.add)
    assert lines == [f"A {path}" for path in paths]
    assert [metadata().getentry(path)["flag"] for path in paths] == ["added"] * 3


def test_a_folder_is_added_with_what_lies_in_it(fs: FSSync, co: Path) -> None:
    (co / "new").mkdir()
    paths = ["co/demo/new", *made(co / "new", "x.txt")]
    fs.each(paths, fs.add)
    assert metadata().getentry(paths[1])["id"] == "/demo/new/x.txt"


def test_an_override_of_a_verb_is_called_for_each_target(fs: FSSync, co: Path) -> None:
    seen = []

    class Watching(FSSync):
        def add(self, path: str, *args: Any) -> None:
            super().add(path, *args)
            seen.append(self.metadata.getentry(path)["flag"])

    watching = Watching(network=fs.network)
    watching.each(made(co, "1.txt", "2.txt"), watching.add)
    assert seen == ["added", "added"]


def test_a_reporter_sees_the_working_copy_as_it_is(co: Path) -> None:
    seen = []

    class Watching(FSSync):
        def reporter(self, msg: str) -> None:
            entry = self.metadata.getentry(msg[2:])
            seen.append((entry["flag"], self.files.isfile(msg[2:])))

    watching = Watching()
    watching.each(made(co, "1.txt", "2.txt"), watching.add)
    assert seen == [("added", True)] * 2


def test_a_commit_stays_done_if_that_of_the_next_target_fails(
    fs: FSSync, server: Server, co: Path, lines: list[str]
) -> None:
    (co / "a.txt").write_text("mine\n")
    with pytest.raises(Error, match="nothing known about"):
        fs.multiple(["co/demo/a.txt", "co/demo/nosuch"], fs.commit)
    assert server.objects["demo/a.txt"] == b"mine\n"
    assert lines == [f"U {co}/a.txt"]
