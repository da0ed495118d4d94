"""Historical connections: the database as it was after or before a transaction.

They are limited in number, hold no objects once they are closed, and refuse to write.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from threading import BoundedSemaphore
from threading import Lock
from typing import Any

from transaction import TransactionManager
from ZODB.interfaces import IMVCCStorage
from ZODB.mvccadapter import HistoricalStorageAdapter
from ZODB.utils import p64
from ZODB.utils import u64

from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.fssync.limits import OLD_CONNECTION_WAIT
from zope.fssync.limits import OLD_CONNECTIONS
from zope.fssync.messages import _

__all__ = ["Backwards", "Moving", "moving", "opened"]

_open = BoundedSemaphore(OLD_CONNECTIONS)
_polling = Lock()


@contextmanager
def opened(db: Any, **time: bytes) -> Iterator[Any]:
    """Open a database ``at`` or ``before`` a transaction, for the block.

    Raises `HistoryUnavailable` if too many connections stay open for too long.
    """
    if not _open.acquire(timeout=OLD_CONNECTION_WAIT):
        raise HistoryUnavailable(
            _("the server is busy with other old states; try again")
        )
    try:
        _catch_up(db, max(time.values()))
        connection = db.open(TransactionManager(), **time)
        try:
            _renew(connection)
            yield connection
        finally:
            connection.transaction_manager.abort()
            # The pool keeps each historical connection for some minutes.
            connection.cacheMinimize()
            connection.close()
    finally:
        _open.release()


def _catch_up(db: Any, tid: bytes) -> None:
    """Make a database see the last transactions of other processes.

    With an MVCC storage a connection sees them before its database does.
    """
    poll = getattr(db.storage, "poll_invalidations", None)
    if poll is not None and tid > db.lastTransaction():
        with _polling:
            poll()


def _renew(connection: Any) -> None:
    """Make a historical connection see all transactions until now.

    With an MVCC storage it reads from the snapshot of the time when it was opened
    first, and the pool may have kept it since.
    """
    storage = getattr(connection._storage, "_storage", None)
    if storage is not None and IMVCCStorage.providedBy(storage):
        storage.poll_invalidations()


class Moving:
    """A connection to the past that can move from one transaction to another.

    Loaded objects stay in its cache, except those that the transactions changed.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._adapter = connection._storage

    @property
    def before(self) -> bytes:
        """The transaction before which the state is read."""
        found: bytes = self._adapter._before
        return found

    @staticmethod
    def is_possible(connection: Any) -> bool:
        """Return True if a historical connection can move to another time."""
        return type(connection._storage) is HistoricalStorageAdapter

    def to(self, before: bytes, changed: Iterable[bytes] = ()) -> None:
        """Move to the state before a transaction.

        ``changed`` are the oids that the transactions between the two states changed.
        """
        self._adapter._before = before
        self.connection._cache.invalidate(list(changed))

    def at(self, tid: bytes) -> None:
        """Go to the state after a transaction.

        On the way back loaded objects stay in the cache, except newer ones.
        """
        before, cache = p64(u64(tid) + 1), self.connection._cache
        if before > self.before:
            self.connection.cacheMinimize()
        else:
            loaded = cache.lru_items()
            cache.invalidate([oid for oid, obj in loaded if obj._p_serial >= before])
        self._adapter._before = before


@contextmanager
def moving(db: Any, tid: bytes, last: bytes) -> Iterator[Moving | None]:
    """Open a database as it was after a transaction, to move on as far as ``last``.

    Yields None if the storage needs a new connection for each transaction.
    """
    _catch_up(db, last)
    with opened(db, at=tid) as connection:
        if not Moving.is_possible(connection):
            yield None
            return
        try:
            yield Moving(connection)
        finally:
            # The pool keeps it under the time at which it was opened.
            connection._storage._before = connection.before
            connection.cacheMinimize()


class Backwards:
    """The database before and after several transactions, the newest first.

    Within ``kept`` one connection serves for all of them, if the storage allows that.
    """

    def __init__(self, db: Any) -> None:
        self._db = db
        self._old: Moving | None = None
        self._cannot_move = False

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep one connection open for all transactions of the block."""
        with ExitStack() as self._stack:
            try:
                yield
            finally:
                self._old = None

    def start(self, tid: bytes) -> None:
        """Open the database as it was after a transaction, unless it is open."""
        if self._old is None and not self._cannot_move:
            self._old = self._stack.enter_context(moving(self._db, tid, tid))
            self._cannot_move = self._old is None

    def go_to(self, tid: bytes) -> None:
        """Go to the state after a transaction, whatever has changed on the way."""
        if self._old is None:
            self.start(tid)
        else:
            self._old.at(tid)

    def pass_over(self, tid: bytes, changed: Iterable[bytes]) -> None:
        """Go to the state before a transaction, which changed these records."""
        if self._old is not None:
            self._old.to(tid, changed)

    @contextmanager
    def opened(
        self, tid: bytes, before: bool, changed: list[bytes] | None
    ) -> Iterator[Any]:
        """Yield a connection to the state before or after a transaction.

        ``changed`` are the records that matter of those that it changed, None for all.
        """
        if self._old is None:
            with opened(self._db, **{"before" if before else "at": tid}) as connection:
                yield connection
            return
        if before and changed is None:
            self._old.at(p64(u64(tid) - 1))
        elif before and changed is not None:
            self._old.to(tid, changed)
        yield self._old.connection
