"""All files of a working copy are looked at, by one process or several."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy import statscan as module
from zope.app.fssync.client.workingcopy.index import Index
from zope.app.fssync.client.workingcopy.statscan import ScanResult
from zope.app.fssync.client.workingcopy.statscan import sweep
from zope.app.fssync.client.workingcopy.tests.ticks import wait_a_tick
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server

PLACES = {"demo", "demo/sub", "demo/sub/below", "demo/other"}


@pytest.fixture
def client(tmp_path: Path) -> Client:
    server = Server(dict.fromkeys(sorted(PLACES)))
    for name in ("a.txt", "b.txt", "sub/deep.txt", "other/c.txt"):
        server.objects[f"demo/{name}"] = b"content\n"
    return Client(server, tmp_path)


@pytest.fixture
def root(tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy of which all is remembered."""
    monkeypatch.chdir(tmp_path)
    client("checkout", "co", url=URL)
    wait_a_tick(tmp_path)
    client("status", "co/demo", verbose=False)
    return tmp_path / "co"


@pytest.fixture(params=[1, 3])
def processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many processes look."""
    monkeypatch.setattr(module, "SCAN_SHARE", 1)
    monkeypatch.setattr(module, "_number_of_processes", lambda: request.param)
    number: int = request.param
    return number


@pytest.fixture(autouse=True)
def children(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The processes that were begun, none of which is left at the end."""
    fork, begun = os.fork, []

    def forked() -> int:
        pid = fork()
        begun.append(pid)
        return pid

    monkeypatch.setattr(os, "fork", forked)
    yield begun
    for pid in begun:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def look(root: Path, top: str = "demo") -> dict[str, ScanResult]:
    return sweep(Index(str(root)), str(root), top)


@pytest.mark.usefixtures("processes")
class TestSweep:
    def test_an_unchanged_tree_is_settled(self, root: Path) -> None:
        found = look(root)
        assert found.keys() == PLACES
        assert all(looked.settled and not looked.unlike for looked in found.values())
        assert found["demo"].number == 4
        assert sorted(found["demo"].directories) == ["other", "sub"]

    def test_only_what_is_asked_for_is_looked_at(self, root: Path) -> None:
        assert look(root, "demo/sub").keys() == {"demo/sub", "demo/sub/below"}
        assert look(root, "demo/su") == {}
        assert look(root, ".").keys() >= PLACES

    @pytest.mark.parametrize("name", ["a.txt", "sub"])
    @pytest.mark.parametrize("by", [None, "file", "dir", "link"])
    def test_differences_are_reported(
        self, root: Path, name: str, by: str | None
    ) -> None:
        path = root / "demo" / name
        path.rename(root.parent / "aside")
        if by == "file":
            path.write_bytes(b"content\n")
        elif by == "dir":
            path.mkdir()
        elif by == "link":
            path.symlink_to("b.txt")
        looked = look(root)["demo"]
        # A directory that was made anew lacks what was in it.
        assert looked.unlike == [name]
        assert not looked.settled

    def test_one_that_is_changed_does_not_unsettle_others(self, root: Path) -> None:
        (root / "demo/sub/deep.txt").write_bytes(b"CONTENT\n")
        found = look(root)
        assert [place for place in found if not found[place].settled] == ["demo/sub"]

    def test_a_directory_with_changed_control_data_is_not_known(
        self, root: Path, client: Client
    ) -> None:
        client("remove", "co/demo/sub/deep.txt")
        assert look(root).keys() == PLACES - {"demo/sub"}

    @pytest.mark.parametrize("block", [None, 1, [], [[], {}], "text", {"a": 1}])
    def test_blocks_that_are_none_are_of_no_use(
        self, root: Path, block: object
    ) -> None:
        index = Index(str(root))
        assert index.began()
        index.put("demo/sub", block)
        index.close()
        assert look(root).keys() == PLACES - {"demo/sub"}

    @pytest.mark.parametrize(
        "records", [{"../a.txt": [None, [], True, ""]}, {"a": []}, {"a": 1}, [1]]
    )
    def test_records_that_are_none_are_of_no_use(
        self, root: Path, records: object
    ) -> None:
        index = Index(str(root))
        assert index.began()
        control, _, complete = index.get("demo/sub")
        index.put("demo/sub", [control, records, complete])
        index.close()
        assert look(root).keys() == PLACES - {"demo/sub"}

    @pytest.mark.parametrize(
        ("place", "value"),
        [
            (0, []),
            (1, ""),
            (1, 7),
            (2, "two"),
            (3, ["../other"]),
            (3, [".."]),
            (3, [7]),
            (4, ["no\0name"]),
            (4, ["deep.txt", "deep.txt"]),
            (4, 7),
            (5, ["/etc/passwd"]),
            (6, [1, 2]),
            (slice(0), [1]),
            (slice(3, None), []),
        ],
    )
    def test_outlines_that_are_none_settle_nothing_else(
        self, root: Path, client: Client, place: int | slice, value: object
    ) -> None:
        index = Index(str(root))
        assert index.began()
        outline = index.outline("demo/sub")
        outline[place] = value
        index.put("demo/sub", index.get("demo/sub"), None, outline)
        index.close()
        looked = look(root).get("demo/sub")
        assert looked is None or looked.directories == ["below"]
        (root / "demo/sub/deep.txt").write_bytes(b"CONTENT\n")
        (root / "demo/sub/new.txt").write_bytes(b"new\n")
        assert client("status", "co/demo", verbose=False) == [
            "M co/demo/sub/deep.txt",
            "? co/demo/sub/new.txt",
        ]

    def test_files_alone_in_their_directory_need_no_list(
        self, root: Path, client: Client
    ) -> None:
        assert all(looked.alone for looked in look(root).values())
        directory = root / "demo/sub"
        before = directory.stat()
        (directory / "new.txt").write_bytes(b"new\n")
        # Whoever hides it cannot hide when he did so.
        os.utime(directory, ns=(before.st_atime_ns, before.st_mtime_ns))
        looked = look(root)["demo/sub"]
        assert (looked.settled, looked.alone) == (True, False)
        assert client("status", "co/demo", verbose=False) == ["? co/demo/sub/new.txt"]
        (directory / "new.txt").unlink()
        assert client("status", "co/demo", verbose=False) == []

    def test_status_tells_the_same(self, root: Path, client: Client) -> None:
        assert client("status", "co/demo", verbose=False) == []
        (root / "demo/sub/deep.txt").write_bytes(b"CONTENT\n")
        (root / "demo/other/new.txt").write_bytes(b"new\n")
        (root / "demo/a.txt").unlink()
        assert client("status", "co/demo", verbose=False) == [
            "lost co/demo/a.txt",
            "? co/demo/other/new.txt",
            "M co/demo/sub/deep.txt",
        ]


