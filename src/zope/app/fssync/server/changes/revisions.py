"""The revisions of the records of an object, the newest first.

A log need not look at all newer transactions of the database: the last transactions of
the records are known, and a storage leads from each revision of a record to the one
before.
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
from ZODB.serialize import referencesf
from ZODB.utils import p64
from ZODB.utils import u64

from zope.fssync.limits import REVISIONS_ASKED

__all__ = ["Records", "Revised", "revisions"]


class Records(Protocol):
    """Some records: the oid and the last transaction of each, the newest first."""

    def __contains__(self, oid: bytes) -> bool: ...

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]: ...


class Revised(NamedTuple):
    """A transaction: what the storage tells of it, and what its records refer to."""

    tid: bytes
    told: dict[str, Any]
    records: dict[bytes, set[bytes]]


def revisions(
    storage: Any,
    records: Records,
    note: Callable[[bytes, set[bytes]], object],
    may_concern: Callable[[bytes], bool],
) -> Iterator[Revised]:
    """Yield the transactions of some records, the newest first.

    ``note`` is told what older revisions of a record refer to, before anything that
    these may have changed comes.  What only such a revision refers to comes as well, as
    far as it ``may_concern`` the object.
    """
    return _Merge(storage, records, note, may_concern).all()


class _Merge:
    """Merges the revisions of records by their time."""

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
        #: The next of them, which is older than all that was taken over.
        self._following = next(self._newest, None)
        #: The next transaction of each record, as a number that grows into the past.
        self._waiting: list[tuple[int, bytes]] = []
        #: Those that only older revisions refer to, or referred to.
        self._former: set[bytes] = set()
        self._chains: dict[bytes, _Chain] = {}

    def all(self) -> Iterator[Revised]:
        while self._take_over():
            number = self._waiting[0][0]
            tid = p64(-number)
            found = Revised(tid, {}, {})
            while self._waiting and self._waiting[0][0] == number:
                _, oid = heappop(self._waiting)
                told = self._chain(oid).last(u64(tid) + 1)
                if told is not None and told["tid"] == tid:
                    found.told.update(told)
                    found.records[oid] = _references(self._storage, oid, tid)
                self._go_back(oid, tid)
            if found.records:
                yield found

    def _take_over(self) -> bool:
        """Wait for all records that may be next; return whether there are any."""
        while self._following is not None:
            oid, tid = self._following
            if self._waiting and -u64(tid) > self._waiting[0][0]:
                break
            self._following = next(self._newest, None)
            heappush(self._waiting, (-u64(tid), oid))
        return bool(self._waiting)

    def _chain(self, oid: bytes) -> _Chain:
        if oid not in self._chains:
            self._chains[oid] = _Chain(self._storage, oid)
        return self._chains[oid]

    def _go_back(self, oid: bytes, tid: bytes) -> None:
        """Wait for the revision of a record before a transaction.

        What only that one refers to has been taken out by the transaction, which may
        have changed it as well.
        """
        pending, number = [oid], u64(tid)
        while pending:
            each = pending.pop()
            told = self._chain(each).last(number)
            number = u64(tid) + 1
            if told is None:
                continue
            heappush(self._waiting, (-u64(told["tid"]), each))
            references = _references(self._storage, each, told["tid"])
            self._note(each, references)
            new = references - self._former
            new = {oid for oid in new if oid not in self._records}
            self._former |= new
            pending += filter(self._may_concern, new)


class _Chain:
    """The revisions of a record, of which the storage is asked for more and more."""

    def __init__(self, storage: Any, oid: bytes) -> None:
        self._storage = storage
        self._oid = oid
        self._asked = 0
        self._told: list[dict[str, Any]] = []
        self._place = 0

    def last(self, number: int) -> dict[str, Any] | None:
        """Return the last revision before a transaction, which is never later than
        that of the call before."""
        while True:
            for place in range(self._place, len(self._told)):
                if u64(self._told[place]["tid"]) < number:
                    self._place = place
                    return self._told[place]
            self._place = len(self._told)
            if self._place < self._asked:
                return None
            self._ask()

    def _ask(self) -> None:
        self._asked = 4 * self._asked or REVISIONS_ASKED
        try:
            self._told = list(self._storage.history(self._oid, size=self._asked))
        except POSKeyError:
            # It is gone, or packed away.
            self._told = []


def _references(storage: Any, oid: bytes, tid: bytes) -> set[bytes]:
    try:
        data = storage.loadSerial(oid, tid)
    except POSKeyError:
        return set()
    return set(referencesf(data)) if data else set()
