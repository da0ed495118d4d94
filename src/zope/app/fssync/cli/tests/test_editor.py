"""Messages that a person writes in an editor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from zope.app.fssync.cli.editor import MARK
from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import recorded_answer

pytestmark = pytest.mark.layout(3)

CHECKOUT = recorded_answer("checkout-demo")
OUT_OF_DATE = recorded_answer("commit-conflict")


class Writer(Person):
    """Somebody with a working copy, an editor, and a server that answers."""

    def __init__(self, home: Path, server: RawServer) -> None:
        super().__init__(home, home)
        self.server = server
        self.message = home / ".zsync" / "message.txt"
        self.file = home / "demo" / "readme.txt"

    def commit(self, *args: str, **more: Any) -> tuple[int, bytes]:
        """Commit on a terminal; return the exit status and what it showed."""
        return self.write("commit", *args, **more)

    def write(
        self, *args: str, answers: Sequence[bytes] = (), **more: Any
    ) -> tuple[int, bytes]:
        """Run zsync on a terminal; return its exit status and what it showed."""
        self.server.answers[:] = answers
        self.server.requests.clear()
        return self.talk(args, **more)

    def editor(self, name: str, script: str) -> str:
        """Return the command of an editor; it gets the file as its last argument."""
        path = self.home / name
        path.write_text(f'#!/bin/sh\ncp "$1" {self.home}/seen\n{script}\n')
        path.chmod(0o700)
        return str(path)

    def says(self, name: str, text: str) -> str:
        return self.editor(name, f'printf "%b" "{text}" > "$1"')

    def notes(self) -> list[str]:
        """The messages that the server was sent."""
        lines = [r.line for r in self.server.requests if r.line[:5] == "POST "]
        return [unquote(x.partition("note=")[2].partition(" ")[0]) for x in lines]


@pytest.fixture
def me(tmp_path):
    with RawServer([CHECKOUT]) as server:
        person = Writer(tmp_path, server)
        url = f"http://ann:x@127.0.0.1:{server.port}/demo"
        person("checkout", url)
        person.file.write_text("mine\n")
        yield person


def test_the_editor_shows_what_is_sent_and_a_failure_keeps_the_message(me):
    (me.file.parent / "unknown.txt").write_text("x")
    editor = me.says("one", f"\\n Wh\u00fc? # 1\\n\\n# two \\n{MARK}\\nM readme.txt\\n")
    status, shown = me.commit(answers=[OUT_OF_DATE], ZSYNC_EDITOR=editor)
    assert status == 5, shown
    assert me.notes() == ["Wh\u00fc? # 1\n\n# two"]
    seen = (me.home / "seen").read_text()
    assert seen.startswith(f"\n\n{MARK}\n\n")
    assert "M demo/readme.txt" in seen
    assert "unknown" not in seen
    assert b"the message is kept in .zsync/message.txt" in shown
    assert me.message.stat().st_mode & 0o777 == 0o600

    editor = me.editor("two", "")
    status, shown = me.commit(answers=[OUT_OF_DATE], EDITOR=editor)
    assert me.notes() == ["Wh\u00fc? # 1\n\n# two"]
    assert (me.home / "seen").read_text().startswith("Wh\u00fc? # 1\n\n# two\n")


def test_a_commit_that_succeeds_leaves_no_message(me):
    status, shown = me.commit(answers=[CHECKOUT], EDITOR=me.says("one", "Why"))
    assert status == 0, shown
    assert me.notes() == ["Why"]
    assert not me.message.exists()


def test_an_empty_message_sends_nothing(me):
    status, shown = me.commit(EDITOR=me.editor("none", ""))
    assert status == 1
    assert b"nothing was sent: the message is empty" in shown
    assert not me.server.requests
    assert not me.message.exists()


@pytest.mark.parametrize(
    ("script", "why"),
    [('echo kept > "$1"; exit 3', b"ended with status 3"), (None, b"does not run")],
)
def test_an_editor_that_fails_sends_nothing(me, script, why):
    editor = me.editor("fails", script) if script else "/nonexistent/editor"
    status, shown = me.commit(EDITOR=editor)
    assert status == 1
    assert why in shown
    assert not me.server.requests
    assert me.message.exists() == bool(script)


def test_the_first_of_the_editors_that_are_named_is_used(me):
    names = ["ZSYNC_EDITOR", "setting", "VISUAL", "EDITOR"]
    commands = {name: me.says(name, name) for name in names}
    me("config", "set", "commit.editor", f"{commands.pop('setting')} ")
    for name in names:
        _, shown = me.commit(answers=[OUT_OF_DATE], **commands)
        assert me.notes() == [name], shown
        commands.pop(name, None)
        if name == "setting":
            me("config", "unset", "commit.editor")
    me.says("nano", "default")
    (me.home / "bin").mkdir()
    (me.home / "nano").rename(me.home / "bin" / "nano")
    path = f"{me.home}/bin:/usr/sbin"
    (me.home / "bin" / "cp").symlink_to("/bin/cp")
    me.commit(answers=[OUT_OF_DATE], PATH=path)
    assert me.notes() == ["default"]


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"PATH": "/nonexistent"}, b"there is no editor"),
        ({"TERM": "dumb", "VISUAL": "true"}, b"there is no editor"),
        ({"EDITOR": "'"}, b"the editor cannot be called"),
    ],
)
def test_without_an_editor_nothing_is_sent(me, variables, why):
    status, shown = me.commit(**variables)
    assert status == 1
    assert why in shown
    assert not me.message.exists()


def test_a_link_in_place_of_the_message_is_not_written_through(me):
    (me.home / "victim").write_text("precious")
    me.message.symlink_to(me.home / "victim")
    status, _ = me.commit(EDITOR=me.says("one", "Why"))
    assert status == 8
    assert (me.home / "victim").read_text() == "precious"


@pytest.mark.parametrize(
    ("args", "note"),
    [
        (["-m", "given"], "given"),
        (["--compat"], "fssync_commit"),
        (["-n"], "fssync_commit"),
    ],
)
def test_no_editor_opens_where_none_is_wanted(me, args, note):
    editor = me.says("one", "no")
    me.commit(*args, answers=[OUT_OF_DATE], EDITOR=editor)
    assert me.notes()[0].partition("&")[0] == note


def test_without_changes_no_editor_opens(me):
    me("revert", "demo")
    status, shown = me.commit(answers=[CHECKOUT], EDITOR=me.says("one", "no"))
    assert status == 0, shown
    assert not (me.home / "seen").exists()


def test_without_a_terminal_no_editor_opens(me):
    me.server.answers[:] = [OUT_OF_DATE]
    me.server.requests.clear()
    me("commit", "-o", f"commit.editor={me.says('one', 'no')}", status=5)
    assert me.notes() == ["fssync_commit"]


def test_checkin_asks_for_a_message_too(me):
    url = f"http://ann:x@127.0.0.1:{me.server.port}/new"
    answers = [recorded_answer("checkin-file")]
    status, shown = me.write(
        "checkin", url, answers=answers, EDITOR=me.says("one", "Why")
    )
    assert status == 0, shown
    assert me.notes()[0].partition("&")[0] == "Why"
    assert f". becomes http://ann:***@127.0.0.1:{me.server.port}/new" in (
        (me.home / "seen").read_text()
    )
