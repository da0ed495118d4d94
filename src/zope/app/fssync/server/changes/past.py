"""Read an object as it was after a transaction, with the permissions of today.

The database is opened as it was after the transaction, and the objects are read by
their synchronizers.  Every permission is looked up where the object is today: grants of
the past give nothing.  An object that was removed since needs the permissions of its
nearest container that exists, and those that it had itself.

Connections to the past are limited in number, hold no objects once they are closed, and
refuse to write.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from threading import Lock
from typing import Any
from typing import NamedTuple

from transaction import TransactionManager
from ZODB.interfaces import IMVCCStorage
from ZODB.mvccadapter import HistoricalStorageAdapter
from ZODB.utils import p64
from ZODB.utils import u64

from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.referrers import LateReferrers
from zope.app.fssync.server.changes.tracer import RecordTracer
from zope.fssync.errors import NoLongerThere
from zope.fssync.limits import OLD_CONNECTION_WAIT
from zope.fssync.limits import OLD_CONNECTIONS
from zope.fssync.limits import REMEMBERED_DECISIONS
from zope.fssync.messages import _
from zope.fssync.task.walk import child
from zope.fssync.terminal import escape

__all__ = ["Moving", "Past", "Today", "Where", "moving", "opened", "reading"]

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

    That of an MVCC storage reads from a snapshot of when it was opened first, and the
    pool may have kept it since.
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
            # The pool files it under the time at which it was opened.
            connection._storage._before = connection.before
            connection.cacheMinimize()


class Where(NamedTuple):
    """Where to look up the permissions on an object of the past.

    ``place`` is the same object today or, if that is ``gone``, the nearest of its
    containers.
    """

    place: Any
    gone: bool


class Today:
    """Find the places that objects of the past have today."""

    def __init__(self, tracer: RecordTracer) -> None:
        self._now = tracer.connection
        self._tracer = tracer
        self._known: dict[bytes, Where | None] = {}

    def __call__(self, obj: Any, past: Any) -> Where | None:
        """Return the place of an object of the connection ``past``, None if unknown."""
        jar = getattr(obj, "_p_jar", None)
        if obj is None or jar is self._now:
            return Where(obj, False)
        if jar is None:
            # A part that is stored in the record of its owner.
            above = self._tracer.above(obj)
            return None if above is None else self(above, past)
        if jar is not past:
            return None
        if obj._p_oid not in self._known:
            if len(self._known) >= REMEMBERED_DECISIONS:
                self._known.clear()
            self._known[obj._p_oid] = self._find(obj, past)
        return self._known[obj._p_oid]

    def _find(self, obj: Any, past: Any) -> Where | None:
        place = self._tracer.in_place(obj._p_oid)
        if place is not None:
            return Where(place, False)
        above = self._tracer.above(obj)
        where = None if above is None else self(above, past)
        return None if where is None else Where(where.place, True)


class Past:
    """The old states of ``context``, for one caller."""

    def __init__(self, context: Any, host: Any, history: History) -> None:
        self._bare = host.bare(context)
        self._host = host
        self._history = history
        index = LateReferrers(self._bare._p_jar, history)
        self._tracer = host.tracer(self._bare, history, history.now, index)
        self._name = host.name(context) or "root"

    @contextmanager
    def at(self, tid: bytes, path: str = "") -> Iterator[Any]:
        """Yield the context, or an object below it, as it was after a transaction.

        Like `reading`, but the caller has checked that the state is kept.
        """
        time = min(tid, self._history.now)
        with (
            opened(self._bare._p_jar.db(), at=time) as past,
            self.of(past, path) as obj,
        ):
            yield obj

    @contextmanager
    def of(self, past: Any, path: str = "") -> Iterator[Any]:
        """Yield the context, or an object below it, of a connection to the past."""
        host, today = self._host, Today(self._tracer)
        obj = host.old(self._bare, past)
        if obj is None:
            raise _absent(self._name)
        with host.reading_past(lambda each: today(each, past)):
            yield _below(obj, host, path)


@contextmanager
def reading(
    context: Any, host: Any, history: History, tid: bytes, path: str = ""
) -> Iterator[Any]:
    """Yield ``context``, or an object below it, as it was after a transaction.

    In the block all access is checked, with the permissions of today.  ``path`` is the
    path of the object at that time, relative to the context.  Raises
    `HistoryUnavailable` if the state is not kept, and `NoLongerThere` if there was no
    such object or the caller may not read it.
    """
    history.check_kept(tid)
    with Past(context, host, history).at(tid, path) as obj:
        yield obj


def _below(obj: Any, host: Any, path: str) -> Any:
    """Return the object at a path; raise `NoLongerThere` for a withheld one, too."""
    access, owner = host.access(reading=True), None
    synchronizer = access(obj, False, owner)
    for name in filter(None, path.split("/")):
        owner, obj = obj, _item(synchronizer, name)
        if obj is None:
            raise _absent(name)
        obj = host.bare(obj)
        synchronizer = access(obj, False, owner)
        if synchronizer is None:
            raise _absent(name)
    return obj


def _item(synchronizer: Any, name: str) -> Any:
    """Return the item with this key as text, None if it is absent or withheld."""
    try:
        keys = [key for key, _ in synchronizer.iteritems() if str(key) == name]
        return child(synchronizer, keys[0])
    except (LookupError, TypeError, AttributeError):
        return None


def _absent(name: str) -> NoLongerThere:
    return NoLongerThere(
        f"'{escape(name)}' was not there at that time, or you may not read it",
        path=name,
        advice="'zsync log -v' tells when it came.",
    )
