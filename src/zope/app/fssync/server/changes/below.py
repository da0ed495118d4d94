"""The records that one record leads to, as the index of references tells them."""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from operator import itemgetter

from zope.app.fssync.server.changes.keptindex import Asked
from zope.fssync.limits import DESCENDED_RECORDS
from zope.fssync.limits import INDEX_ROWS

__all__ = ["Below", "Descent", "oid_of", "signed"]

_REFERRED = "SELECT referred FROM reference WHERE referrer IN ({})"
_LAST = "SELECT oid, tid FROM record WHERE oid IN ({})"


class Below:
    """The records that one record leads to, with the last transaction of each.

    Iteration yields the newest first.  `note` keeps them up to date.
    """

    def __init__(self, rows: Sequence[tuple[int, int | None]]) -> None:
        # Arrays of numbers, since there may be millions.
        self._oids = array("q", sorted(oid for oid, _ in rows))
        # Records that were removed have no transaction.
        known = [(oid, tid) for oid, tid in rows if tid is not None]
        self._newest = array("q", (oid for oid, _ in known))
        self._tids = array("q", (tid for _, tid in known))
        #: The last transactions of the records changed since, the newest first.
        self._changed: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._oids)

    def __contains__(self, oid: bytes) -> bool:
        return self._has(signed(oid))

    def _has(self, oid: int) -> bool:
        place = bisect_left(self._oids, oid)
        return place < len(self._oids) and self._oids[place] == oid

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        changed = dict(self._changed)
        for oid, tid in changed.items():
            yield oid_of(oid), oid_of(tid)
        for oid, tid in zip(self._newest, self._tids, strict=True):
            if oid not in changed:
                yield oid_of(oid), oid_of(tid)

    def note(
        self,
        references: Iterable[tuple[int, int]],
        last: Iterable[tuple[int, int]],
        without: frozenset[int],
    ) -> bool:
        """Note changed records; return False if they lead to records not in here.

        These are the references of some as pairs, and the last transaction of each.
        """
        known = without.union(self._changed)
        for referrer, referred in references:
            if (
                self._has(referrer)
                and referred not in known
                and not self._has(referred)
            ):
                return False
        new = {oid: tid for oid, tid in last if self._has(oid)}
        tids = {**self._changed, **new}
        if len(tids) > INDEX_ROWS:
            return False
        self._changed = dict(sorted(tids.items(), key=itemgetter(1), reverse=True))
        return True


class Descent:
    """Finds what a record leads to, in steps between which others use the tables.

    It is void if they add to these: ``version`` tells that.
    """

    def __init__(self, asked: Asked, version: int) -> None:
        oid, self._without, self._limit = asked
        self.version = version
        self._pending = [oid]
        #: The last transaction of each record, None if it is not known yet.
        self._tids: dict[int, int | None] = {oid: None}

    def is_done(self) -> bool:
        """Return whether nothing is left to be done."""
        return not self._pending or len(self._tids) > self._limit

    def step(self, table: sqlite3.Connection) -> None:
        """Look up some records."""
        some = self._pending[-DESCENDED_RECORDS:]
        del self._pending[-DESCENDED_RECORDS:]
        places = ", ".join("?" * len(some))
        self._tids.update(table.execute(_LAST.format(places), some))
        for (oid,) in table.execute(_REFERRED.format(places), some):
            if oid not in self._tids and oid not in self._without:
                self._tids[oid] = None
                self._pending.append(oid)

    def result(self) -> Below | None:
        """Return the records, None if they are more than the limit."""
        tids = self._tids
        if len(tids) > self._limit:
            return None
        newest = sorted(tids, key=lambda oid: tids[oid] or 0, reverse=True)
        return Below([(oid, tids[oid]) for oid in newest])


def signed(oid: bytes) -> int:
    """Return an oid, or the id of a transaction, as the tables have it."""
    return int.from_bytes(oid, "big", signed=True)


def oid_of(number: int) -> bytes:
    """Return the oid, or the id of a transaction, for its number in the tables."""
    return number.to_bytes(8, "big", signed=True)