def test_directories_without_an_answer_are_looked_at_all_the_same(
    root: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SCAN_SHARE", 1)
    monkeypatch.setattr(module, "_number_of_processes", lambda: 4)
    parent = os.getpid()
    real = module._look

    def killed(index: Index, root: str, places: list[str]) -> dict[str, ScanResult]:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(index, root, places)

    monkeypatch.setattr(module, "_look", killed)
    assert 0 < len(look(root)) < len(PLACES)
    (root / "demo/sub/deep.txt").write_bytes(b"CONTENT\n")
    (root / "demo/other/c.txt").write_bytes(b"CONTENT\n")
    assert client("status", "co/demo", verbose=False) == [
        "M co/demo/other/c.txt",
        "M co/demo/sub/deep.txt",
    ]


def test_an_interrupt_leaves_no_process(
    root: Path, monkeypatch: pytest.MonkeyPatch, children: list[int]
) -> None:
    monkeypatch.setattr(module, "SCAN_SHARE", 1)
    monkeypatch.setattr(module, "_number_of_processes", lambda: 3)
    parent = os.getpid()

    def interrupted(
        index: Index, root: str, places: list[str]
    ) -> dict[str, ScanResult]:
        if os.getpid() == parent:
            raise KeyboardInterrupt
        while True:
            signal.pause()

    monkeypatch.setattr(module, "_look", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sweep(Index(str(root)), str(root), "demo")
    assert children


def test_a_program_with_threads_is_not_forked() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert module._number_of_processes() == 1
    finally:
        done.set()
        thread.join()


def test_small_working_copies_are_one_process_s(root: Path) -> None:
    sizes = [(f"demo/{number}", 400_000) for number in range(4)]
    assert len(module._shares(sizes[:2], 8)) == 1
    assert len(module._shares([], 8)) == 1
    shares = module._shares([*sizes, ("demo/large", 2_000_000)], 2)
    assert sorted(map(len, shares)) == [1, 4]
