"""Which objects may differ from what the server last sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.index import Index
from zope.app.fssync.client.workingcopy.index import index_path
from zope.app.fssync.client.workingcopy.modified import changed
from zope.app.fssync.client.workingcopy.modified import remember
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.files import Tree
from zope.fssync.metadata import Metadata


@pytest.fixture
def co(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    server = Server(
        {
            "demo": None,
            "demo/a.txt": b"a\n",
            "demo/b.txt": b"b\n",
            "demo/sub": None,
            "demo/sub/deep.txt": b"deep\n",
        }
    )
    server.extras.update({"demo/a.txt": b"'text/plain'", "demo/sub": b"'x'"})
    Client(server, tmp_path)("checkout", "co", url=URL)
    return tmp_path / "co" / "demo"


def told(target: Path) -> list[str]:
    files = CompactTree(Tree())
    paths = changed(files, Metadata(files), str(target))
    return [str(Path(path).relative_to(target.parent)) for path in paths]


@pytest.mark.layout(2)
def test_a_working_copy_of_3_6_0_has_everything_told(co: Path) -> None:
    (co.parent / "@@Zope" / "Format").unlink(missing_ok=True)
    (co / "@@Zope" / "Base").unlink(missing_ok=True)
    (co.parent / "@@Zope" / "Base").unlink(missing_ok=True)
    assert told(co)[:3] == ["demo", "demo/a.txt", "demo/b.txt"]


def test_all_that_is_unchanged_is_remembered(co: Path) -> None:
    root = str(co.parent)
    Path(index_path(root)).unlink(missing_ok=True)
    (co / "a.txt").write_bytes(b"edited\n")
    remember(root)
    index = Index(root)
    assert set(index.get("demo")[1]) == {"b.txt", "sub"}
    assert set(index.get("demo/sub")[1]) == {"deep.txt"}
    assert told(co) == ["demo/a.txt"]


@pytest.mark.layout(3)
def test_files_that_cannot_be_read_are_not_remembered(co: Path) -> None:
    root = str(co.parent)
    (co / "@@a.txt.meta").write_bytes(b"no description")
    Path(index_path(root)).unlink(missing_ok=True)
    remember(root)
    assert Index(root).get("demo") is None
