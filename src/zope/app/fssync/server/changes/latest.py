"""Who made the changes that an answer brings, and when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from operator import attrgetter
from typing import Any

from persistent.TimeStamp import TimeStamp

from zope.app.fssync.server.changes import recent
from zope.app.fssync.server.changes.logentry import Change
from zope.app.fssync.server.changes.logentry import Keys
from zope.app.fssync.server.changes.logentry import Transaction
from zope.app.fssync.server.interfaces import IAccess
from zope.fssync.task.base import isdirectory
from zope.fssync.task.delta import Changed
from zope.fssync.task.walk import child

__all__ = ["latest", "readable"]


def latest(obj: Any, changed: Changed, access: IAccess) -> list[Transaction]:
    """Return the last transactions of changed objects, the newest first.

    Each has as its changes the objects in ``obj`` that it was the last to change, as
    far as the caller may read them, and no message.  ``changed`` are the changes as
    `zope.app.fssync.server.changes.tracer` finds them: what was removed is not there.
    """
    found: dict[bytes, Transaction] = {}
    for keys, last in readable(obj, changed, access):
        if last is not None:
            known = found.setdefault(last.tid, _without_changes(last))
            known.changes.append(Change("M", keys))
    return sorted(found.values(), key=attrgetter("tid"), reverse=True)


def readable(
    obj: Any,
    changed: Changed,
    access: IAccess,
    owner: Any = None,
    keys: Keys = (),
    last: recent.Transaction | None = None,
) -> Iterator[tuple[Keys, recent.Transaction | None]]:
    """Yield the changed objects that the caller may read.

    Of each the keys that lead to it, and the last transaction that changed it, if that
    is known; ``owner``, ``keys`` and ``last`` are those of its container.
    """
    synchronizer = access(obj, False, owner)
    if synchronizer is None:
        return
    # An item that is stored in the record of its container changes with it.
    last = changed.last or last
    if not isdirectory(synchronizer):
        # What is in it is a part of the file.
        if changed:
            yield keys, _newest(changed, last)
        return
    if changed.marks:
        yield keys, last
    for key, below in changed.items.items():
        with suppress(KeyError):
            item = child(synchronizer, key)
            yield from readable(item, below, access, obj, (*keys, key), last)


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
