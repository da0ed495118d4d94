"""An index of the references between the records of a database.

It is derived from the database alone, lies in a temporary file, and is made anew
if the database was restored: every process has its own, and begins with what one before
has kept.  References are only added, so that it may name too many referrers, and never
too few.  It also has the last transaction of each record.

That of a large database is made by a thread, beginning when a client gets its first
state, or with the first log of an object that leads to many records, neither of which
may need it; one that is kept is loaded when the process starts.  The thread leaves half
of the time to others, and most of it to exchanges, unless one waits for the index.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import nullcontext
from threading import Event
from threading import Lock
from threading import Thread
from typing import Any
from typing import NamedTuple
from typing import Protocol
from typing import Self
from weakref import WeakKeyDictionary

from transaction import TransactionManager
from ZODB.utils import z64

from zope.app.fssync.server import observing
from zope.app.fssync.server.changes.below import Below
from zope.app.fssync.server.changes.below import Descent
from zope.app.fssync.server.changes.below import oid_of
from zope.app.fssync.server.changes.below import signed
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.history import Record
from zope.app.fssync.server.changes.history import TooLarge
from zope.app.fssync.server.changes.history import TooMuch
from zope.app.fssync.server.changes.keptindex import Asked
from zope.app.fssync.server.changes.keptindex import KeptIndex
from zope.app.fssync.server.changes.keptindex import cache_directory
from zope.app.fssync.server.changes.near import Walks
from zope.app.fssync.server.changes.references import references_of
from zope.fssync.limits import EXCHANGES_SHARE
from zope.fssync.limits import INDEX_ROWS
from zope.fssync.limits import INDEXED_RECORDS
from zope.fssync.limits import KEPT_PART
from zope.fssync.limits import KEPT_RECORDS
from zope.fssync.limits import LISTED_RECORDS
from zope.fssync.limits import PREPARED_RECORDS
from zope.fssync.limits import REBUILT_PART
from zope.fssync.limits import REMEMBERED_BELOW

__all__ = [
    "FormerReferrers",
    "IReferrers",
    "LateReferrers",
    "NotYet",
    "Referrers",
    "load_kept",
    "referrers",
]

log = logging.getLogger(__name__)

_TABLES = """
    CREATE TABLE reference (
        referrer INTEGER, referred INTEGER, PRIMARY KEY (referrer, referred)
    ) WITHOUT ROWID;
    CREATE TABLE record (oid INTEGER PRIMARY KEY, tid INTEGER);
