"""An index of the references between records, kept as long as the process.

It is derived from the database alone, lies in a temporary file, and is made anew
if the database was restored: every process has its own.  References are only added,
so that it may name too many referrers, and never too few.  It also has the last
transaction of each record.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from collections.abc import Iterator
from threading import Lock
from typing import Any
from typing import Protocol
from weakref import WeakKeyDictionary

from ZODB.serialize import referencesf

from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.history import Record
from zope.app.fssync.server.changes.history import TooLarge
from zope.fssync.limits import INDEX_ROWS
from zope.fssync.limits import INDEXED_RECORDS

__all__ = [
    "FormerReferrers",
    "IReferrers",
    "LateReferrers",
    "Referrers",
    "referrers",
]

_TABLES = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE reference (
        referred INTEGER, referrer INTEGER, PRIMARY KEY (referred, referrer)
    ) WITHOUT ROWID;
    CREATE TABLE record (oid INTEGER PRIMARY KEY, tid INTEGER);
"""

#: It is made when there are rows already, which is faster.
_DOWNWARD = "CREATE INDEX downward ON reference (referrer, referred)"

_BELOW = """
    WITH RECURSIVE below (oid) AS (
        VALUES (?)
        UNION
        SELECT referred FROM below JOIN reference ON referrer = below.oid
        WHERE referred NOT IN ({})
        LIMIT ?
    )
    SELECT below.oid, record.tid FROM below LEFT JOIN record ON record.oid = below.oid
    ORDER BY record.tid DESC
"""


class IReferrers(Protocol):
    """Which records refer to a record: too many may be named, never too few."""

    def of(self, oid: bytes, tid: bytes) -> list[bytes]:
        """Return the oids of the records that referred to ``oid`` at ``tid``."""


class Below:
    """The records that one leads to: their oids, and the last transaction of each.

    They come with the newest first.
    """

    def __init__(self, rows: list[tuple[int, int | None]]) -> None:
        # They are many: as numbers they are small, and soon compared.
        self._rows = rows
        self._oids = {oid for oid, _ in rows}

    def __contains__(self, oid: bytes) -> bool:
        return _signed(oid) in self._oids

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        # Some are no longer there.
        return ((_oid(oid), _oid(tid)) for oid, tid in self._rows if tid is not None)


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
            rows = self._table_at(tid).execute(
                "SELECT referrer FROM reference WHERE referred = ?", (_signed(oid),)
            )
            return [_oid(number) for (number,) in rows]

    def below(
        self, oid: bytes, tid: bytes, without: Iterable[bytes], limit: int
    ) -> Below | None:
        """Return the records that ``oid`` leads to, itself among them.

        Nothing is reached by those ``without``.  None where there are more than the
        limit.
        """
        stops = [_signed(each) for each in without]
        query = _BELOW.format(", ".join("?" * len(stops)))
        with self.lock:
            table = self._table_at(tid)
            rows = table.execute(query, [_signed(oid), *stops, limit + 1]).fetchall()
        return None if len(rows) > limit else Below(rows)

    def _table_at(self, tid: bytes) -> sqlite3.Connection:
        if self._table is None or self._tid is None or self._tid < tid:
            raise HistoryUnavailable("the index is one of an older state")
        return self._table

    def _build(self, history: History) -> None:
        # Without a name: a temporary file that is removed with the process.
        table = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        table.executescript(_TABLES)
        try:
            _add(table, history.current(self.limit))
            table.execute(_DOWNWARD)
        except BaseException as error:
            table.close()
            if isinstance(error, TooLarge):
                self._too_large = error
            raise
        if self._table is not None:
            self._table.close()
        self._table, self._tid = table, history.now


class LateReferrers:
    """The index of a database, which is made when it is asked: not all need it."""

    def __init__(self, connection: Any, history: History) -> None:
        self._index = referrers(connection)
        self._history = history
        self._is_made = False

    def of(self, oid: bytes, tid: bytes) -> list[bytes]:
        """See `IReferrers`."""
        return self._made().of(oid, tid)

    def below(self, oid: bytes, without: Iterable[bytes], limit: int) -> Below | None:
        """See `Referrers`."""
        return self._made().below(oid, self._history.now, without, limit)

    def _made(self) -> Referrers:
        if not self._is_made:
            self._index.update(self._history)
            self._is_made = True
        return self._index


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


def _add(table: sqlite3.Connection, records: Iterable[Record]) -> None:
    rows: list[tuple[int, int]] = []
    last: list[tuple[int, int]] = []
    for record in records:
        referrer = _signed(record.oid)
        last.append((referrer, _signed(record.tid)))
        if record.data:
            found = set(referencesf(record.data))
            rows += [(_signed(each), referrer) for each in found]
        if len(rows) + len(last) >= INDEX_ROWS:
            _write(table, rows, last)
    _write(table, rows, last)


def _write(
    table: sqlite3.Connection, rows: list[tuple[int, int]], last: list[tuple[int, int]]
) -> None:
    rows.sort()
    table.execute("BEGIN")
    table.executemany("INSERT OR IGNORE INTO reference VALUES (?, ?)", rows)
    # The revisions of a record may come in any order.
    table.executemany(
        "INSERT INTO record VALUES (?, ?)"
        " ON CONFLICT (oid) DO UPDATE SET tid = max(tid, excluded.tid)",
        last,
    )
    table.execute("COMMIT")
    rows.clear()
    last.clear()


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
