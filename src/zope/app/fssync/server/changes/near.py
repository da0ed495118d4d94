"""The records that an object leads to, if they are few.

They are loaded, so that the log of a small part of a large database needs no index of
all of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import suppress
from operator import itemgetter
from typing import Any

from ZODB.POSException import POSKeyError
from ZODB.serialize import referencesf

from zope.fssync.limits import LOADED_RECORDS

__all__ = ["NearRecords", "near_records"]


class NearRecords:
    """An `IReferrers` and `Records` of these records only.

    ``tids`` has the last transaction of each.
    """

    def __init__(
        self, tids: dict[bytes, bytes], known: dict[bytes, list[bytes]]
    ) -> None:
        self._tids = tids
        self._known = known

    def __contains__(self, oid: bytes) -> bool:
        return oid in self._tids

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        return iter(sorted(self._tids.items(), key=itemgetter(1), reverse=True))

    def of(self, oid: bytes, tid: bytes) -> list[bytes]:
        """See `IReferrers`."""
        return self._known.get(oid, [])


def near_records(
    connection: Any, oid: bytes, without: Iterable[bytes], limit: int
) -> NearRecords | None:
    """Return ``oid`` and the records that it leads to, None beyond the limit.

    Paths through the records ``without`` do not count.
    """
    tids: dict[bytes, bytes] = {}
    known: dict[bytes, list[bytes]] = {}
    seen, pending = {oid, *without}, [oid]
    while pending:
        several = pending[-LOADED_RECORDS:]
        del pending[-LOADED_RECORDS:]
        for each, data, tid in _loaded(connection, several):
            if len(tids) >= limit:
                return None
            tids[each] = tid
            for referred in set(referencesf(data)):
                known.setdefault(referred, []).append(each)
                if referred not in seen:
                    seen.add(referred)
                    pending.append(referred)
    return NearRecords(tids, known)


def _loaded(connection: Any, oids: list[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield records with their data and transactions, except those that are gone."""
    if len(oids) > 1:
        # One round trip to a ZEO server, or one query, serves for all.
        connection.prefetch(oids)
    for oid in oids:
        with suppress(POSKeyError):
            yield (oid, *connection._storage.load(oid))
