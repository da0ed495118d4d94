"""The records that an object leads to, if they are few.

They are loaded, so that the log of a small part of a large database needs no index of
all of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ZODB.POSException import POSKeyError
from ZODB.utils import p64
from ZODB.utils import u64

from zope.app.fssync.server.changes import roundtrips
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.references import references_of
from zope.fssync.limits import CHANGED_RECORDS
from zope.fssync.limits import KEPT_WALKS
from zope.fssync.limits import LOADED_RECORDS

__all__ = ["NearRecords", "Walks", "near_records"]


class NearRecords:
    """An `IReferrers` and `Records` of these records only.

    ``tids`` has the last transaction of each.
    """

    def __init__(
        self, tids: dict[bytes, bytes], known: dict[bytes, list[bytes]]
    ) -> None:
        self._tids = tids
        self._known = known
        #: The oids, those of the newest transactions first.
        self._newest: list[bytes] | None = None

    def __contains__(self, oid: bytes) -> bool:
        return oid in self._tids

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        tids = self._tids
        if self._newest is None:
            self._newest = sorted(tids, key=tids.__getitem__, reverse=True)
        return ((oid, tids[oid]) for oid in self._newest)

    def of(self, oid: bytes, tid: bytes) -> list[bytes]:
        """See `IReferrers`."""
        return self._known.get(oid, [])


def near_records(
    connection: Any,
    oid: bytes,
    without: Iterable[bytes],
    limit: int,
    before: NearRecords | None = None,
    changed: Iterable[bytes] = (),
) -> NearRecords | None:
    """Return ``oid`` and the records that it leads to, None beyond the limit.

    Paths through the records ``without`` do not count.  Those that were found
    ``before`` are not loaded again, except those that have ``changed``.
    """
    tids, known, pending = {}, {}, [oid]
    old: dict[bytes, list[bytes]] = {}
    if before is not None:
        pending = [each for each in changed if each in before]
        if not pending:
            return before
        tids, old = dict(before._tids), before._known
        known = dict(old)
    seen = {oid, *without, *tids}
    while pending:
        several = pending[-LOADED_RECORDS:]
        del pending[-LOADED_RECORDS:]
        for each, data, tid in _loaded(connection, several):
            if len(tids) >= limit and each not in tids:
                return None
            tids[each] = tid
            for referred in references_of(data):
                referrers = known.get(referred)
                if referrers is None or referrers is old.get(referred):
                    # Others may be reading it.
                    referrers = known[referred] = list(referrers or ())
                if before is None or each not in referrers:
                    referrers.append(each)
                if referred not in seen:
                    seen.add(referred)
                    pending.append(referred)
    return NearRecords(tids, known)


class Walks:
    """The records of large objects that were loaded, for the next requests."""

    def __init__(self) -> None:
        #: By oid and ``without``: the transaction that they are of, and the records.
        self._kept: dict[tuple[bytes, frozenset[bytes]], tuple[bytes, NearRecords]] = {}
        #: Those that lead to too many records: to count them takes as long.
        self._large: dict[tuple[bytes, frozenset[bytes]], int] = {}
        self._is_over = False

    def records(
        self,
        connection: Any,
        history: History,
        oid: bytes,
        without: Iterable[bytes],
        limit: int,
    ) -> NearRecords | None:
        """Return the same as `near_records`, from those of a request before."""
        asked = oid, frozenset(without)
        if self._large.get(asked, 0) >= limit:
            return None
        before, changed = None, list[bytes]()
        tid, records = self._kept.get(asked, (None, None))
        if tid is not None and tid <= history.now:
            with suppress(HistoryUnavailable):
                changed = list(history.changed_since(tid, CHANGED_RECORDS))
                before = records
        found = near_records(connection, oid, without, limit, before, changed)
        if found is None:
            self._large = dict(list(self._large.items())[-KEPT_WALKS:])
            self._large[asked] = limit
        elif not self._is_over:
            self._kept = dict(list(self._kept.items())[-KEPT_WALKS:])
            self._kept[asked] = history.now, found
        return found

    def has(self, oid: bytes, without: Iterable[bytes]) -> bool:
        """Return whether the records of an object are remembered."""
        return (oid, frozenset(without)) in self._kept

    def end(self) -> list[tuple[bytes, frozenset[bytes]]]:
        """Return what was asked; nothing more is remembered from here on."""
        self._is_over = True
        return list(self._kept)

    def forget(self) -> None:
        """Forget the records: an index has them."""
        self._kept = {}


def _loaded(connection: Any, oids: list[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield records with their data and transactions, except those that are gone."""
    storage, start = (
        connection.db().storage,
        getattr(connection._storage, "_start", b""),
    )
    if start and roundtrips.can_ask(storage):
        now = p64(u64(start) - 1)
        yield from roundtrips.loaded(storage, [(oid, now) for oid in oids])
        return
    if len(oids) > 1:
        # One query serves for all.
        connection.prefetch(oids)
    for oid in oids:
        with suppress(POSKeyError):
            yield (oid, *connection._storage.load(oid))
