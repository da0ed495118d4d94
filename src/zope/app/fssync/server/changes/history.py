"""The history of a database, as its storage keeps it.

This module hides the differences between storages: their iterators, and how they show
the snapshot of a connection.  `HistoryUnavailable` is raised if a storage has no
answer.
"""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from itertools import islice
from itertools import starmap
from threading import Lock
from typing import Any
from typing import NamedTuple
from weakref import WeakKeyDictionary

from persistent.TimeStamp import TimeStamp
from ZODB.FileStorage.FileStorage import CorruptedError
from ZODB.interfaces import IMVCCStorage
from ZODB.interfaces import IStorageIteration
from ZODB.POSException import POSKeyError
from ZODB.POSException import ReadConflictError
from ZODB.POSException import UndoError
from ZODB.utils import p64
from ZODB.utils import u64
from ZODB.utils import z64

from zope.app.fssync.server.changes import roundtrips
from zope.app.fssync.server.changes.recent import Kept
from zope.app.fssync.server.changes.recent import Transaction
from zope.app.fssync.server.changes.recent import recent
from zope.app.fssync.server.changes.references import references_of
from zope.fssync.cached import cached_property
from zope.fssync.files import signature_at
from zope.fssync.limits import LISTING_PATIENCE
from zope.fssync.limits import LISTING_PAUSE
from zope.fssync.limits import LOG_PAGE
from zope.fssync.limits import PACKED_UNSEEN
from zope.fssync.limits import PROBED_TIME
from zope.fssync.messages import _

__all__ = [
    "COMMIT",
    "BeingPacked",
    "History",
    "HistoryUnavailable",
    "KeepsNone",
    "Record",
    "TooLarge",
    "TooMuch",
    "shown",
    "text_of",
    "user_name",
]

#: The key of the id of a commit in the extension of its transaction.
COMMIT = "fssync_commit"


#: The first transaction id.  RelStorage has an empty transaction 0 before it, which is
#: never packed.
FIRST = p64(1)


class _Boundary(NamedTuple):
    """The last packed transaction and the one after it, as they were at a time.

    ``file`` tells the file of the database from the one that a pack puts in its place.
    """

    packed: bytes
    following: bytes | None
    file: int | None
    time: float


#: By database.
_boundaries: WeakKeyDictionary[Any, _Boundary] = WeakKeyDictionary()
_boundaries_lock = Lock()


class HistoryUnavailable(Exception):
    """The storage has no answer."""


class KeepsNone(HistoryUnavailable):
    """The storage keeps no old states."""


class BeingPacked(HistoryUnavailable):
    """The storage lists no transactions while it is packed."""


class TooLarge(HistoryUnavailable):
    """There are more records than can be read."""


class TooMuch(HistoryUnavailable):
    """More records were stored than a limit allows."""


class Record(NamedTuple):
    """A revision of a record; ``data`` is None if its creation was undone."""

    oid: bytes
    data: bytes | None
    tid: bytes


