"""That nothing is missing is seen without reading a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.tests.client.clientside import URL
from zope.app.fssync.tests.client.clientside import Client
from zope.app.fssync.tests.client.clientside import Server
from zope.app.fssync.workingcopy import CompactTree
from zope.app.fssync.workingcopy.index import Index
from zope.app.fssync.workingcopy.index import clock_of
from zope.app.fssync.workingcopy.unchanged import Unchanged
from zope.fssync.files import Tree
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
    (tmp_path / "co/@@Zope/Index").unlink(missing_ok=True)
    begin = clock_of(str(tmp_path))
    while clock_of(str(tmp_path)) == begin:
        pass
    return tmp_path / "co" / "demo"


def is_whole(demo: Path) -> bool:
    tree = CompactTree(Tree())
    with Unchanged(tree, Metadata(tree), str(demo.parent)) as unchanged:
        return unchanged.is_whole(str(demo))


def test_what_is_changed_is_there(demo: Path) -> None:
    (demo / "a.txt").write_text("mine")
    assert is_whole(demo)


@pytest.mark.parametrize("name", ["a.txt", "sub/deep.txt"])
@pytest.mark.parametrize("remembered", [False, True])
def test_what_is_missing_is_missed(demo: Path, name: str, remembered: bool) -> None:
    if remembered:
        assert is_whole(demo)
    (demo / name).unlink()
    assert not is_whole(demo)
    (demo / name).write_text("mine")
    assert is_whole(demo)


def test_what_is_removed_need_not_be_there(demo: Path, client: Client) -> None:
    client("remove", str(demo / "a.txt"))
    assert is_whole(demo)


def test_what_was_found_is_remembered(demo: Path) -> None:
    assert Index(str(demo.parent)).whole("demo") is None
    assert is_whole(demo)
    assert Index(str(demo.parent)).whole("demo")[2] == ["sub"]
    assert Index(str(demo.parent)).whole("demo/sub")[2] == []


def test_what_was_found_unchanged_is_still_remembered(
    demo: Path, client: Client
) -> None:
    client("status", str(demo), verbose=False)
    block = Index(str(demo.parent)).get("demo/sub")
    assert block
    (demo / "sub" / "more.txt").write_text("not registered")
    assert is_whole(demo)
    assert Index(str(demo.parent)).get("demo/sub") == block
