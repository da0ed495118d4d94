"""The revisions of the records of an object, the newest first.

With them a log does not read all transactions of the database: the last transaction of
each record is known, and the storage finds the revision before another.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from heapq import heappop
from heapq import heappush
from typing import Any
from typing import NamedTuple
from typing import Protocol

from ZODB.POSException import POSKeyError
from ZODB.utils import p64
from ZODB.utils import u64

from zope.app.fssync.server.changes import roundtrips
from zope.app.fssync.server.changes.references import references_of
from zope.fssync.limits import REVISIONS_ASKED

__all__ = ["Records", "Revised", "Revisions"]


class Records(Protocol):
    """Records as pairs of oid and last transaction, the newest first."""

    def __contains__(self, oid: bytes) -> bool: ...

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]: ...


class Revised(NamedTuple):
    """A transaction: its metadata, and the references of its records.

    It has created the records ``made``.
    """

    tid: bytes
    told: dict[str, Any]
    records: dict[bytes, set[bytes]]
    made: set[bytes]


class Revisions:
    """The transactions of some records, the newest first.

    ``note`` is called with the references of an older revision of a record, before a
    transaction that may have changed these.  Records that only such a revision refers
    to are included if they ``may_concern`` the object.
    """

    def __init__(
        self,
        storage: Any,
        records: Records,
        note: Callable[[bytes, set[bytes]], object],
        may_concern: Callable[[bytes], bool],
    ) -> None:
        self._storage = storage
        self._note = note
        self._may_concern = may_concern
        self._records = records
        self._newest = iter(records)
        #: The next record, which is older than all in the queue.
        self._following = next(self._newest, None)
        #: A heap of the next transaction of each record, negated: the newest is first.
        self._queue: list[tuple[int, bytes]] = []
        #: The records that only older revisions refer to.
        self._former: set[bytes] = set()
        #: Records of which the references do not count.
        self._alone: set[bytes] = set()
        self._chains: dict[bytes, _Chain] = {}
        #: The references of revisions that are in the queue.
        self._read: dict[tuple[bytes, bytes], set[bytes]] = {}

    def follow(self, oid: bytes, before: bytes) -> None:
        """Include the transactions of a record, older than one, and no others."""
        if oid in self._alone or oid in self._records:
            return
        self._alone.add(oid)
        if oid not in self._former:
            self._enqueue_before(oid, before)

    def __iter__(self) -> Iterator[Revised]:
        while self._enqueue_next():
            number = self._queue[0][0]
            tid = p64(-number)
            found = Revised(tid, {}, {}, set())
            while self._queue and self._queue[0][0] == number:
                _, oid = heappop(self._queue)
                told = self._chain(oid).last(u64(tid) + 1)
                if told is not None and told["tid"] == tid:
                    found.told.update(told)
                    found.records[oid] = self._references(oid, tid)
                if not self._enqueue_before(oid, tid):
                    found.made.add(oid)
            if found.records:
                yield found

    def _enqueue_next(self) -> bool:
        """Add all records that may be the newest; return whether there are any."""
        added = []
        while self._following is not None:
            oid, tid = self._following
            if self._queue and -u64(tid) > self._queue[0][0]:
                break
            self._following = next(self._newest, None)
            heappush(self._queue, (-u64(tid), oid))
            added.append(oid)
        if len(added) > 1 and roundtrips.can_ask(self._storage):
            self._read_ahead(added)
        return bool(self._queue)

    def _read_ahead(self, oids: list[bytes]) -> None:
        """Read what is asked for next of several records."""
        wanted = []
        for oid, told in roundtrips.histories(self._storage, oids, REVISIONS_ASKED):
            self._chains[oid] = _Chain(self._storage, oid, told, REVISIONS_ASKED)
            wanted += [(oid, each["tid"]) for each in told[:2]]
        for revision, data in roundtrips.serials(self._storage, wanted):
            self._read[revision] = references_of(data)

    def _chain(self, oid: bytes) -> _Chain:
        if oid not in self._chains:
            self._chains[oid] = _Chain(self._storage, oid)
        return self._chains[oid]

    def _references(self, oid: bytes, tid: bytes) -> set[bytes]:
        return set() if oid in self._alone else self._read_of(oid, tid)

    def _read_of(self, oid: bytes, tid: bytes) -> set[bytes]:
        found = self._read.pop((oid, tid), None)
        return _references(self._storage, oid, tid) if found is None else found

    def _enqueue_before(self, oid: bytes, tid: bytes) -> bool:
        """Add the revision of a record before a transaction; False if there is none.

        The transaction removed the references that only that revision has, and may
        have changed the records that they lead to.
        """
        pending, number, is_there = [oid], u64(tid), False
        while pending:
            each = pending.pop()
            told = self._chain(each).last(number)
            number = u64(tid) + 1
            if told is None:
                continue
            is_there = is_there or each == oid
            heappush(self._queue, (-u64(told["tid"]), each))
            if each in self._alone:
                continue
            references = self._read_of(each, told["tid"])
            self._read[each, told["tid"]] = references
            self._note(each, references)
            new = references - self._former - self._alone
            new = {oid for oid in new if oid not in self._records}
            self._former |= new
            pending += filter(self._may_concern, new)
        return is_there


class _Chain:
    """The revisions of a record, read from the storage in growing batches."""

    def __init__(
        self,
        storage: Any,
        oid: bytes,
        told: list[dict[str, Any]] | None = None,
        asked: int = 0,
    ) -> None:
        self._storage = storage
        self._oid = oid
        self._asked = asked
        self._told = told or []
        self._place = 0

    def last(self, number: int) -> dict[str, Any] | None:
        """Return the last revision before a transaction.

        The transaction must not be newer than that of the previous call.
        """
        while True:
            for place in range(self._place, len(self._told)):
                if u64(self._told[place]["tid"]) < number:
                    self._place = place
                    return self._told[place]
            self._place = len(self._told)
            if self._place < self._asked:
                return None
            self._read_more()

    def _read_more(self) -> None:
        self._asked = 4 * self._asked or REVISIONS_ASKED
        try:
            self._told = list(self._storage.history(self._oid, size=self._asked))
        except POSKeyError:
            # The record was removed, or packed away.
            self._told = []


def _references(storage: Any, oid: bytes, tid: bytes) -> set[bytes]:
    try:
        data = storage.loadSerial(oid, tid)
    except POSKeyError:
        return set()
    return references_of(data)
