"""Who made the changes that an answer brings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zope.interface import implementer

from zope.app.fssync.server.changes.latest import latest
from zope.app.fssync.server.changes.recent import Transaction
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.task.delta import Changed


@implementer(IDirectorySynchronizer)
class Folder(dict[str, Any]):
    """A folder, and its own synchronizer."""

    def iteritems(self) -> Iterator[tuple[str, Any]]:
        return iter(self.items())


def marked(mark: str, number: int = 0) -> Changed:
    changed = Changed(mark)
    if number:
        changed.last = Transaction(bytes(7) + bytes([number]), "", f"user{number}", {})
    return changed


def told(top: Folder, changed: Changed, hidden: Any = None) -> list[Any]:
    def access(obj: Any, raise_error: bool, owner: Any) -> Any:
        return None if obj is hidden else obj

    return [
        (each.user, ["/".join(change.keys) for change in each.changes])
        for each in latest(top, changed, access)
    ]


def test_each_object_is_told_with_its_last_transaction() -> None:
    changed = Changed()
    changed.items = {"a": marked(TREE, 1), "b": marked(TREE, 2), "c": marked(NODE, 1)}
    changed.items["c"].items["d"] = marked(TREE, 3)
    top = Folder(a="", b="", c=Folder(d=""))
    assert told(top, changed) == [
        ("user3", ["c/d"]),
        ("user2", ["b"]),
        ("user1", ["a", "c"]),
    ]


def test_an_item_in_the_record_of_its_container_changes_with_it() -> None:
    changed = marked(NODE, 2)
    changed.items["a"] = marked(TREE)
    assert told(Folder(a=""), changed) == [("user2", ["", "a"])]


def test_a_file_changes_with_its_parts() -> None:
    changed = Changed()
    changed.items["a"] = marked(TREE, 1)
    changed.items["a"].items["part"] = Changed()
    changed.items["a"].items["part"].items["deep"] = marked(TREE, 3)
    assert told(Folder(a="file"), changed) == [("user3", ["a"])]


def test_withheld_objects_are_not_listed_nor_those_below() -> None:
    hidden = Folder(b="")
    changed = Changed()
    changed.items["a"] = marked(NODE, 1)
    changed.items["a"].items["b"] = marked(TREE, 1)
    changed.items["gone"] = marked(TREE, 2)
    top = Folder(a=hidden)
    assert told(top, changed, hidden) == []
    assert told(top, changed) == [("user1", ["a", "a/b"])]
