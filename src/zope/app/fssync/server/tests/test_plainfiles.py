"""The files that an archive stands for."""

from __future__ import annotations

import io

from zope.app.fssync.server.plainfiles import plain_files
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository

FOLDER = {"type": "zope.site.folder.Folder", "factory": "zope.site.folder.Folder"}
ODD = {"type": "T", "factory": "F", "keytype": "builtins.str"}


def names(described: bool) -> list[str]:
    archive = Archive(
        {
            "@@Zope/Entries.xml": dump_entries({"d": FOLDER}),
            "d/@@Zope/Entries.xml": dump_entries(
                {"a": ODD, "@@x.meta": {**ODD, "key": "@@x.meta"}}
            ),
            "d/a": b"1",
            "d/@@x.meta": b"2",
        }
    )
    repository = SnarfRepository(io.BytesIO(archive.dump()))
    return [file.name for file in plain_files(repository, described)]


def test_each_object_has_a_description_before_it() -> None:
    found = names(described=True)
    assert found.index("d/@@a.meta") + 1 == found.index("d/a")
    # A file is never taken for a description.
    assert "d/_@@x.meta" in found


def test_content_alone_has_no_descriptions() -> None:
    assert sorted(names(described=False)) == ["d/", "d/_@@x.meta", "d/a"]
