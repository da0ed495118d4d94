"""The entries of an object and of what is directly in it."""

from __future__ import annotations

import io
from typing import Any

from zope.fssync.metadata import load_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.task.listing import KIND
from zope.fssync.task.listing import MODIFIED
from zope.fssync.task.listing import PARTS
from zope.fssync.task.listing import Listing
from zope.fssync.tests.dictionaries import TEXT
from zope.fssync.tests.dictionaries import Secret
from zope.fssync.tests.dictionaries import Text
from zope.fssync.tests.dictionaries import lookup
from zope.fssync.tests.dictionaries import registered as registered
from zope.fssync.tests.dictionaries import tree as tree


def listed(obj: Any, **more: Any) -> tuple[Listing, dict[str, Any]]:
    """Return a task, and its entries by the path of their directory."""
    repository = SnarfRepository(io.BytesIO())
    task = Listing(lookup, repository, **more)
    task.perform(obj, "top")
    found = {
        path.removesuffix("@@Zope/Entries.xml"): load_entries(repository.readFile(path))
        for path in repository.iterPaths()
    }
    return task, found


def test_items_have_a_kind_and_no_content(tree: Any) -> None:
    _, found = listed(tree)
    assert found.keys() == {"", "top/"}
    assert found[""]["top"][KIND] == "directory"
    items = found["top/"]
    assert {name: items[name][KIND] for name in items} == {
        "a": "file",
        "b": "file",
        "sub": "directory",
    }
    assert items["a"]["type"] == TEXT


def test_a_file_is_an_entry_alone() -> None:
    _, found = listed(Text(b"alpha"))
    assert found.keys() == {""}
    assert found[""]["top"][KIND] == "file"


def test_withheld_objects_are_counted_and_not_named(tree: Any) -> None:
    tree["s"] = Secret(b"hush")
    task, found = listed(tree)
    assert "s" not in found["top/"]
    assert len(task.withheld) == 1


def test_entries_tell_the_time_of_the_record(tree: Any) -> None:
    tree["a"]._p_mtime = 1764399600.5
    _, found = listed(tree)
    assert found["top/"]["a"][MODIFIED] == "2025-11-29T07:00:00+00:00"
    assert MODIFIED not in found["top/"]["b"]


def test_the_top_is_explained(tree: Any) -> None:
    _, found = listed(tree["a"], explained=lambda obj: {"why": "because"})
    assert found[""]["top"]["why"] == "because"
    assert found[""]["top"][PARTS] == "Extra/color"
