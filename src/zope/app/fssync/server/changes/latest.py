"""Who made the changes that an answer brings, and when."""

from __future__ import annotations

from contextlib import suppress
from operator import attrgetter
from typing import Any

from persistent.TimeStamp import TimeStamp

from zope.app.fssync.server.changes import recent
from zope.app.fssync.server.changes.log import Change
from zope.app.fssync.server.changes.log import Keys
from zope.app.fssync.server.changes.log import Transaction
from zope.app.fssync.server.interfaces import IAccess
from zope.fssync.task.delta import Changed
from zope.fssync.task.walk import child

__all__ = ["latest"]


def latest(obj: Any, changed: Changed, access: IAccess) -> list[Transaction]:
    """Return the last transactions of changed objects, the newest first.

    Each has as its changes the objects in ``obj`` that it was the last to change, as
    far as the caller may read them, and no message.  ``changed`` are the changes as
    `zope.app.fssync.server.changes.tracer` finds them: what was removed is not there.
    """
    found: dict[bytes, Transaction] = {}

    def walk(
        obj: Any,
        owner: Any,
        changed: Changed,
        keys: Keys,
        last: recent.Transaction | None,
    ) -> None:
        synchronizer = access(obj, False, owner)
        if synchronizer is None:
            return
        # An item that is stored in the record of its container changes with it.
        last = changed.last or last
        if changed.marks and last is not None:
            known = found.setdefault(last.tid, _without_changes(last))
            known.changes.append(Change("M", keys))
        for key, below in changed.items.items():
            with suppress(KeyError):
                walk(child(synchronizer, key), obj, below, (*keys, key), last)

    walk(obj, None, changed, (), None)
    return sorted(found.values(), key=attrgetter("tid"), reverse=True)


def _without_changes(stored: recent.Transaction) -> Transaction:
    time = TimeStamp(stored.tid).timeTime()
    return Transaction(stored.tid, time, stored.user, "", [])
