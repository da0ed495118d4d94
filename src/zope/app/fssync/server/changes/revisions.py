"""The revisions of the records of an object, as their storage lists them by record.

A log of what is small and old need not look at all newer transactions of the database:
a storage leads from each revision of a record to the one before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ZODB.POSException import POSKeyError
from ZODB.serialize import referencesf

from zope.fssync.limits import LISTED_RECORDS
from zope.fssync.limits import LISTED_REVISIONS

__all__ = ["Revisions", "revisions"]

#: By transaction: what the storage tells of it, and what each record referred to.
Revisions = dict[bytes, tuple[dict[str, Any], dict[bytes, set[bytes]]]]


def revisions(
    storage: Any, oid: bytes, may_concern: Callable[[bytes], bool]
) -> Revisions | None:
    """Return the revisions of a record, and of all that belong to it.

    These are the records that any revision refers to, as far as they ``may_concern``
    the object.  None where they are too many, or the storage does not list them.
    """
    found: Revisions = {}
    seen, waiting = {oid}, [oid]
    count = 0
    while waiting:
        each = waiting.pop()
        told = _history(storage, each)
        count += len(told)
        if count >= LISTED_REVISIONS:
            return None
        for one in told:
            references = _references(storage, each, one["tid"])
            found.setdefault(one["tid"], (one, {}))[1][each] = references
            new = references - seen
            seen.update(new)
            if len(seen) > LISTED_RECORDS:
                return None
            waiting += filter(may_concern, new)
    return found or None


def _history(storage: Any, oid: bytes) -> list[dict[str, Any]]:
    try:
        return list(storage.history(oid, size=LISTED_REVISIONS))
    except (AttributeError, NotImplementedError, POSKeyError):
        # A record may be gone, or packed away.
        return []


def _references(storage: Any, oid: bytes, tid: bytes) -> set[bytes]:
    try:
        data = storage.loadSerial(oid, tid)
    except POSKeyError:
        return set()
    return set(referencesf(data)) if data else set()
