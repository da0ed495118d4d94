"""A watch at work: people save, browsers edit, servers go away and come back."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.testing.demoserver import LOGIN
from zope.app.fssync.testing.demoserver import TIMEOUT
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.testing.processes import zsync_command

pytestmark = pytest.mark.slow


def until(holds: Callable[[], bool], what: str = "") -> None:
    """Wait for what has to come true."""
    end = time.monotonic() + TIMEOUT
    while not holds():
        assert time.monotonic() < end, what
        select.select([], [], [], 0.05)


class Watcher:
    """A process that watches a working copy, and what it tells."""

    def __init__(self, me: Person, *arguments: str) -> None:
        self.process = subprocess.Popen(
            zsync_command("--json-lines", "watch", *arguments),
            cwd=me.place,
            env=environment(me.home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.told: list[dict[str, Any]] = []

    def until(self, action: str, path: str = "") -> dict[str, Any]:
        """Wait until something is told."""
        assert self.process.stdout is not None
        while True:
            line = self.process.stdout.readline()
            assert line, (self.told, self.process.communicate())
            self.told.append(json.loads(line))
            last = self.told[-1]
            if last.get("action") == action and path in last.get("path", ""):
                return last

    def ends(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=TIMEOUT)
        assert b"Traceback" not in err, err
        assert json.loads(out.splitlines()[-1])["command"] == "watch"
        return self.process.returncode


class Watched(Person):
    """Somebody whose working copy of a folder of their own is watched."""

    def __init__(self, place: Path, demo: Demo, name: str) -> None:
        super().__init__(place)
        self.demo = demo
        self.name = name
        source = place / name
        (source / "sub").mkdir(parents=True)
        (source / "a.txt").write_text("1\n2\n3\n4\n5\n6\n7\n8\n")
        (source / "sub" / "b.txt").write_text("b\n")
        self.url = f"http://{LOGIN}@127.0.0.1:{demo.running.port}/demo/{name}"
        self("import", name, self.url)
        self("checkout", "-q", self.url, "co")
        self.here = place / "co" / name

    def there(self, path: str) -> str | None:
        """What the server has of a file, None where it has none."""
        try:
            return self.demo.get(f"demo/{self.name}/{path}").decode()
        except OSError:
            return None

    def others(self, path: str, text: str) -> None:
        self.demo.put(f"demo/{self.name}/{path}", text.encode())

    def transactions(self) -> int:
        return len(json.loads(self("log", "--json", self.url))["items"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("watch") / "data")
    demo("start", "--port", str(free_port()))
    demo("sample")
    yield demo
    demo("stop")


@pytest.fixture
def me(tmp_path: Path, server: Demo, request: pytest.FixtureRequest) -> Watched:
    return Watched(tmp_path, server, f"of-{tmp_path.name}")


@pytest.fixture
def watching(me: Watched) -> Iterator[Callable[..., Watcher]]:
    started: list[Watcher] = []

    def watching(*arguments: str) -> Watcher:
        started.append(Watcher(me, *arguments))
        started[-1].until("watching")
        return started[-1]

    yield watching
    for each in started:
        with each.process:
            each.process.kill()


def test_both_sides_follow_each_other(
    me: Watched, watching: Callable[..., Watcher]
) -> None:
    watcher = watching("co")
    count = me.transactions()
    # A burst, with a file that is written anew by renaming, and what editors keep.
    (me.here / ".a.txt.swp").write_text("swap")
    (me.here / "ignored~").write_text("old")
    (me.here / "new").mkdir()
    (me.here / "new" / "c.txt").write_text("c\n")
    (me.here / "new" / ".c.txt.swp").write_text("")
    (me.here / "a.new").write_text("saved\n")
    (me.here / "a.new").replace(me.here / "a.txt")
    watcher.until("committed")
    assert (me.there("a.txt"), me.there("new/c.txt")) == ("saved\n", "c\n")
    assert me.transactions() == count + 1
    me.others("sub/b.txt", "theirs\n")
    watcher.until("updated", "b.txt")
    until(lambda: (me.here / "sub" / "b.txt").read_text() == "theirs\n")
    (me.here / "deep").mkdir()
    (me.here / "new" / "c.txt").rename(me.here / "deep" / "moved.txt")
    (me.here / "new" / "c.txt").with_name("keep.txt").write_text("k\n")
    watcher.until("committed")
    until(lambda: me.there("deep/moved.txt") == "c\n")
    assert [each["detail"] for each in watcher.told if each["action"] == "sent"][
        -3:
    ].count("moved") == 1
    (me.here / "a.txt").unlink()
    until(lambda: me.there("a.txt") is None)
    watcher.until("committed")
    assert watcher.ends() == 0
    (me.here / "new" / ".c.txt.swp").unlink()
    assert me("status", "co") == ""
    assert not (me.here / "a.txt").exists()
    assert [each.name for each in (me.here / "new").glob("[!@]*")] == ["keep.txt"]


def test_a_conflict_pauses_its_path_alone(
    me: Watched, watching: Callable[..., Watcher]
) -> None:
    watcher = watching("--quiet-time", "0.1", "co")
    (me.here / "a.txt").write_text("mine\n")
    me.others("a.txt", "theirs\n")
    paused = watcher.until("paused", "a.txt")
    assert "zsync resolve" in paused["text"]
    (me.here / "sub" / "b.txt").write_text("goes on\n")
    watcher.until("committed")
    assert me.there("sub/b.txt") == "goes on\n"
    assert me.there("a.txt") == "theirs\n"
    assert "mine\n" in (me.here / "a.txt").read_text()
    (me.here / "a.txt").write_text("both\n")
    assert me.there("a.txt") == "theirs\n"
    until(lambda: _resolved(me))
    watcher.until("resumed", "a.txt")
    until(lambda: me.there("a.txt") == "both\n")
    assert watcher.ends(signal.SIGINT) == 0


def _resolved(me: Watched) -> bool:
    """Resolve, when the watch is not at work."""
    try:
        me("resolve", "co")
    except AssertionError:
        return False
    return True


def test_many_deletions_are_not_taken_for_meant(
    me: Watched, watching: Callable[..., Watcher]
) -> None:
    for number in range(12):
        (me.here / "sub" / f"{number}.txt").write_text("x\n")
    me("watch", "--once", "co")
    assert me.there("sub/11.txt") == "x\n"
    watcher = watching("co")
    for number in range(12):
        (me.here / "sub" / f"{number}.txt").unlink()
    kept = watcher.until("kept", "sub")
    assert "12 files are gone here" in kept["text"]
    me.others("a.txt", "news\n")
    watcher.until("updated", "a.txt")
    until(lambda: (me.here / "sub" / "11.txt").exists())
    assert me.there("sub/11.txt") == "x\n"
    assert watcher.ends() == 0


def test_a_person_may_say_that_deletions_are_meant(me: Watched) -> None:
    names = [f"{number}.txt" for number in range(12)]
    for name in names:
        (me.here / name).write_text("x\n")
    me("watch", "--once", "co")
    for name in names:
        (me.here / name).unlink()
    status, shown = me.talk(
        ["watch", "co"],
        (b"Type yes or no.", b"yes\n"),
        (b"Committed 12 objects", b"\x03"),
    )
    assert status == 0, shown
    assert me.there("1.txt") is None
    assert me("status", "co") == ""


def test_a_password_that_is_asked_for_is_no_answer(me: Watched) -> None:
    (me.home / ".zsyncpass").unlink()
    status, shown = me.talk(
        ["watch", "co"],
        (b"Password for zsync", LOGIN.partition(":")[2].encode() + b"\n"),
        (b"Watching;", b"\x03"),
    )
    assert status == 0, shown


def test_faults_that_the_server_finds_are_told_at_once(
    me: Watched, watching: Callable[..., Watcher]
) -> None:
    watcher = watching("co")
    (me.here / "new.json").write_text('{"a": 1,}\n')
    told = watcher.until("warning")
    assert "new.json:1: " in told["text"]
    until(lambda: me.there("new.json") is not None)
    assert watcher.ends() == 0


def test_names_of_numbers_are_content(me: Watched) -> None:
    (me.here / "5000").write_text("copies\n")
    (me.here / "4913").write_text("prints\n")
    (me.here / "new").mkdir()
    (me.here / "new" / "5036").write_text("sheets\n")
    me("watch", "--once", "co")
    assert me.there("5000") == "copies\n"
    assert me.there("4913") == "prints\n"
    assert me.there("new/5036") == "sheets\n"


def test_one_way_only(me: Watched, watching: Callable[..., Watcher]) -> None:
    (me.here / "a.txt").write_text("mine\n")
    me.others("sub/b.txt", "theirs\n")
    me("watch", "--once", "--pull-only", "co")
    assert me.there("a.txt") != "mine\n"
    assert (me.here / "sub" / "b.txt").read_text() == "theirs\n"
    me.others("sub/b.txt", "theirs again\n")
    me("watch", "--once", "--push-only", "co")
    assert me.there("a.txt") == "mine\n"
    assert (me.here / "sub" / "b.txt").read_text() == "theirs\n"
    (me.here / "sub" / "b.txt").write_text("mine\n")
    shown = me("watch", "--once", "--push-only", "co")
    assert "not committed until it changes" in shown
    me("watch", "--once", "co", status=3)
    me("watch", "--push-only", "--pull-only", "co", status=2)
    me("watch", "--quiet-time", "x", "co", status=2)


def test_a_server_that_is_away_is_waited_for(
    me: Watched, watching: Callable[..., Watcher], server: Demo
) -> None:
    watcher = watching("--quiet-time", "0.1", "co")
    port = server.running.port
    server("stop")
    (me.here / "a.txt").write_text("while away\n")
    watcher.until("waiting")
    server("start", "--port", str(port))
    watcher.until("committed")
    assert me.there("a.txt") == "while away\n"
    me.others("a.txt", "and back\n")
    watcher.until("updated", "a.txt")
    assert watcher.ends() == 0
    assert os.listdir(me.here)
