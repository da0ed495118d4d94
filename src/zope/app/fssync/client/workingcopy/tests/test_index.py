"""What the index says may be believed, and nothing depends on it."""

from __future__ import annotations

import json
import os
import time
import zlib
from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.index import Block
from zope.app.fssync.client.workingcopy.index import Index
from zope.app.fssync.client.workingcopy.index import clock_of
from zope.app.fssync.client.workingcopy.index import index_chunks
from zope.app.fssync.client.workingcopy.index import passed
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.controldata import control
from zope.fssync import files

pytestmark = pytest.mark.layout(3)


@pytest.fixture
def server() -> Server:
    server = Server({"demo": None, "demo/sub": None})
    for name in ("a.txt", "b.txt", "sub/deep.txt"):
        server.objects[f"demo/{name}"] = b"content\n"
    server.extras["demo/a.txt"] = b"'text/plain'"
    return server


@pytest.fixture
def co(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> Path:
    monkeypatch.chdir(tmp_path)
    Client(server, tmp_path)("checkout", "co", url=URL)
    _wait(tmp_path)
    return tmp_path / "co" / "demo"


@pytest.fixture
def client(server: Server, tmp_path: Path) -> Client:
    return Client(server, tmp_path)


def _wait(directory: Path) -> None:
    """Let the clock of the file system tick."""
    probe = directory / "probe"
    probe.touch()
    begin = probe.stat().st_mtime_ns
    while probe.stat().st_mtime_ns == begin:
        probe.touch()
        time.sleep(0)
    probe.unlink()


def changed(client: Client) -> list[str]:
    return client.each("status", "co", verbose=False)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read."""
    names: list[str] = []
    open_regular = files.open_regular

    def watched(path: str):
        names.append(os.path.basename(path))
        return open_regular(path)

    monkeypatch.setattr(files, "open_regular", watched)
    return names


def test_the_second_status_reads_no_content(
    client: Client, co: Path, opened: list[str]
) -> None:
    assert changed(client) == []
    assert {"a.txt", "deep.txt", "@@a.txt.meta"} <= set(opened)
    opened.clear()
    assert changed(client) == []
    assert not {"a.txt", "b.txt", "deep.txt", "@@a.txt.meta"} & set(opened)
    # That of the root may be looked at, for the object that was named.
    assert opened.count("Base") <= 1
    shown = client.each("status", "co")
    (control(co.parent) / "Index").unlink()
    assert client.each("status", "co") == shown


@pytest.mark.parametrize("name", ["a.txt", "sub/deep.txt", "@@a.txt.meta"])
def test_an_edit_that_keeps_size_and_time_is_seen(
    client: Client, co: Path, name: str
) -> None:
    assert changed(client) == []
    path = co / name
    status = path.stat()
    *lines, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines, last.swapcase()]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    told = "@@Zope/Extra/a.txt/contentType" if name.endswith(".meta") else name
    assert changed(client) == [f"M co/demo/{told}"]


def test_an_edit_in_the_moment_of_looking_is_seen(client: Client, co: Path) -> None:
    for number in range(20):
        (co / "b.txt").write_bytes(b"content\n")
        assert changed(client) == []
        (co / "b.txt").write_bytes(b"CONTENT\n")
        assert changed(client) == ["M co/demo/b.txt"], number


def test_a_file_of_the_future_is_read_again(
    client: Client, co: Path, opened: list[str]
) -> None:
    later = time.time() + 3600
    os.utime(co / "a.txt", (later, later))
    for _ in range(2):
        opened.clear()
        assert changed(client) == []
        assert "a.txt" in opened


def test_a_new_original_makes_what_was_found_void(
    client: Client, server: Server, co: Path
) -> None:
    assert changed(client) == []
    server.objects["demo/a.txt"] = b"CONTENT\n"
    edited = (co / "a.txt").stat()
    client("update", "co/demo")
    (co / "a.txt").write_bytes(b"content\n")
    os.utime(co / "a.txt", ns=(edited.st_atime_ns, edited.st_mtime_ns))
    assert changed(client) == ["M co/demo/a.txt"]


def test_entries_edited_by_hand_are_seen(client: Client, co: Path) -> None:
    assert changed(client) == []
    entries = control(co) / "Entries.xml"
    text = entries.read_text()
    entries.write_text(text.replace('name="a.txt"', 'name="a.txt" flag="removed"'))
    assert changed(client)[0] == "R(reborn) co/demo/a.txt"


def test_files_that_come_and_go_are_seen(client: Client, co: Path) -> None:
    assert changed(client) == []
    (co / "a.txt").unlink()
    (co / "new.txt").write_text("new")
    (co / "sub" / "deep.txt").unlink()
    (co / "sub" / "deep.txt").mkdir()
    assert changed(client) == [
        "lost co/demo/a.txt",
        "? co/demo/new.txt",
        "M(unrecognized) co/demo/sub/deep.txt/",
    ]


DAMAGES = [
    b"",
    b"zsync index 3 ",
    b"zsync index 3 99999999999999999999\n",
    b"zsync index 3 99999999999999999999 99999999999999999999\n",
    b"zsync index 3 2 2\n[]",
    b"zsync index 3 2 2\n{}",
    b"zsync index 2 2\n{}",
    b"zsync index 3 -1 2\n{}",
    b"zsync index 3 100000 100000\n" + b"[" * 100_000,
    b'zsync index 3 23 23\n{"demo":[0,99,99,null]}' + b"[" * 99,
    b'zsync index 3 21 21\n{"demo":[0,4,4,null]}null',
    b'zsync index 3 24 24\n{"demo":[null,9,9,null]}',
    b"\xff" * 100,
]


@pytest.mark.parametrize("data", DAMAGES)
def test_an_invalid_index_is_ignored(client: Client, co: Path, data: bytes) -> None:
    (co / "a.txt").write_bytes(b"edited\n")
    (control(co.parent) / "Index").write_bytes(data)
    assert changed(client) == ["M co/demo/a.txt"]


@pytest.mark.parametrize(
    "records",
    [
        {"../../outside": [None, [], True]},
        {"/etc": [None, [], True]},
        {"..": [None, [], True]},
        {"@@Zope": [None, [], True]},
        {"": [None, [], True]},
        {"nosuch": [None, [], True]},
        {"sub": [None, [["../../outside/x", [1, 2, 3, 4]]], True]},
        {"sub": [None, 3, True]},
        {"sub": [None, [3], True]},
        {"sub\0": [None, [], True]},
        {"a.txt": "abc"},
        {"a.txt": [[], [], True]},
        [],
        3,
        None,
    ],
)
def test_a_hostile_index_leads_nowhere(
    client: Client, co: Path, tmp_path: Path, records: object
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x").write_text("x")
    assert changed(client) == []
    index = Index(str(co.parent))
    for place in ("demo", "demo/sub"):
        data, _, complete = index.get(place)
        index.began()
        index.put(place, [data, records, complete])
    index.close()
    (co / "a.txt").write_bytes(b"edited\n")
    before = snapshot(tmp_path)
    assert "M co/demo/a.txt" in changed(client)
    assert not any("outside" in line for line in client.each("status", "co"))
    assert snapshot(tmp_path) == before


def test_an_index_that_cannot_be_written_fails_nothing(
    client: Client, co: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "create", refuse)
    assert changed(client) == []
    assert os.listdir(control(co.parent)).count("Index") == 0


def test_nothing_is_left_beside_it(client: Client, co: Path) -> None:
    for _ in range(2):
        assert changed(client) == []
    assert sorted(os.listdir(control(co.parent))) == [
        *(".gitignore", "Base", "Entries.xml", "Format", "Index", "Root", "tree"),
    ]
    index = Index(str(co.parent))
    assert all(
        index.get(place) and index.whole(place) for place in ("demo", "demo/sub")
    )


def test_index_is_small(client: Client, server: Server, co: Path) -> None:
    for number in range(200):
        server.objects[f"demo/file{number}.txt"] = b"content\n"
    client("update", "co/demo")
    _wait(co.parent.parent)
    assert changed(client) == []
    index = control(co.parent) / "Index"
    assert json.dumps(Index(str(co.parent)).get("demo")).count(".txt") >= 200
    assert index.stat().st_size < 200 * 70


def _block(data: bytes, size: int) -> Block:
    return Block(data, size, None, data, size)


@pytest.mark.parametrize("size", [0, 1, 1 << 20, 1 << 27, 1 << 40, -1])
def test_sizes_that_are_not_so_are_as_good_as_none(
    client: Client, co: Path, size: int
) -> None:
    assert changed(client) == []
    (co / "a.txt").write_bytes(b"edited\n")
    path = control(co.parent) / "Index"
    blocks = {
        place: _block(zlib.compress(b" " * (1 << 24)), size)
        for place in ("demo", "demo/sub")
    }
    path.write_bytes(b"".join(index_chunks(blocks)))
    assert changed(client) == ["M co/demo/a.txt"]
    bomb = zlib.compress(b" " * (1 << 24))
    path.write_bytes(b"zsync index 3 %d %d\n%s" % (len(bomb), size, bomb))
    assert changed(client) == ["M co/demo/a.txt"]


def test_a_moment_passes_or_never_does(tmp_path: Path) -> None:
    now = clock_of(str(tmp_path))
    assert passed([str(tmp_path)], now)
    assert clock_of(str(tmp_path)) > now
    assert not passed([str(tmp_path)], now + 10**15)
    assert list(tmp_path.iterdir()) == []
