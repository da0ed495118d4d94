"""An object of the past has its place of today, or that of its container."""

from __future__ import annotations

from typing import Any

import transaction

from zope.app.fssync.server.changes.historical import opened
from zope.app.fssync.server.changes.past import Today
from zope.app.fssync.server.changes.past import Where


class Tracer:
    """Knows of each object whether it is in its place."""

    def __init__(self, connection: Any, *there: bytes) -> None:
        self.connection = connection
        self.there = there

    def in_place(self, oid: bytes) -> Any:
        return self.connection.get(oid) if oid in self.there else None

    def above(self, obj: Any) -> Any:
        return getattr(obj, "__parent__", None)


def test_today_finds_an_object_or_the_container_of_a_removed_one(
    db: Any,
) -> None:
    with db.transaction() as connection:
        root = connection.root()
        tracer: Any = Tracer(connection, root._p_oid)
        today = Today(tracer)
        with opened(db, at=db.lastTransaction()) as old:
            gone = old.root()["a"]
            gone.__parent__ = old.root()
            assert today(old.root(), old) == Where(root, False)
            assert today(gone, old) == Where(root, True)
            # A part that is stored with its object.
            part = type("Part", (), {"__parent__": gone})()
            assert today(part, old) == Where(root, True)
            assert today(object(), old) is None
            assert today(root, old) == Where(root, False)
            old.transaction_manager.abort()
        # It is of no connection that is being read.
        assert today(gone, None) is None
    transaction.abort()
