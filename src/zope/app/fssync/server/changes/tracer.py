"""From the records that changed to the objects that they belong to.

Hosts know which objects are those of a tree, and what leads to them.  That takes no
longer and needs no more memory than the bounds here: beyond them it is `Unknown`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ZODB.POSException import POSKeyError
from ZODB.utils import z64

from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import Unknown
from zope.app.fssync.server.changes.referrers import referrers
from zope.fssync.limits import CHANGED_RECORDS
from zope.fssync.limits import LARGE_RECORD
from zope.fssync.limits import TRACED_RECORDS

__all__ = ["OWN", "Survey", "changed_records"]


#: How a record concerns the object it belongs to: it is the object itself.  Hosts
#: have more of these bits.
OWN = 1


def changed_records(history: History, tid: bytes, without: str | None) -> list[bytes]:
    """Return the oids of the records that changed after ``tid``; see `IHost`."""
    return list(
        dict.fromkeys(oid for oid, _ in history.since(tid, CHANGED_RECORDS, without))
    )


class Survey:
    """Base of the surveys of hosts: what a connection sees."""

    def __init__(self, connection: Any, history: History) -> None:
        self.connection = connection
        self.index = referrers(connection)
        self.index.update(history)
        self.now = history.now

    def decides(self, obj: Any) -> bool:
        """Does an object decide how others are looked up?"""
        raise NotImplementedError

    def is_item(self, obj: Any) -> bool:
        """Is this an object of the tree?"""
        raise NotImplementedError

    def steps(self, oid: bytes, obj: Any, how: int) -> Iterable[tuple[bytes, int]]:
        """Return what leads to a record that is no item, and how it is concerned."""
        raise NotImplementedError

    def owners(self, oids: list[bytes]) -> dict[bytes, int]:
        """Return the oids of the items that records belong to, and how."""
        owners: dict[bytes, int] = {}
        seen: dict[bytes, int] = {}
        pending = [(oid, OWN) for oid in oids]
        while pending:
            oid, how = pending.pop()
            if seen.get(oid, 0) | how == seen.get(oid, 0):
                continue
            seen[oid] = seen.get(oid, 0) | how
            if len(seen) > TRACED_RECORDS:
                raise Unknown("too many records")
            obj = self.get(oid)
            if obj is None:
                continue
            if self.decides(obj):
                raise Unknown("registrations have changed")
            if self.is_item(obj):
                owners[oid] = owners.get(oid, 0) | how
            else:
                pending += self.steps(oid, obj, how)
            if obj._p_estimated_size > LARGE_RECORD:
                obj._p_deactivate()
        return owners

    def get(self, oid: bytes) -> Any:
        """Return the object of a record, None where there is none."""
        if oid == z64:
            return None
        try:
            obj = self.connection.get(oid)
            obj._p_activate()
        except POSKeyError:
            # It was undone that there is such an object.
            return None
        return obj