"""

#: Created after the rows, which come in the order of the referrers: that is faster.
_UPWARD = "CREATE INDEX upward ON reference (referred, referrer)"


class NotYet(Exception):
    """The index is being made, and whoever asks does not wait for it."""


class IReferrers(Protocol):
    """An index of referrers: it may name too many of them, but never too few."""

    def of(self, oid: bytes, tid: bytes) -> list[bytes]:
        """Return the oids of the records that referred to ``oid`` at ``tid``."""


class _Rows(NamedTuple):
    """Rows of the tables: referrer and referred, oid and its last transaction."""

    references: list[tuple[int, int]]
    last: list[tuple[int, int]]

    @classmethod
    def of(cls, records: Iterable[Record]) -> Iterator[Self]:
        """Yield the rows of records, in batches."""
        rows = cls([], [])
        for record in records:
            referrer = signed(record.oid)
            rows.last.append((referrer, signed(record.tid)))
            found = references_of(record.data)
            rows.references.extend((referrer, signed(each)) for each in found)
            if len(rows.references) + len(rows.last) >= INDEX_ROWS:
                yield rows
                rows = cls([], [])
        yield rows

    def write(self, table: sqlite3.Connection) -> None:
        """Add the rows to the tables."""
        self.references.sort()
        table.execute("BEGIN")
        table.executemany(
            "INSERT OR IGNORE INTO reference VALUES (?, ?)", self.references
        )
        # The revisions of a record may come in any order.
        table.executemany(
            "INSERT INTO record VALUES (?, ?)"
            " ON CONFLICT (oid) DO UPDATE SET tid = max(tid, excluded.tid)",
            self.last,
        )
        table.execute("COMMIT")


class Referrers:
    """The referrers of the records of one database.

    ``kept`` is the index that a process before has saved, if any.
    """

    #: The largest number of records for which an index is made.
    limit = INDEXED_RECORDS

    def __init__(self, kept: KeptIndex | None = None) -> None:
        #: Held by the one who adds to the index, which may take long.
        self._adding = Lock()
        #: Held while the table is used: never while a storage is read.
        self._using = Lock()
        #: Held by the one who looks up what a record leads to: others wait for that.
        self._descending = Lock()
        #: True if a request waits for what is added.
        self._is_awaited = Event()
        self._preparing: Thread | None = None
        #: Whether the database had few records when that was asked first.
        self._is_small: bool | None = None
        self._kept = kept
        #: What is used as long as there is no index.
        self.walks = Walks()
        self._tid: bytes | None = None
        self._table: sqlite3.Connection | None = None
        self._too_large: TooLarge | None = None
        #: Whether it was once as new as the database.
        self._is_made = False
        #: The number of records in the index, and of those not saved yet.
        self._number = self._news = 0
        #: Increased whenever rows are added, or the table is replaced.
        self._version = 0
        #: The last results of `below`; None stands for more than the limit.
        self._below: OrderedDict[Asked, Below | None] = OrderedDict()

    def is_kept(self) -> bool:
        """Return whether a process before has saved the index."""
        return self._kept is not None and self._kept.is_there()

    def prepare(self, db: Any) -> None:
        """Let a thread make the index of a database, or load it, if that takes long."""
        if self._preparing is not None or self._table is not None:
            return
        if self._is_small is None:
            # Each response comes here, and a database server may have to be asked.
            self._is_small = len(db.storage) < PREPARED_RECORDS
        if self._is_small:
            return
        with _known_lock:
            if self._preparing is not None:
                return
            self._preparing = Thread(
                target=self._prepare, args=(db,), name="zsync index", daemon=True
            )
        self._preparing.start()

    def is_being_made(self) -> bool:
        """Return whether who asks now has to wait for that thread."""
        thread = self._preparing
        return not self._is_made and thread is not None and thread.is_alive()

    def _prepare(self, db: Any) -> None:
        try:
            connection = db.open(TransactionManager())
            try:
                self.update(History(connection), self._yield)
                self._look_up()
            finally:
                connection.close()
        except Exception as error:
            # The database may be closed by now; who needs the index tries again.
            log.info("the index of %s is not made: %s", db.database_name, error)

    def _look_up(self) -> None:
        """Look up what was asked before there was an index, or in another process."""
        asked = [] if self._kept is None else self._kept.asked()
        asked += (
            (signed(oid), frozenset(map(signed, without)), LISTED_RECORDS)
            for oid, without in self.walks.end()
        )
        try:
            for each in asked[-REMEMBERED_BELOW:]:
                began = time.monotonic()
                with self._descending:
                    self._remembered(each, z64)
                time.sleep(time.monotonic() - began)
        finally:
            self.walks.forget()
        if asked and self._kept is not None:
            with self._using:
                several = list(self._below)
            self._kept.note(several)

    def _yield(self, seconds: float) -> None:
        """Leave time to others, unless one of them waits for the index."""
        share = EXCHANGES_SHARE if observing.running() else 1
        self._is_awaited.wait(seconds * share)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._adding.acquire(blocking=False):
            self._is_awaited.set()
            self._adding.acquire()
        try:
            yield
        finally:
            self._is_awaited.clear()
            self._adding.release()

    def update(
        self, history: History, pause: Callable[[float], object] | None = None
    ) -> None:
        """Add the records up to the snapshot of ``history``.

        ``pause`` is called now and then with the seconds since the last time.
        """
        if self._has(history):
            return
        with self._turn():
            if self._too_large is not None:
                # To count the records again would take as long as before.
                raise self._too_large
            if self._table is None:
                self._load()
            if self._table is None or not self._is_of(history):
                self._build(history, pause)
            elif not self._has(history):
                self._catch_up(history, pause)
            self._is_made = True
            if self._news > max(KEPT_RECORDS, self._number // KEPT_PART):
                self._keep()

    def _has(self, history: History) -> bool:
        """Return True if nothing has to be added for a snapshot."""
        tid = self._tid
        return tid is not None and tid >= history.now and self._is_of(history)

    def _is_of(self, history: History) -> bool:
        """Return True if the index is complete up to its transaction."""
        tid = self._tid
        return tid is not None and (history.has(tid) or history.may_have_packed(tid))

    def of(self, oid: bytes, tid: bytes) -> list[bytes]:
        """Return the oids of the records that referred to ``oid`` at ``tid``.

        Raises `HistoryUnavailable` if the index was rebuilt for an older state.
        """
        return self._select(
            "SELECT referrer FROM reference WHERE referred = ?", oid, tid
        )

    def referred(self, oid: bytes, tid: bytes) -> list[bytes]:
        """Return the oids that the record ``oid`` referred to at ``tid``, see `of`."""
        return self._select(
            "SELECT referred FROM reference WHERE referrer = ?", oid, tid
        )

    def _select(self, statement: str, oid: bytes, tid: bytes) -> list[bytes]:
        with self._using:
            rows = self._table_at(tid).execute(statement, (signed(oid),))
            return [oid_of(number) for (number,) in rows]

    def below(
        self, oid: bytes, tid: bytes, without: Iterable[bytes], limit: int
    ) -> Below | None:
        """Return ``oid`` and the records that it leads to, None beyond the limit.

        Paths through the records ``without`` do not count.
        """
        asked = signed(oid), frozenset(signed(each) for each in without), limit
        is_known = asked in self._below
        with nullcontext() if is_known else self._descending:
            found = self._remembered(asked, tid)
        if not is_known and self._kept is not None and self._preparing is not None:
            with self._using:
                several = list(self._below)
            self._kept.note(several)
        return found

    def _remembered(self, asked: Asked, tid: bytes) -> Below | None:
        """Return what is remembered, or look it up with the lock held for moments."""
        descent: Descent | None = None
        while True:
            with self._using:
                table = self._table_at(tid)
                if asked not in self._below:
                    is_void = descent is not None and descent.version != self._version
                    if descent is None or is_void:
                        descent = Descent(asked, self._version)
                    descent.step(table)
                    while is_void and not descent.is_done():
                        descent.step(table)
                    if descent.is_done():
                        self._below[asked] = descent.result()
                        self._forget()
                if asked in self._below:
                    self._below.move_to_end(asked)
                    return self._below[asked]

    def _forget(self) -> None:
        """Drop the least recently used results, beyond a number of records."""
        sizes = [len(each or ()) for each in self._below.values()]
        while len(sizes) > REMEMBERED_BELOW or (
            len(sizes) > 1 and sum(sizes) > LISTED_RECORDS
        ):
            self._below.popitem(last=False)
            del sizes[0]

    def _table_at(self, tid: bytes) -> sqlite3.Connection:
        if self._table is None or self._tid is None or self._tid < tid:
            raise HistoryUnavailable("the index is one of an older state")
        return self._table

    def _catch_up(
        self, history: History, pause: Callable[[float], object] | None
    ) -> None:
        """Add what is new, or make a new index if that is read sooner."""
        most = max(KEPT_RECORDS, self._number // REBUILT_PART)
        if not history.reads_in_batches or most > self.limit:
            self._add(history, pause, self.limit)
            return
        try:
            self._add(history, pause, most)
        except TooMuch:
            self._build(history, pause)

    def _add(
        self,
        history: History,
        pause: Callable[[float], object] | None,
        limit: int,
    ) -> None:
        """Add what was stored since the transaction of the index.

        Raises `TooMuch` beyond ``limit`` records; some may have been added.
        """
        table, tid = self._table, self._tid
        assert table is not None
        assert tid is not None
        for rows in _paced(_Rows.of(history.since(tid, limit)), pause):
            with self._using:
                self._version += 1
                try:
                    rows.write(table)
                except sqlite3.Error:
                    # Some of the rows may be missing.
                    self._use(None, None, 0)
                    raise
                self._number += len(rows.last)
                self._news += len(rows.last)
                for asked, below in list(self._below.items()):
                    # As nothing is taken out, too many stay so.
                    if below is not None and not below.note(*rows, asked[1]):
                        del self._below[asked]
        self._tid = history.now

    def _load(self) -> None:
        """Start with the saved index."""
        table = _new_table()
        tid = None if self._kept is None else self._kept.load(table)
        if tid is None:
            table.close()
            return
        (number,) = table.execute("SELECT count(*) FROM record").fetchone()
        with self._using:
            self._use(table, tid, number)

    def _keep(self) -> None:
        if self._kept is not None and self._table is not None and self._tid is not None:
            # Others may read meanwhile, and nobody adds.
            self._kept.save(self._table, self._tid)
        self._news = 0

    def _build(self, history: History, pause: Callable[[float], object] | None) -> None:
        """Make a new index, while the one before, if any, is used."""
        table = _new_table()
        table.executescript(_TABLES)
        number = 0
        try:
            for rows in _paced(_Rows.of(history.current(self.limit)), pause):
                rows.write(table)
                number += len(rows.last)
            table.execute(_UPWARD)
        except BaseException as error:
            table.close()
            if isinstance(error, TooLarge):
                self._too_large = error
            raise
        with self._using:
            self._use(table, history.now, number)
            self._news = number

    def _use(
        self, table: sqlite3.Connection | None, tid: bytes | None, number: int
    ) -> None:
        """Replace the table by another one, of a transaction and so many records."""
        if self._table is not None:
            self._table.close()
        self._table, self._tid, self._number = table, tid, number
        self._version += 1
        self._below.clear()


def _paced(
    batches: Iterable[_Rows], pause: Callable[[float], object] | None
) -> Iterator[_Rows]:
    """Yield batches, and pause after each for the seconds that it took."""
    began = time.monotonic()
    for each in batches:
        yield each
        if pause is not None:
            pause(time.monotonic() - began)
            began = time.monotonic()


def _new_table() -> sqlite3.Connection:
    """Return an unnamed database: a temporary file that ends with the process."""
    table = sqlite3.connect("", check_same_thread=False, isolation_level=None)
    table.execute("PRAGMA journal_mode = OFF")
    table.execute("PRAGMA synchronous = OFF")
    return table


class LateReferrers:
    """The index of a database, updated only when it is first used.

    Unless it ``waits``, `NotYet` is raised while a thread makes the index.
    """

    waits = True

    def __init__(self, connection: Any, history: History) -> None:
        self._index = referrers(connection)
        self._db = connection.db()
        self._history = history
        self._is_updated = False

    @property
    def walks(self) -> Walks:
        """See `Referrers`."""
        return self._index.walks

    def prepare(self) -> None:
        """See `Referrers`."""
        self._index.prepare(self._db)

    def is_being_made(self) -> bool:
        """See `Referrers`."""
        return self._index.is_being_made()

    def of(self, oid: bytes, tid: bytes) -> list[bytes]:
        """See `IReferrers`."""
        return self._updated().of(oid, tid)

    def referred(self, oid: bytes) -> list[bytes]:
        """Return the oids that a record refers to, see `Referrers`."""
        return self._updated().referred(oid, self._history.now)

    def below(self, oid: bytes, without: Iterable[bytes], limit: int) -> Below | None:
        """See `Referrers`."""
        if not self.waits and self.walks.has(oid, without):
            raise NotYet
        return self._updated().below(oid, self._history.now, without, limit)

    def _updated(self) -> Referrers:
        if not self._is_updated:
            if not self.waits and self.is_being_made():
                raise NotYet
            self._index.update(self._history)
            self._is_updated = True
        return self._index


class FormerReferrers:
    """An index extended by former references, as they are added."""

    def __init__(self, index: IReferrers) -> None:
        self._index = index
        self._former: dict[bytes, set[bytes]] = {}

    def add(self, oid: bytes, references: Iterable[bytes]) -> None:
        """Add the references that a record had once."""
        for each in references:
            self._former.setdefault(each, set()).add(oid)

    def of(self, oid: bytes, tid: bytes) -> list[bytes]:
        """See `IReferrers`."""
        former = self._former.get(oid, set())
        return list(former.union(self._index.of(oid, tid)))


_known: WeakKeyDictionary[Any, Referrers] = WeakKeyDictionary()
_known_lock = Lock()


def _forget() -> None:
    """Begin anew in a forked process, which has neither the threads nor the files."""
    global _known_lock
    _known_lock = Lock()
    _known.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def referrers(connection: Any) -> Referrers:
    """Return the index of the database of a connection."""
    return _of(connection.db())


def _of(db: Any) -> Referrers:
    with _known_lock:
        if db not in _known:
            _known[db] = Referrers(KeptIndex(cache_directory(), _name(db)))
        return _known[db]


def load_kept(event: Any) -> None:
    """Let a thread load the index that is kept of a database that was opened."""
    db = event.database
    index = _of(db)
    if index.is_kept():
        index.prepare(db)


def _name(db: Any) -> str:
    """Return a name that distinguishes a database from others on this machine."""
    return f"{type(db.storage).__module__} {db.storage.getName()} {db.database_name}"
