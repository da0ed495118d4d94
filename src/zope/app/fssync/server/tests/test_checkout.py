"""A checkout for the caller of the request: what they may read, and all that can be."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zope.app.file.file import File
from zope.proxy import removeAllProxies
from zope.security.testing import interaction
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder

from zope.app.fssync.file.adapter import FileSynchronizer
from zope.app.fssync.server.broken import DatabaseDamaged
from zope.app.fssync.server.checkout import checkout
from zope.app.fssync.server.checkout import getSynchronizer
from zope.app.fssync.server.checkout import toFS
from zope.app.fssync.server.checkout import unreadable
from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.sparse import Sparse


@pytest.fixture
def folder(site: ServerSite) -> Any:
    site.root["folder"] = Folder()
    folder = site.root["folder"]
    for name in ("a.txt", "b.txt"):
        folder[name] = File(name.encode(), "text/plain")
    closed = IPrincipalPermissionManager(removeAllProxies(folder["b.txt"]))
    closed.denyPermissionToPrincipal("zope.View", "zope.local")
    return folder


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one file fail after its first bytes."""
    pieces = FileSynchronizer.pieces

    def broken(self: FileSynchronizer) -> Iterator[bytes]:
        yield from pieces(self)
        if self.context.data == b"b.txt":
            raise ValueError("it cannot be read")

    monkeypatch.setattr(FileSynchronizer, "pieces", broken)


def files(obj: Any) -> Archive:
    stream = io.BytesIO()
    checkout(obj, "folder", stream)
    return Archive.parse(stream.getvalue())


def test_a_caller_gets_what_they_may_read(folder: Any) -> None:
    with interaction("zope.manager"):
        found = files(folder)
        assert (found["folder/a.txt"], found["folder/b.txt"]) == (b"a.txt", b"b.txt")
        assert getSynchronizer(folder["b.txt"]) is not None
    with interaction("zope.local"):
        found = files(folder)
        assert found["folder/a.txt"] == b"a.txt"
        assert "folder/b.txt" not in found
        assert "b.txt" not in found.entries("folder")
        assert getSynchronizer(folder["b.txt"]) is None


def test_objects_that_fail_are_left_out_of_the_archive(
    folder: Any, failing: None
) -> None:
    with interaction("zope.manager"):
        found = files(folder)
    assert found["folder/a.txt"] == b"a.txt"
    assert "folder/b.txt" not in found


def test_a_directory_lacks_nothing_or_is_not_written(
    folder: Any, failing: None, tmp_path: Path
) -> None:
    with (
        interaction("zope.manager"),
        pytest.raises(ValueError, match="it cannot be read"),
    ):
        toFS(folder, "folder", str(tmp_path))


def test_left_out_objects_are_not_read(folder: Any, failing: None) -> None:
    stream, sparse = io.BytesIO(), Sparse()
    sparse.set((), "empty")
    with interaction("zope.manager"):
        task = checkout(folder, "folder", stream, sparse=sparse)
    assert not task.broken
    assert "folder/a.txt" not in Archive.parse(stream.getvalue())


def test_objects_that_cannot_be_read_are_named() -> None:
    error = unreadable(["a\x1b", "b"])
    assert isinstance(error, DatabaseDamaged)
    assert "a\\x1b, b cannot be read: the synchronizer failed" in str(error)
    assert error.path == "a\x1b"
