"""That nothing is missing is seen without reading a file."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.compactwriter import CompactWriter
from zope.app.fssync.client.workingcopy.index import Index
from zope.app.fssync.client.workingcopy.statcache import Record
from zope.app.fssync.client.workingcopy.statcache import Unchanged
from zope.app.fssync.client.workingcopy.tests.ticks import wait_a_tick
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.controldata import control
from zope.fssync.files import Tree
from zope.fssync.fsutil import getoriginal
from zope.fssync.metadata import Metadata


@pytest.fixture
def client(tmp_path: Path) -> Client:
    server = Server({"demo": None, "demo/sub": None})
    for name in ("a.txt", "b.txt", "sub/deep.txt"):
        server.objects[f"demo/{name}"] = b"content\n"
    return Client(server, tmp_path)


@pytest.fixture
def demo(tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of which nothing is remembered, after a tick of the clock."""
    monkeypatch.chdir(tmp_path)
    client("checkout", "co", url=URL)
    (control(tmp_path / "co") / "Index").unlink(missing_ok=True)
    wait_a_tick(tmp_path)
    return tmp_path / "co" / "demo"


def is_whole(demo: Path) -> bool:
    tree = CompactTree(Tree())
    with Unchanged(tree, Metadata(tree), str(demo.parent)) as unchanged:
        return unchanged.is_whole(str(demo))


def test_changed_objects_are_there(demo: Path) -> None:
    (demo / "a.txt").write_text("mine")
    assert is_whole(demo)


@pytest.mark.parametrize("name", ["a.txt", "sub/deep.txt"])
@pytest.mark.parametrize("remembered", [False, True])
def test_missing_files_are_missed(demo: Path, name: str, remembered: bool) -> None:
    if remembered:
        assert is_whole(demo)
    (demo / name).unlink()
    assert not is_whole(demo)
    (demo / name).write_text("mine")
    assert is_whole(demo)


@pytest.mark.parametrize("remembered", [False, True])
def test_a_directory_without_entries_is_not_whole(demo: Path, remembered: bool) -> None:
    """Neither is the one that is asked about, in which nothing is registered then."""
    if remembered:
        assert is_whole(demo)
    shutil.rmtree(control(demo))
    assert not is_whole(demo)


def test_a_directory_that_was_emptied_and_taken_back_is_not_whole(
    demo: Path, client: Client
) -> None:
    client("status", str(demo), verbose=False)
    (demo / "sub" / "deep.txt~").write_text("a backup")
    client("remove", str(demo / "sub"))
    client("revert", str(demo / "sub"))
    assert not is_whole(demo)
    client("update", str(demo))
    assert (demo / "sub" / "deep.txt").read_text() == "content\n"


def test_files_to_be_removed_need_not_exist(demo: Path, client: Client) -> None:
    client("remove", str(demo / "a.txt"))
    assert is_whole(demo)


def test_unchanged_objects_are_remembered(demo: Path) -> None:
    assert Index(str(demo.parent)).whole("demo") is None
    assert is_whole(demo)
    assert Index(str(demo.parent)).whole("demo")[2] == ["sub"]
    assert Index(str(demo.parent)).whole("demo/sub")[2] == []


def test_files_found_unchanged_are_still_remembered(demo: Path, client: Client) -> None:
    client("status", str(demo), verbose=False)
    block = Index(str(demo.parent)).get("demo/sub")
    assert block
    (demo / "sub" / "more.txt").write_text("not registered")
    assert is_whole(demo)
    assert Index(str(demo.parent)).get("demo/sub") == block


class TestOriginals:
    """The control data of a directory changes, which is shared by what is in it."""

    @staticmethod
    def look(demo: Path) -> tuple[set[str], list[str]]:
        """What is unchanged, and what had to be examined to find out."""
        tree = CompactTree(Tree())
        examined = []

        class Watched(Unchanged):
            def _examine(self, directory: str, name: str) -> Record | None:
                examined.append(name)
                return super()._examine(directory, name)

        with Watched(tree, Metadata(tree), str(demo.parent)) as unchanged:
            return set(unchanged.names(str(demo))[0]), examined

    @staticmethod
    def replace_original(demo: Path, name: str, content: bytes) -> None:
        tree = CompactWriter(Tree())
        tree.write(getoriginal(str(demo / name)), [content])
        tree.flush()
        wait_a_tick(demo)

    def test_files_are_not_read_again_because_of_others(self, demo: Path) -> None:
        assert self.look(demo) == ({"a.txt", "b.txt", "sub"}, ["a.txt", "b.txt", "sub"])
        assert self.look(demo)[1] == []
        self.replace_original(demo, "a.txt", b"another\n")
        assert self.look(demo) == ({"b.txt", "sub"}, ["a.txt"])
        self.replace_original(demo, "a.txt", b"content\n")
        assert self.look(demo) == ({"a.txt", "b.txt", "sub"}, ["a.txt"])

    def test_an_edit_shows_though_the_control_data_changed(self, demo: Path) -> None:
        self.look(demo)
        before = (demo / "b.txt").stat()
        (demo / "b.txt").write_bytes(b"CONTENT\n")
        os.utime(demo / "b.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
        self.replace_original(demo, "a.txt", b"another\n")
        assert self.look(demo)[0] == {"sub"}

    def test_flags_show(self, demo: Path, client: Client) -> None:
        self.look(demo)
        client("remove", str(demo / "a.txt"))
        (demo / "a.txt").write_bytes(b"content\n")
        assert self.look(demo) == ({"b.txt", "sub"}, ["a.txt"])
