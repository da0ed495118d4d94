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
from zope.fssync.task.base import isdirectory
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
        items = changed.items if isdirectory(synchronizer) else {}
        is_changed = bool(changed.marks)
        if changed.items and not items:
            # What is in it is a part of the file.
            last, is_changed = _newest(changed, last), True
        if is_changed and last is not None:
            known = found.setdefault(last.tid, _without_changes(last))
            known.changes.append(Change("M", keys))
        for key, below in items.items():
            with suppress(KeyError):
                walk(child(synchronizer, key), obj, below, (*keys, key), last)

    walk(obj, None, changed, (), None)
    return sorted(found.values(), key=attrgetter("tid"), reverse=True)


def _newest(
    changed: Changed, last: recent.Transaction | None
) -> recent.Transaction | None:
    """Return the newest transaction of changes and of all below them."""
    for below in changed.items.values():
        newest = _newest(below, below.last)
        if newest is not None and (last is None or newest.tid > last.tid):
            last = newest
    return last


def _without_changes(stored: recent.Transaction) -> Transaction:
    time = TimeStamp(stored.tid).timeTime()
    return Transaction(stored.tid, time, stored.user, "", [])