class History:
    """The transactions in the storage of a connection.

    A transaction is named by its id: 8 bytes, which increase.
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
            raise HistoryUnavailable(_("a connection of this kind shows no snapshot"))
        if not IStorageIteration.providedBy(self._storage) and not hasattr(
            self._storage, "iterator"
        ):
            raise HistoryUnavailable(_("the storage has no iterator"))

    def has(self, tid: bytes) -> bool:
        """Return whether a transaction is in the history of the database.

        It may have been packed away, or lost when the database was restored.
        """
        kept = self._kept
        if tid == self.now != z64 or (kept is not None and kept.has(tid)):
            return True
        with self._transactions(tid, tid) as transactions:
            return any(each.tid == tid for each in transactions)

    def may_have_packed(self, tid: bytes) -> bool:
        """Return whether a missing transaction can have been packed away.

        If it was, the transaction after it has the status of a packed one, too.
        """
        if not self._keeps_history:
            return True
        with self._transactions(p64(u64(tid) + 1), None) as transactions:
            following = next(iter(transactions), None)
            return following is not None and _is_packed(following)

    @cached_property
    def _kept(self) -> Kept | None:
        """The last transactions, as far as this process remembers them."""
        return recent(self._db).follow(self.now, self._read)

    def _kept_after(self, tid: bytes) -> Iterator[Transaction] | None:
        return None if self._kept is None else self._kept.after(tid)

    def _read(
        self, first: bytes, last: bytes, limit: int | None = None
    ) -> Iterator[Transaction]:
        """Yield the transactions between two, without records for the first one.

        Raises `HistoryUnavailable` beyond ``limit`` records.
        """
        left = limit
        with self._transactions(first, last, True) as transactions:
            for each in transactions:
                records = {}
                if first < each.tid <= self.now:
                    # One more shows that there are too many.
                    some = islice(each, None if left is None else left + 1)
                    records = {record.oid: record.data is not None for record in some}
                if left is not None:
                    left -= len(records)
                    if left < 0:
                        raise _too_much()
                user = user_name(text_of(each.user))
                yield Transaction(each.tid, _commit_of(each), user, records)

    def changed_since(
        self, tid: bytes, limit: int, without: str | None = None
    ) -> dict[bytes, Transaction]:
        """Return the newest transaction of each record stored after ``tid``.

        Transactions after the snapshot do not count, nor commits with the id prefix
        ``without``.  Raises `HistoryUnavailable` beyond ``limit`` revisions of records.
        """
        if tid >= self.now:
            return {}
        found = self._kept_after(tid)
        if found is None:
            found = self._read(tid, self.now, limit)
        changed: dict[bytes, Transaction] = {}
        count = 0
        for each in found:
            if without is not None and each.commit.startswith(without):
                continue
            count += len(each.records)
            changed.update(dict.fromkeys(each.records, each))
        if count > limit:
            raise _too_much()
        return changed

    @property
    def reads_in_batches(self) -> bool:
        """Whether current records are read much faster than those of transactions."""
        return roundtrips.can_ask(self._storage)

    def since(self, tid: bytes, limit: int) -> Iterator[Record]:
        """Yield each record stored after ``tid``, up to the snapshot.

        Raises `TooMuch` beyond ``limit`` records.
        """
        if tid >= self.now:
            return
        known = self._kept_after(tid)
        if known is not None and self.reads_in_batches:
            yield from self._known_since(known, limit)
            return
        count = 0
        with self._transactions(p64(u64(tid) + 1), self.now, True) as transactions:
            for each in transactions:
                if each.tid > self.now:
                    continue
                for record in each:
                    count += 1
                    if count > limit:
                        raise _too_much()
                    yield Record(record.oid, record.data, each.tid)

    def _known_since(
        self, known: Iterable[Transaction], limit: int
    ) -> Iterator[Record]:
        stored, undone = list[tuple[bytes, bytes]](), list[tuple[bytes, bytes]]()
        for each in known:
            for oid, has_data in each.records.items():
                (stored if has_data else undone).append((oid, each.tid))
        if len(stored) + len(undone) > limit:
            raise _too_much()
        yield from starmap(Record, roundtrips.loaded(self._storage, stored))
        yield from (Record(oid, None, tid) for oid, tid in undone)

    def check_kept(self, tid: bytes) -> None:
        """Raise `HistoryUnavailable` if the state after ``tid`` is not kept."""
        self.check_undoable()
        if tid < self.now and self.may_have_packed(tid):
            raise HistoryUnavailable(
                _(
                    "older states were packed away; history begins at ${time}",
                    mapping={"time": shown(self.beginning())},
                )
            )

    def check_undoable(self) -> None:
        """Raise `HistoryUnavailable` if the storage keeps no old states at all."""
        if not self._keeps_history:
            raise KeepsNone(_("the database keeps no history"))

    @property
    def storage(self) -> Any:
        """The storage, for the revisions of single records."""
        return self._storage

    def last_packed(self) -> bytes:
        """Return the last packed transaction, `z64` for none.

        It is newer than the snapshot if that has been packed away meanwhile.
        """
        known = _boundaries.get(self._db)
        file, now = self._file(), time.monotonic()
        if known is None or not self._is_still(known, file, now):
            known = _Boundary(*self._boundary(), file, now)
            with _boundaries_lock:
                _boundaries[self._db] = known
        return known.packed

    def _file(self) -> int | None:
        try:
            found = signature_at(self._storage.getName())
        except (OSError, ValueError):
            return None
        return None if found is None else found[0]

    def _is_still(self, known: _Boundary, file: int | None, now: float) -> bool:
        """Return whether nothing was packed since.

        A storage finds a transaction by passing over all newer ones.
        """
        if known.following is None:
            return False
        if file is not None and file == known.file:
            return True
        # A ZEO server does not tell that it has packed.
        if self._is_remote and now - known.time < PACKED_UNSEEN:
            return True
        if not self._is_kept(known.following):
            return False
        with _boundaries_lock:
            _boundaries[self._db] = known._replace(file=file, time=now)
        return True

    @property
    def _is_remote(self) -> bool:
        """Whether the storage is the client of a ZEO server."""
        return hasattr(self._storage, "ping")

    def _is_kept(self, tid: bytes) -> bool:
        with self._transactions(tid, tid) as transactions:
            return any(not _is_packed(each) for each in transactions)

    def _boundary(self) -> tuple[bytes, bytes | None]:
        """Return the last packed transaction, and the one after it."""
        packed: bytes = z64
        with self._transactions(FIRST, None) as transactions:
            for count, each in enumerate(transactions):
                if not _is_packed(each):
                    return packed, each.tid
                packed = each.tid
                if count == LOG_PAGE and self._is_remote:
                    # With ZEO each of them is a round trip.
                    break
            else:
                return packed, None
        return self._boundary_backwards()

    def _boundary_backwards(self) -> tuple[bytes, bytes | None]:
        following, found = None, self._undoable(0)
        skip = 0
        while found:
            following, skip = tid_of_told(found[-1]), skip + len(found)
            found = self._undoable(skip)
        end = self.now if following is None else p64(u64(following) - 1)
        return self._last_until(end), following

    def _undoable(self, skip: int) -> list[dict[str, Any]]:
        return self.backwards(skip, max(LOG_PAGE, skip))

    def _last_until(self, end: bytes) -> bytes:
        """Return the last transaction up to a time, where there is one."""
        span = PROBED_TIME
        while True:
            start = max(u64(end) - span, 1)
            with self._transactions(p64(start), end) as transactions:
                tids = [each.tid for each in transactions]
            if tids or start == 1:
                found: bytes = tids[-1] if tids else z64
                return found
            span *= 16

    def beginning(self) -> bytes:
        """Return the transaction from which on all states are kept."""
        packed = self.last_packed()
        if packed != z64:
            return packed
        with self._transactions(FIRST, self.now) as transactions:
            first: bytes = next(iter(transactions)).tid
            return first

    def backwards(self, skip: int, count: int) -> list[dict[str, Any]]:
        """Return ``count`` transactions, the newest first, without ``skip`` newer ones.

        They are mappings as returned by `IStorageUndoable.undoInfo`, which lists no
        packed transactions.  Raises `BeingPacked`.
        """
        self.check_undoable()
        try:
            found = self._storage.undoInfo(skip, skip + count)
        except UndoError as error:
            raise BeingPacked(_("the database is being packed")) from error
        return list(found)

    def records(
        self,
        first: bytes,
        last: bytes,
        concerns: Callable[[bytes], bool] = lambda data: True,
        limit: int | None = None,
    ) -> dict[bytes, dict[bytes, set[bytes]]]:
        """Return the records of each transaction between two, by tid and oid.

        The value of a record is the set of the oids that it refers to.  Those are
        left out of which ``concerns`` is false for the data.  Raises `TooMuch` beyond
        ``limit`` records.
        """
        found: dict[bytes, dict[bytes, set[bytes]]] = {}
        count = 0
        with self._transactions(first, last, True) as transactions:
            for each in transactions:
                references = found[each.tid] = {}
                for record in each:
                    count += 1
                    if limit is not None and count > limit:
                        raise _too_much()
                    if not record.data or concerns(record.data):
                        references[record.oid] = references_of(record.data)
        return found

    def changed(self, first: bytes, last: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
        """Yield the transactions between two with their oids, the oldest first."""
        with self._transactions(first, last, True) as transactions:
            for each in transactions:
                yield each.tid, [record.oid for record in each]

    def before(
        self, oids: Iterable[bytes], tid: bytes
    ) -> Iterator[tuple[bytes, set[bytes] | None]]:
        """Yield records with the oids that they referred to before a transaction.

        None for a record that did not exist.
        """
        wanted = list(oids)
        if self.reads_in_batches:
            before = p64(u64(tid) - 1)
            several = [(oid, before) for oid in wanted]
            found = {
                oid: references_of(data)
                for oid, data, _ in roundtrips.loaded(self._storage, several)
            }
            yield from ((oid, found.get(oid)) for oid in wanted)
            return
        for oid in wanted:
            try:
                known = self._storage.loadBefore(oid, tid)
            except POSKeyError:
                known = None
            yield oid, None if known is None else references_of(known[0])

    def current(self, limit: int) -> Iterator[Record]:
        """Yield every record; in both versions if it changed after the snapshot."""
        for count, each in enumerate(self._current()):
            if each is None:
                # This kind of iteration ends at an object whose creation was undone.
                every = self.since(z64, limit)
                yield from (record for record in every if record.data)
                return
            if count == limit:
                raise TooLarge(_("the database has too many records"))
            yield each

    def _current(self) -> Iterator[Record | None]:
        """Yield every record; ends with None if that is not possible."""
        if self.reads_in_batches:
            for found in roundtrips.current(self._storage, self.now):
                yield None if found is None else Record(*found)
            return
        following = getattr(self._storage, "record_iternext", _unable)
        position: Any = None
        while True:
            try:
                oid, tid, data, position = following(position)
            except (POSKeyError, NotImplementedError):
                yield None
                return
            yield Record(oid, data, tid)
            if tid > self.now:
                # One that was made since has no earlier version.
                with suppress(POSKeyError, ReadConflictError):
                    yield Record(oid, *self._own.load(oid))
            if position is None:
                return

    def has_commit(self, commit: str, tid: bytes, limit: int) -> bool:
        """Return whether a commit was done after ``tid``.

        False for a storage that keeps no metadata of transactions; raises
        `HistoryUnavailable` beyond ``limit`` transactions.
        """
        if tid >= self.now:
            return False
        found = self._kept_after(tid)
        if found is not None:
            return any(each.commit == commit for each in found)
        with self._transactions(p64(u64(tid) + 1), self.now) as transactions:
            for count, each in enumerate(transactions, 1):
                if _commit_of(each) == commit:
                    return True
                if count >= limit:
                    raise HistoryUnavailable(_("too many transactions"))
        return False

    @contextmanager
    def _transactions(
        self, start: bytes, stop: bytes | None, with_records: bool = False
    ) -> Iterator[Any]:
        try:
            iterator = self._iterator(start, stop, with_records)
        except (ValueError, AttributeError, TypeError, NotImplementedError) as error:
            raise HistoryUnavailable(str(error)) from error
        try:
            yield iterator
        except CorruptedError as error:
            raise HistoryUnavailable(str(error)) from error
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()

    def _iterator(self, start: bytes, stop: bytes | None, with_records: bool) -> Any:
        end = time.monotonic() + LISTING_PATIENCE
        while True:
            try:
                if self.reads_in_batches:
                    storage = self._storage
                    return roundtrips.Transactions(storage, start, stop, with_records)
                return self._storage.iterator(start, stop)
            except ValueError:
                # A FileStorage finds no start while another transaction is written.
                if time.monotonic() > end:
                    raise
                time.sleep(LISTING_PAUSE)


def tid_of_told(told: dict[str, Any]) -> bytes:
    """Return the id of a transaction, as `undoInfo` tells it."""
    return b64decode(told["id"])[:8]


def shown(tid: bytes) -> str:
    """Return the time of a transaction as text, in UTC."""
    moment = datetime.fromtimestamp(TimeStamp(tid).timeTime(), UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def text_of(value: Any) -> str:
    """Return the text of metadata of a transaction, which may be bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def user_name(text: str) -> str:
    """Return the name of a user; hosts put the place of the user folder before it.

    The name may have blanks: the last word of one may be the name of another user.
    """
    place, blank, name = text.partition(" ")
    return name if blank else place


def _too_much() -> TooMuch:
    return TooMuch(_("too much has changed"))


def _is_packed(transaction: Any) -> bool:
    return transaction.status in ("p", b"p")


def _unable(position: Any) -> Any:
    raise NotImplementedError


def _commit_of(transaction: Any) -> str:
    return str(_extension(transaction).get(COMMIT, ""))


def _extension(transaction: Any) -> dict[str, Any]:
    extension = getattr(transaction, "extension", None)
    return extension if isinstance(extension, dict) else {}
