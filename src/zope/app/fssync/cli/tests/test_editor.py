"""Messages that a person writes in an editor."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest

from zope.app.fssync.cli.editor import MARK
from zope.app.fssync.testing.commands import run_zsync
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import recorded_answer
from zope.app.fssync.testing.terminal import talk

CHECKOUT = recorded_answer("checkout-demo")
OUT_OF_DATE = recorded_answer("commit-conflict")


class Person:
    def __init__(self, home: Path, server: RawServer) -> None:
        self.home = home
        self.server = server
        self.message = home / "@@Zope" / "message.txt"
        self.file = home / "demo" / "readme.txt"

    def zsync(self, *args):
        env = environment(self.home)
        done = run_zsync(*args, cwd=self.home, env=env, merged=True)
        return done.returncode, done.stdout.decode()

    def talk(self, *args, answers=(), **more):
        """Run zsync on a terminal; returns its exit status and what it showed."""
        self.server.answers[:] = answers
        self.server.requests.clear()
        names = ("VISUAL", "EDITOR", "ZSYNC_EDITOR", "ZSYNC_COMPAT", "TERM")
        start = environment(self.home, XDG_CONFIG_HOME=str(self.home / ".config"))
        env = {k: v for k, v in start.items() if k not in names}
        return talk(
            args,
            cwd=self.home,
            env={**env, "TERM": "xterm", **more},
        )

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
        person = Person(tmp_path, server)
        url = f"http://ann:x@127.0.0.1:{server.port}/demo"
        assert person.zsync("checkout", url)[0] == 0
        person.file.write_text("mine\n")
        yield person


def test_the_editor_shows_what_is_sent_and_a_failure_keeps_the_message(me):
    (me.file.parent / "unknown.txt").write_text("x")
    editor = me.says("one", f"\\n Wh\u00fc? # 1\\n\\n# two \\n{MARK}\\nM readme.txt\\n")
    status, shown = me.talk("commit", answers=[OUT_OF_DATE], ZSYNC_EDITOR=editor)
    assert status == 5, shown
    assert me.notes() == ["Wh\u00fc? # 1\n\n# two"]
    seen = (me.home / "seen").read_text()
    assert seen.startswith(f"\n\n{MARK}\n\n")
    assert "M ./demo/readme.txt" in seen
    assert "unknown" not in seen
    assert f"the message is kept in {me.message}".encode() in shown
    assert me.message.stat().st_mode & 0o777 == 0o600

    editor = me.editor("two", "")
    status, shown = me.talk("commit", answers=[OUT_OF_DATE], EDITOR=editor)
    assert me.notes() == ["Wh\u00fc? # 1\n\n# two"]
    assert (me.home / "seen").read_text().startswith("Wh\u00fc? # 1\n\n# two\n")


def test_a_commit_that_succeeds_leaves_no_message(me):
    status, shown = me.talk("commit", answers=[CHECKOUT], EDITOR=me.says("one", "Why"))
    assert status == 0, shown
    assert me.notes() == ["Why"]
    assert not me.message.exists()


def test_an_empty_message_sends_nothing(me):
    status, shown = me.talk("commit", EDITOR=me.editor("none", ""))
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
    status, shown = me.talk("commit", EDITOR=editor)
    assert status == 1
    assert why in shown
    assert not me.server.requests
    assert me.message.exists() == bool(script)


def test_the_first_of_the_editors_that_are_named_is_used(me):
    names = ["ZSYNC_EDITOR", "setting", "VISUAL", "EDITOR"]
    commands = {name: me.says(name, name) for name in names}
    me.zsync("config", "set", "commit.editor", f"{commands.pop('setting')} ")
    for name in names:
        _, shown = me.talk("commit", answers=[OUT_OF_DATE], **commands)
        assert me.notes() == [name], shown
        commands.pop(name, None)
        if name == "setting":
            me.zsync("config", "unset", "commit.editor")
    me.says("nano", "default")
    (me.home / "bin").mkdir()
    (me.home / "nano").rename(me.home / "bin" / "nano")
    path = f"{me.home}/bin:/usr/sbin"
    (me.home / "bin" / "cp").symlink_to("/bin/cp")
    me.talk("commit", answers=[OUT_OF_DATE], PATH=path)
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
    status, shown = me.talk("commit", **variables)
    assert status == 1
    assert why in shown
    assert not me.message.exists()


def test_a_link_in_place_of_the_message_is_not_written_through(me):
    (me.home / "victim").write_text("precious")
    me.message.symlink_to(me.home / "victim")
    status, _ = me.talk("commit", EDITOR=me.says("one", "Why"))
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
    me.talk("commit", *args, answers=[OUT_OF_DATE], EDITOR=editor)
    assert me.notes()[0].partition("&")[0] == note


def test_without_changes_no_editor_opens(me):
    me.zsync("revert", "demo")
    status, shown = me.talk("commit", answers=[CHECKOUT], EDITOR=me.says("one", "no"))
    assert status == 0, shown
    assert not (me.home / "seen").exists()


def test_without_a_terminal_no_editor_opens(me):
    me.server.answers[:] = [OUT_OF_DATE]
    me.server.requests.clear()
    assert me.zsync("commit", "-o", f"commit.editor={me.says('one', 'no')}")[0] == 5
    assert me.notes() == ["fssync_commit"]


def test_checkin_asks_for_a_message_too(me):
    url = f"http://ann:x@127.0.0.1:{me.server.port}/new"
    answers = [recorded_answer("checkin-file")]
    status, shown = me.talk(
        "checkin", url, answers=answers, EDITOR=me.says("one", "Why")
    )
    assert status == 0, shown
    assert me.notes()[0].partition("&")[0] == "Why"
    assert f". becomes http://ann:***@127.0.0.1:{me.server.port}/new" in (
        (me.home / "seen").read_text()
    )
