"""The walk of the README over ssh, and much content, with a real Zope."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.client.transport import open_transport
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.testing.processes import zsync_command

pytestmark = pytest.mark.slow

MB = 1 << 20
QUESTION = "continue connecting (yes/no)? "

ZSYNC = """\
import atexit, sys
from zope.app.fssync.cli.main import main
def peak():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            print("peak", int(line.split()[1]) * 1024)
atexit.register(peak)
sys.exit(main())
"""


class Walk:
    """A person with a home, a demo server and an ssh server before it."""

    def __init__(self, home: support.Home, server: support.Process, demo: Demo):
        self.home = home
        self.server = server
        self.demo = demo
        self.peak = 0

    @property
    def url(self) -> str:
        return f"zsync+ssh://zsync:zsync@localhost:{self.server.port}"

    def zsync(self, *arguments: str, expected: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-c", ZSYNC, *arguments],
            env=self.home.env,
            cwd=self.home.path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == expected, done.stdout + done.stderr
        output, _, peak = done.stdout.rpartition("peak ")
        self.peak = int(peak)
        return output + done.stderr


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory, host_key: Path) -> Iterator[Walk]:
    place = tmp_path_factory.mktemp("walk")
    home = support.Home(place / "home")
    demo = Demo(place / "data")
    try:
        demo("start", "--port", str(free_port()))
        demo("sample")
        command = support.demo_command(demo.running.url, host_key)
        with support.process(*command, env=home.env, cwd=place) as server:
            server.port = int(server.wait_for(r"ready on .* port (\d+)")[1])
            yield Walk(home, server, demo)
    finally:
        demo("stop")


@pytest.fixture
def trusted(walk: Walk, host_key: Path, monkeypatch: pytest.MonkeyPatch) -> Walk:
    monkeypatch.setenv("HOME", str(walk.home.path))
    walk.home.trust(f"[localhost]:{walk.server.port}", Path(f"{host_key}.pub"))
    return walk


def test_the_walk_of_the_readme(walk: Walk) -> None:
    code, output = support.on_terminal(
        [sys.executable, "-c", ZSYNC, "co", f"{walk.url}/demo", "co2"],
        {**walk.home.env, "PWD": str(walk.home.path)},
        [(QUESTION, "yes")],
        walk.home.path,
    )
    assert code == 0, output
    assert "A  co2/demo/hello.txt" in output
    hello = walk.home.path / "co2" / "demo" / "hello.txt"
    hello.write_bytes(hello.read_bytes() + b"over ssh\n")
    assert walk.zsync("status", "co2") == "M  co2/demo/hello.txt\n"
    assert "+over ssh" in walk.zsync("diff", "co2")
    assert "Committed 1 object" in walk.zsync("commit", "-m", "über ssh: a note", "co2")
    assert walk.demo.get("demo/hello.txt").endswith(b"over ssh\n")
    walk.demo.put("demo/hello.txt", b"changed there\n")
    hello.write_bytes(b"changed here\n")
    assert "Up-to-date check failed" in walk.zsync("commit", "co2", expected=5)
    assert "C  co2/demo/hello.txt" in walk.zsync("update", "co2", expected=3)
    hello.write_bytes(b"both\n")
    walk.zsync("resolve", "co2/demo/hello.txt")
    walk.zsync("commit", "co2")
    assert walk.demo.get("demo/hello.txt") == b"both\n"
    assert walk.zsync("update", "co2") == "Up to date.\n"


def test_the_past_comes_over_ssh(trusted: Walk) -> None:
    walk = trusted
    todo = f"{walk.url}/demo/notes/todo.txt"
    walk.zsync("co", f"{walk.url}/demo/notes", "past")
    mine = walk.home.path / "past" / "notes" / "todo.txt"
    old = mine.read_bytes()
    mine.write_bytes(b"first\n" + old)
    walk.zsync("commit", "-m", "one more thing to do", "past")
    told = walk.zsync("log", "-v", "--diff", "-l", "1", "past")
    tid = told.split()[0]
    assert "    one more thing to do\nM   todo.txt\n" in told
    assert "+first\n" in told
    assert walk.zsync("annotate", todo).startswith(tid)
    assert "+first\n" in walk.zsync("diff", "-r", "PREV:HEAD", "past")
    assert walk.zsync("cat", "-r", "PREV", todo) == old.decode()
    walk.zsync("checkout", "-r", tid, f"{walk.url}/demo/notes", "then")
    assert (walk.home.path / "then/notes/todo.txt").read_bytes() == b"first\n" + old
    assert "Took back" in walk.zsync("undo", "--server", tid, "past")
    assert walk.demo.get("demo/notes/todo.txt") == old


def test_moves_of_a_file_are_told_and_taken_back_over_ssh(trusted: Walk) -> None:
    walk = trusted
    walk.zsync("co", f"{walk.url}/demo/notes", "moved")
    notes = walk.home.path / "moved" / "notes"
    text = (notes / "todo.txt").read_bytes()
    walk.zsync("move", "moved/notes/todo.txt", "moved/notes/archive/done.txt")
    walk.zsync("commit", "-m", "done", "moved")
    file = "moved/notes/archive/done.txt"
    told = walk.zsync("log", "-v", "-l", "1", file)
    assert told.endswith("R   . (from ../../todo.txt)\n"), told
    tid = told.split()[0]
    assert "todo.txt" in walk.zsync("undo", tid, file)
    assert (notes / "todo.txt").read_bytes() == text
    walk.zsync("commit", "-m", "not done", "moved")
    assert walk.demo.get("demo/notes/todo.txt") == text


FILE = "zope.app.file.file.File"
FOLDER = "zope.app.folder.folder.Folder"


def entries(names: list[str], kind: str) -> bytes:
    lines = [f'<entry name="{name}" type="{kind}" factory="{kind}"/>' for name in names]
    return "\n".join(["<entries>", *lines, "</entries>"]).encode()


def archive(folder: str, files: dict[str, bytes]) -> bytes:
    """What a checkin of a folder with ``files`` sends."""
    members = {
        "@@Zope/Entries.xml": entries([folder], FOLDER),
        f"{folder}/@@Zope/Entries.xml": entries(list(files), FILE),
        **{f"{folder}/{name}": data for name, data in files.items()},
    }
    return b"".join(
        b"%d %s\n%s" % (len(data), path.encode(), data)
        for path, data in members.items()
    )


def test_1000_files_are_checked_out(trusted: Walk) -> None:
    walk = trusted
    files = {f"{n}.txt": f"file {n}\n".encode() * 50 for n in range(1000)}
    body = archive("thousand", files)
    there = open_transport(RootURL.parse(f"{walk.url}/demo"))
    answer = there.request(
        "POST",
        "/demo/@@checkin.snarf?note=many&name=thousand&src=thousand",
        [("Content-Type", "application/x-snarf"), ("Authorization", support.TOKEN)],
        io.BytesIO(body),
        len(body),
    )
    assert answer.status == 200, answer.fp.read()
    there.close()
    walk.zsync("co", f"{walk.url}/demo/thousand", "many")
    assert walk.peak < 120 * MB
    folder = walk.home.path / "many" / "thousand"
    assert {path.name: path.read_bytes() for path in folder.glob("*.txt")} == files


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_file_of_100_mb_goes_both_ways_with_flat_memory(trusted: Walk) -> None:
    walk = trusted
    walk.zsync("co", f"{walk.url}/demo/notes/archive", "big")
    big = walk.home.path / "big" / "archive" / "big.bin"
    with big.open("wb") as file:
        for _ in range(100):
            file.write(os.urandom(MB))
    walk.zsync("add", "big/archive/big.bin")
    walk.zsync("commit", "big")
    assert walk.peak < 120 * MB
    walk.zsync("co", f"{walk.url}/demo/notes/archive", "big2")
    assert walk.peak < 120 * MB
    assert (walk.home.path / "big2/archive/big.bin").read_bytes() == big.read_bytes()
    assert walk.server.peak_memory() < 120 * MB


def test_a_watch_follows_both_sides(trusted: Walk) -> None:
    trusted.zsync("checkout", "-q", f"{trusted.url}/demo/notes", "watched")
    file = trusted.home.path / "watched" / "notes" / "todo.txt"
    with subprocess.Popen(
        zsync_command("--json-lines", "watch", "watched"),
        env=trusted.home.env,
        cwd=trusted.home.path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as watch:
        assert watch.stdout is not None
        actions = (json.loads(line).get("action") for line in watch.stdout)
        assert "watching" in actions
        trusted.demo.put("demo/notes/todo.txt", b"theirs\n")
        assert "updated" in actions
        assert file.read_bytes() == b"theirs\n"
        file.write_bytes(b"mine\n")
        assert "committed" in actions
        assert trusted.demo.get("demo/notes/todo.txt") == b"mine\n"
        watch.terminate()
        assert list(actions)[-1] is None
    assert watch.returncode == 0
