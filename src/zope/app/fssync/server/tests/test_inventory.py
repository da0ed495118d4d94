"""What an archive has of each class."""

from __future__ import annotations

import io

from zope.app.fssync.server.inventory import PICKLE
from zope.app.fssync.server.inventory import Kind
from zope.app.fssync.server.inventory import found_in
from zope.app.fssync.server.inventory import kinds
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.metadata import dump_entries


def test_pickles_come_first() -> None:
    archive = Archive(
        {
            "@@Zope/Entries.xml": dump_entries({"d": {"type": "D", "factory": "D"}}),
            "d/@@Zope/Entries.xml": dump_entries(
                {
                    "a": {"type": "A", "factory": "A", "id": "/d/a"},
                    "b": {"type": "A", "factory": "A"},
                    "p": {"type": "P"},
                }
            ),
            "d/a": b"1",
            "d/b": b"22",
            "d/p": b"333",
        }
    )
    found = list(found_in(io.BytesIO(archive.dump())))
    assert [each.path for each in found] == ["d", "/d/a", "d/b", "d/p"]
    assert kinds(found) == [
        Kind("P", PICKLE, 1, 3),
        Kind("A", "file", 2, 3),
        Kind("D", "directory", 1, 0),
    ]
