"""Records are traced to the items that they belong to, in a tree of mappings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import transaction
from persistent import Persistent
from persistent.mapping import PersistentMapping

from zope.app.fssync.server.changes import tracer
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.tracer import OWN
from zope.app.fssync.server.changes.tracer import RecordTracer
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.task.delta import Changed


class Node(PersistentMapping):
    """A directory with a name in another one, and a part of its own."""

    def __init__(self, parent: Any = None, name: str = "") -> None:
        super().__init__()
        self.parent = parent
        self.name = name
        self.part = Part()
        if parent is not None:
            parent[name] = self


class Part(Persistent):
    """A record that belongs to a directory."""

    value = 0


class Registry(Persistent):
    """Decides about others."""


class Tracer(RecordTracer):
    """Traces in trees of directories."""

    def ancestors(self) -> Iterator[Any]:
        obj = self.context
        while (obj := obj.parent) is not None:
            yield obj

    def decides(self, obj: Any) -> bool:
        return isinstance(obj, Registry)

    def is_root(self, obj: Any) -> bool:
        return isinstance(obj, Node) and obj.parent is None

    def find_place(self, oid: bytes, obj: Any) -> tuple[bytes, Any] | None:
        if not isinstance(obj, Node) or obj.parent is None:
            return None
        found = obj.parent.get(obj.name)
        return (obj.parent._p_oid, obj.name) if found is obj else None

    def steps(self, oid: bytes, obj: Any, how: int) -> Iterator[tuple[bytes, int]]:
        for referrer in self.index.of(oid, self.now):
            yield referrer, 2

    def is_deep(self, oid: bytes, obj: Any, how: int) -> bool:
        return bool(getattr(obj, "deep", False))

    def above(self, obj: Any) -> Any:
        return obj.parent


@pytest.fixture
def top(connection: Any) -> Node:
    """The top of a tree: a and its b, and what is outside of it."""
    root = connection.root()["tree"] = Node()
    top = Node(root, "top")
    Node(Node(top, "a"), "b")
    Node(root, "outside")
    transaction.commit()
    return top


def changes(top: Node, change: Any, references: bool = False) -> Changed:
    """Return what is told of a change."""
    before = History(top._p_jar).now
    change()
    transaction.commit()
    return Tracer.changes(top, History(top._p_jar), before, references)


def shape(changed: Changed) -> Any:
    """Return marks and items, to be compared."""
    return changed.marks, {key: shape(each) for key, each in changed.items.items()}


def test_nothing_is_told_of_nothing(top: Node) -> None:
    history = History(top._p_jar)
    assert not Tracer.changes(top, history, history.now, False)


def test_a_change_is_told_where_it_is(top: Node) -> None:
    b = top["a"]["b"]
    found = changes(top, lambda: b.update(x=1))
    assert shape(found) == (set(), {"a": (set(), {"b": ({NODE, LIST}, {})})})


def test_a_part_belongs_to_what_leads_to_it(top: Node) -> None:
    found = changes(top, lambda: setattr(top["a"].part, "value", 1))
    assert shape(found) == (set(), {"a": ({NODE, LIST}, {})})


def test_objects_outside_are_not_listed(top: Node) -> None:
    outside = top.parent["outside"]
    assert not changes(top, lambda: outside.update(x=1))


def test_a_deep_change_concerns_all_that_is_in_it(top: Node) -> None:
    found = changes(top, lambda: setattr(top["a"], "deep", True))
    assert shape(found) == (set(), {"a": ({TREE}, {})})
    with pytest.raises(HistoryUnavailable, match="the object itself has changed"):
        changes(top, lambda: setattr(top, "deep", True))
    with pytest.raises(HistoryUnavailable, match="what is above the object"):
        changes(top["a"], lambda: setattr(top, "deeper", True))


def test_references_are_not_bounded(top: Node) -> None:
    with pytest.raises(HistoryUnavailable, match="may have moved that others refer"):
        changes(top, lambda: top["a"].update(x=1), references=True)


def test_registrations_concern_everything(top: Node) -> None:
    def add() -> None:
        top["a"]["registry"] = Registry()

    with pytest.raises(HistoryUnavailable, match="registrations have changed"):
        changes(top, add)


def test_the_number_of_records_is_bounded(
    top: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracer, "TRACED_RECORDS", 1)
    with pytest.raises(HistoryUnavailable, match="too many records"):
        changes(top, lambda: setattr(top["a"]["b"].part, "value", 1))


def test_each_item_has_its_newest_transaction(top: Node) -> None:
    history, a = History(top._p_jar), top["a"]
    tids = []
    for obj in (a["b"].part, a["b"], a, a["b"].part):
        obj.value = obj.name = getattr(obj, "name", "x")
        obj._p_changed = True
        transaction.commit()
        tids.append(History(top._p_jar).now)
    found = Tracer.changes(top, History(top._p_jar), history.now, False)
    assert found.items["a"].last.tid == tids[2]
    assert found.items["a"].items["b"].last.tid == tids[3]


def test_an_item_is_in_its_place_up_to_the_root(top: Node) -> None:
    history = History(top._p_jar)
    tracer = Tracer(top, history, history.now)
    b = top["a"]["b"]
    own, part = b._p_oid, b.part._p_oid
    assert tracer.keys(own) == ("a", "b")
    assert tracer.in_place(own) is b
    assert tracer.owners([part]) == {own: (2, part)}
    assert tracer.owners([own]) == {own: (OWN, own)}
    assert tracer.owners([part, own]) == {own: (OWN | 2, part)}
    assert tracer.owners([part], made={part}) == {}
    assert tracer.owners([own], made={own}) == {own: (OWN, own)}
    assert tracer.keys(top.parent["outside"]._p_oid) is None
    assert tracer.get(b"\0" * 8) is None
