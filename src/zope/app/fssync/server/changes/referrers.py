"""An index of the references between records, kept as long as the process.

It is derived from the database alone, lies in a temporary file, and is made anew
if the database was restored: every process has its own.  References are only added,
so that it may name too many referrers, and never too few.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from threading import Lock
from typing import Any
from typing import Protocol
from weakref import WeakKeyDictionary

from ZODB.serialize import referencesf

from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.history import TooLarge
from zope.fssync.limits import INDEX_ROWS
from zope.fssync.limits import INDEXED_RECORDS

__all__ = ["FormerReferrers", "IReferrers", "Referrers", "referrers"]


class IReferrers(Protocol):
    """Which records refer to a record: too many may be named, never too few."""

    def of(self, oid: bytes, tid: bytes) -> list[bytes]:
        """Return the oids of the records that referred to ``oid`` at ``tid``."""


class Referrers:
    """The referrers of the records of one database."""

    #: Records beyond which no index is made.
    limit = INDEXED_RECORDS

    def __init__(self) -> None:
        self.lock = Lock()
        self._tid: bytes | None = None
        self._table: sqlite3.Connection | None = None
        self._too_large: TooLarge | None = None

    def update(self, history: History) -> None:
        """Add the records up to the snapshot of ``history``."""
        with self.lock:
            if self._too_large is not None:
                # Counting them again would take as long.
                raise self._too_large
            if self._table is None or self._tid is None or not history.has(self._tid):
                self._build(history)
            elif self._tid < history.now:
                _add(self._table, history.since(self._tid, self.limit))
                self._tid = history.now

    def of(self, oid: bytes, tid: bytes) -> list[bytes]:
        """Return the oids of the records that referred to ``oid`` at ``tid``.

        Raises `HistoryUnavailable` where the index was made anew meanwhile, for an
        older state.
        """
        with self.lock:
            if self._table is None or self._tid is None or self._tid < tid:
                raise HistoryUnavailable("the index is one of an older state")
            rows = self._table.execute(
                "SELECT referrer FROM reference WHERE referred = ?", (_signed(oid),)
            )
            return [_oid(number) for (number,) in rows]

    def _build(self, history: History) -> None:
        # Without a name: a temporary file that is removed with the process.
        table = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        table.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE reference (referred INTEGER, referrer INTEGER,"
            " PRIMARY KEY (referred, referrer)) WITHOUT ROWID"
        )
        try:
            _add(table, history.current(self.limit))
        except BaseException as error:
            table.close()
            if isinstance(error, TooLarge):
                self._too_large = error
            raise
        if self._table is not None:
            self._table.close()
        self._table, self._tid = table, history.now


class FormerReferrers:
    """An index with the referrers that records had once, as far as they are told of."""

    def __init__(self, index: IReferrers) -> None:
        self._index = index
        self._former: dict[bytes, set[bytes]] = {}

    def add(self, oid: bytes, references: Iterable[bytes]) -> None:
        """Note what a record referred to once."""
        for each in references:
            self._former.setdefault(each, set()).add(oid)

    def of(self, oid: bytes, tid: bytes) -> list[bytes]:
        """See `IReferrers`."""
        former = self._former.get(oid, set())
        return list(former.union(self._index.of(oid, tid)))


def _add(
    table: sqlite3.Connection, records: Iterable[tuple[bytes, bytes | None]]
) -> None:
    rows: list[tuple[int, int]] = []
    for oid, data in records:
        if data:
            referrer = _signed(oid)
            rows += [(_signed(each), referrer) for each in set(referencesf(data))]
            if len(rows) >= INDEX_ROWS:
                _write(table, rows)
    _write(table, rows)


def _write(table: sqlite3.Connection, rows: list[tuple[int, int]]) -> None:
    rows.sort()
    table.execute("BEGIN")
    table.executemany("INSERT OR IGNORE INTO reference VALUES (?, ?)", rows)
    table.execute("COMMIT")
    rows.clear()


def _signed(oid: bytes) -> int:
    return int.from_bytes(oid, "big", signed=True)


def _oid(number: int) -> bytes:
    return number.to_bytes(8, "big", signed=True)


_known: WeakKeyDictionary[Any, Referrers] = WeakKeyDictionary()
_known_lock = Lock()


def referrers(connection: Any) -> Referrers:
    """Return the index of the database of a connection."""
    with _known_lock:
        return _known.setdefault(connection.db(), Referrers())
