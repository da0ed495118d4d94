"""`syncer`: the functions by which applications of 3.6.0 check out."""

from __future__ import annotations

from pathlib import Path

from zope.app.file.file import File
from zope.security.testing import interaction

from zope.app.fssync import syncer
from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.testing.serversite import ServerSite


def test_an_object_becomes_an_archive_or_a_directory(
    site: ServerSite, tmp_path: Path
) -> None:
    site.root["a.txt"] = File(b"text", "text/plain")
    file = site.root["a.txt"]
    with interaction("zope.manager"):
        with syncer.toSNARF(file, "a.txt") as stream:
            stream.seek(0)
            assert Archive.parse(stream.read())["a.txt"] == b"text"
        syncer.toFS(file, "a.txt", str(tmp_path))
        assert (tmp_path / "a.txt").read_bytes() == b"text"
        assert syncer.getSynchronizer(file).size() == 4
