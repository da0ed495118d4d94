"""Which records refer to which: an index that is kept as long as the process.

It is derived from the database alone, lies in a temporary file, and is made anew
where it does not fit: every process has its own.  References are only ever added,
so that it may name too many referrers, and never too few.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from ZODB.serialize import referencesf

from zope.app.fssync.delta.history import History

__all__ = ["Referrers", "referrers"]

#: Rows that are written at a time.
_batch = 10_000


class Referrers:
    """The referrers of the records of one database."""

    #: Records beyond which no index is made.
    limit = 20_000_000

    def __init__(self) -> None:
        self.lock = Lock()
        self._tid: bytes | None = None
        self._table: sqlite3.Connection | None = None

    def update(self, history: History) -> None:
        """Take in what is stored up to the snapshot of ``history``."""
        with self.lock:
            if self._tid is None or not history.has(self._tid):
                self._build(history)
            elif self._tid < history.now:
                self._add(history.since(self._tid, self.limit))
                self._tid = history.now

    def of(self, oid: bytes) -> list[bytes]:
        """Return the oids of the records that refer to ``oid``."""
        with self.lock:
            assert self._table is not None
            rows = self._table.execute(
                "SELECT referrer FROM reference WHERE referred = ?", (_signed(oid),)
            )
            return [_oid(number) for (number,) in rows]

    def _build(self, history: History) -> None:
        if self._table is not None:
            self._table.close()
        # Without a name: a file that nobody sees, gone with the process.
        self._table = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._table.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE reference (referred INTEGER, referrer INTEGER,"
            " PRIMARY KEY (referred, referrer)) WITHOUT ROWID"
        )
        self._tid = None
        self._add(history.current(self.limit))
        self._tid = history.now

    def _add(self, records: Iterable[tuple[bytes, bytes | None]]) -> None:
        assert self._table is not None
        rows: list[tuple[int, int]] = []
        for oid, data in records:
            if data:
                referrer = _signed(oid)
                rows += [(_signed(each), referrer) for each in set(referencesf(data))]
                if len(rows) >= _batch:
                    self._write(rows)
        self._write(rows)

    def _write(self, rows: list[tuple[int, int]]) -> None:
        assert self._table is not None
        rows.sort()
        self._table.execute("BEGIN")
        self._table.executemany("INSERT OR IGNORE INTO reference VALUES (?, ?)", rows)
        self._table.execute("COMMIT")
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
