"""The history of a database, as its storage keeps it.

Storages differ in how they show the snapshot of a connection and in their iterators;
all that differs is here.  `HistoryUnavailable` is raised where a storage has no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from threading import Lock
from typing import Any
from typing import NamedTuple
from weakref import WeakKeyDictionary

from persistent.TimeStamp import TimeStamp
from ZODB.FileStorage.FileStorage import CorruptedError
from ZODB.interfaces import IMVCCStorage
from ZODB.interfaces import IStorageIteration
from ZODB.POSException import POSKeyError
from ZODB.POSException import UndoError
from ZODB.serialize import referencesf
from ZODB.utils import p64
from ZODB.utils import u64
from ZODB.utils import z64

from zope.app.fssync.server.messages import _
from zope.fssync.errors import plain

__all__ = [
    "COMMIT",
    "BeingPacked",
    "History",
    "HistoryUnavailable",
    "KeepsNone",
    "Record",
    "TooLarge",
    "shown",
]

#: Where a transaction keeps the id of the commit that it did.
COMMIT = "fssync_commit"


#: Where the transactions begin: a RelStorage has another one, 0, in which nothing was
#: done, and which is never packed.
FIRST = p64(1)


#: By database: what `History.last_packed` has found, and the transaction after it.
_boundaries: WeakKeyDictionary[Any, tuple[bytes, bytes | None]] = WeakKeyDictionary()
_boundaries_lock = Lock()


class HistoryUnavailable(Exception):
    """The storage has no answer."""

    def __str__(self) -> str:
        return plain(self.args[0]) if self.args else ""


class KeepsNone(HistoryUnavailable):
    """The storage keeps no old states."""


class BeingPacked(HistoryUnavailable):
    """The storage tells no transactions while it is packed."""


class TooLarge(HistoryUnavailable):
    """There are more records than can be read."""


class Record(NamedTuple):
    """A revision of a record; the data are missing if its creation was undone."""

    oid: bytes
    data: bytes | None
    tid: bytes


class History:
    """The transactions in the storage of a connection.

    Transactions are named by their ids, 8 bytes that grow.
    """

    def __init__(self, connection: Any) -> None:
        if connection is None:
            raise HistoryUnavailable(_("it is stored in other objects"))
        self._db = connection.db()
        self._own: Any = connection._storage
        self._keeps_history = connection.db().supportsUndo()
        self._storage = connection.db().storage
        start = getattr(self._own, "_start", None)
        #: The last transaction that the connection sees.
        self.now: bytes
        if isinstance(start, bytes):
            self.now = p64(u64(start) - 1)
        elif IMVCCStorage.providedBy(self._own):
            self._storage = self._own
            self.now = self._own.lastTransaction()
        else:
            raise HistoryUnavailable("a connection of this kind shows no snapshot")
        if not IStorageIteration.providedBy(self._storage) and not hasattr(
            self._storage, "iterator"
        ):
            raise HistoryUnavailable("the storage has no iterator")

    def has(self, tid: bytes) -> bool:
        """Return whether a transaction is in the history of the database.

        It is not if it was packed away, or the database was restored.
        """
        with self._transactions(tid, tid) as transactions:
            return any(each.tid == tid for each in transactions)

    def may_have_packed(self, tid: bytes) -> bool:
        """Return whether a missing transaction can have been packed away.

        The following transaction was packed as well then, and its status shows it.
        """
        if not self._keeps_history:
            return True
        with self._transactions(p64(u64(tid) + 1), None) as transactions:
            following = next(iter(transactions), None)
            return following is not None and _is_packed(following)

    def since(
        self, tid: bytes, limit: int, without: str | None = None
    ) -> Iterator[Record]:
        """Yield each record after ``tid``, up to now.

        Commits with an id that begins with ``without`` are left out.  Raises
        `HistoryUnavailable` beyond ``limit`` records.
        """
        if tid >= self.now:
            return
        count = 0
        with self._transactions(p64(u64(tid) + 1), self.now) as transactions:
            for each in transactions:
                if each.tid > self.now or _is_by(each, without):
                    continue
                for record in each:
                    count += 1
                    if count > limit:
                        raise HistoryUnavailable("too much has changed")
                    yield Record(record.oid, record.data, each.tid)

    def check_kept(self, tid: bytes) -> None:
        """Raise `HistoryUnavailable` where the state after ``tid`` is not kept."""
        self.check_undoable()
        if tid < self.now and self.may_have_packed(tid):
            raise HistoryUnavailable(
                _(
                    "older states were packed away; history begins at ${time}",
                    mapping={"time": shown(self.beginning())},
                )
            )

    def check_undoable(self) -> None:
        """Raise `HistoryUnavailable` where no old states are kept at all."""
        if not self._keeps_history:
            raise KeepsNone(_("the database keeps no history"))

    @property
    def storage(self) -> Any:
        """The storage, which tells the revisions of each record."""
        return self._storage

    def last_packed(self) -> bytes:
        """Return the last transaction that was packed by now, `z64` for none.

        It may be newer than the snapshot, where that one is not kept any more.
        """
        packed: bytes
        packed, following = _boundaries.get(self._db, (z64, None))
        if following is None or not self._is_kept(following):
            packed, following = self._boundary()
            with _boundaries_lock:
                _boundaries[self._db] = packed, following
        return packed

    def _is_kept(self, tid: bytes) -> bool:
        with self._transactions(tid, tid) as transactions:
            return any(not _is_packed(each) for each in transactions)

    def _boundary(self) -> tuple[bytes, bytes | None]:
        """Return the last transaction that was packed, and the one after it."""
        packed: bytes = z64
        with self._transactions(FIRST, None) as transactions:
            for each in transactions:
                if not _is_packed(each):
                    return packed, each.tid
                packed = each.tid
        return packed, None

    def beginning(self) -> bytes:
        """Return the first transaction after which the whole state is kept."""
        packed = self.last_packed()
        if packed != z64:
            return packed
        with self._transactions(FIRST, self.now) as transactions:
            first: bytes = next(iter(transactions)).tid
            return first

    def backwards(self, skip: int, count: int) -> list[dict[str, Any]]:
        """Return what a storage tells of some transactions, the newest first.

        These are mappings as `IStorageUndoable.undoInfo` has them.  ``skip`` newer ones
        are left out.  Packed transactions are not among them.  Raises `BeingPacked`.
        """
        self.check_undoable()
        try:
            found = self._storage.undoInfo(skip, skip + count)
        except UndoError as error:
            raise BeingPacked(_("the database is being packed")) from error
        return list(found)

    def records(
        self, first: bytes, last: bytes
    ) -> dict[bytes, dict[bytes, set[bytes]]]:
        """Return the records of each transaction between two, by tid and oid.

        Of each record these are the oids that it refers to.
        """
        with self._transactions(first, last) as transactions:
            return {
                each.tid: {record.oid: _references(record.data) for record in each}
                for each in transactions
            }

    def changed(self, first: bytes, last: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
        """Yield the transactions between two, the oldest first, with their oids."""
        with self._transactions(first, last) as transactions:
            for each in transactions:
                yield each.tid, [record.oid for record in each]

    def before(self, oid: bytes, tid: bytes) -> set[bytes] | None:
        """Return the oids that a record referred to before a transaction.

        None where there was no such record.
        """
        try:
            found = self._storage.loadBefore(oid, tid)
        except POSKeyError:
            return None
        return None if found is None else _references(found[0])

    def current(self, limit: int) -> Iterator[Record]:
        """Yield every record.

        Records that changed after the snapshot come in both versions.
        """
        following = getattr(self._storage, "record_iternext", _unable)
        position: Any = None
        for _number in range(limit):
            try:
                oid, tid, data, position = following(position)
            except (POSKeyError, NotImplementedError):
                # The iteration breaks off at an object whose creation was undone.
                yield from self._every(limit)
                return
            yield Record(oid, data, tid)
            if tid > self.now:
                with suppress(POSKeyError):
                    yield Record(oid, *self._own.load(oid))
            if position is None:
                return
        raise TooLarge("the database has too many records")

    def _every(self, limit: int) -> Iterator[Record]:
        """Yield every revision of every record."""
        return (record for record in self.since(z64, limit) if record.data)

    def has_commit(self, commit: str, tid: bytes, limit: int) -> bool:
        """Return whether a commit was done after ``tid``.

        Storages that keep no data of transactions answer False; raises
        `HistoryUnavailable` beyond ``limit`` transactions.
        """
        if tid >= self.now:
            return False
        with self._transactions(p64(u64(tid) + 1), self.now) as transactions:
            for count, each in enumerate(transactions, 1):
                if _extension(each).get(COMMIT) == commit:
                    return True
                if count >= limit:
                    raise HistoryUnavailable("too many transactions")
        return False

    @contextmanager
    def _transactions(self, start: bytes, stop: bytes | None) -> Iterator[Any]:
        try:
            iterator = self._storage.iterator(start, stop)
        except (ValueError, AttributeError, TypeError, NotImplementedError) as error:
            # A FileStorage cannot find the start while another transaction ends.
            raise HistoryUnavailable(str(error)) from error
        try:
            yield iterator
        except CorruptedError as error:
            raise HistoryUnavailable(str(error)) from error
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()


def shown(tid: bytes) -> str:
    """Return the time of a transaction for people, in UTC."""
    moment = datetime.fromtimestamp(TimeStamp(tid).timeTime(), UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _is_packed(transaction: Any) -> bool:
    return transaction.status in ("p", b"p")


def _references(data: bytes | None) -> set[bytes]:
    # The data of a record whose creation was undone are missing.
    return set(referencesf(data)) if data else set()


def _unable(position: Any) -> Any:
    raise NotImplementedError


def _is_by(transaction: Any, without: str | None) -> bool:
    commit = _extension(transaction).get(COMMIT, "")
    return without is not None and str(commit).startswith(without)


def _extension(transaction: Any) -> dict[str, Any]:
    extension = getattr(transaction, "extension", None)
    return extension if isinstance(extension, dict) else {}
