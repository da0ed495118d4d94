"""The last transactions of a database, read once for all requests of a process.

Each client that asks for news needs the transactions after its own state.  With ZEO
each transaction and each of its records is a round trip, and with RelStorage each look
at them is a connection to the database server; so a process keeps what it has read.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from bisect import bisect_right
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from threading import Lock
from typing import Any
from typing import NamedTuple
from weakref import WeakKeyDictionary

from zope.fssync.limits import RECENT_RECORDS

__all__ = ["Recent", "Transaction", "recent"]


class Transaction(NamedTuple):
    """A stored transaction: its id, its commit, its user and the records it stored.

    ``commit`` is empty for one that zsync did not do.  A record whose creation was
    undone is False.
    """

    tid: bytes
    commit: str
    user: str
    records: dict[bytes, bool]


class Recent:
    """All transactions between two, at most some thousand records; used by threads.

    Nothing but `follow` changes what is kept: it replaces a tuple that readers hold.
    """

    def __init__(self, limit: int = RECENT_RECORDS) -> None:
        self._limit = limit
        self._lock = Lock()
        #: A transaction that is stored, and those that follow it.
        self._kept: tuple[bytes, tuple[Transaction, ...]] | None = None

    def follow(
        self, now: bytes, read: Callable[[bytes, bytes], Iterable[Transaction]]
    ) -> Kept | None:
        """Return what is kept up to the transaction ``now``, the last of a snapshot.

        ``read`` returns the transactions from one to another, both included.  None for
        a snapshot that is older than the newest transaction and none of those kept.
        """
        with self._lock:
            kept = self._kept
            if kept is None:
                kept = now, ()
            begin, found = kept
            last = found[-1].tid if found else begin
            if now > last:
                kept = self._longer(begin, found, last, now, read)
            self._kept = kept
        begin, found = kept
        known = Kept(begin, found[: bisect_right(found, now, key=_tid)])
        return known if known.has(now) else None

    def _longer(
        self,
        begin: bytes,
        found: tuple[Transaction, ...],
        last: bytes,
        now: bytes,
        read: Callable[[bytes, bytes], Iterable[Transaction]],
    ) -> tuple[bytes, tuple[Transaction, ...]]:
        """Return what is kept with what followed, or none of it."""
        room = self._limit
        news: list[Transaction] = []
        stored = False
        for each in read(last, now):
            if each.tid <= last:
                stored = each.tid == last
                continue
            room -= len(each.records)
            if room < 0:
                return now, ()
            news.append(each)
        if not stored or not news or news[-1].tid != now:
            # It was packed away, or the database was restored from a backup.
            return now, ()
        return _shortened(begin, (*found, *news), self._limit)


class Kept:
    """The transactions after ``begin``, the oldest first."""

    def __init__(self, begin: bytes, found: tuple[Transaction, ...]) -> None:
        self._begin = begin
        self._found = found

    def has(self, tid: bytes) -> bool:
        """Return whether a transaction is among them."""
        place = bisect_left(self._found, tid, key=_tid)
        found = self._found[place : place + 1]
        return tid == self._begin or (found != () and found[0].tid == tid)

    def after(self, tid: bytes) -> Iterator[Transaction] | None:
        """Return those after ``tid``, None if some of these are older than all here."""
        if tid < self._begin:
            return None
        return iter(self._found[bisect_right(self._found, tid, key=_tid) :])


def _tid(transaction: Transaction) -> bytes:
    return transaction.tid


def _shortened(
    begin: bytes, found: tuple[Transaction, ...], limit: int
) -> tuple[bytes, tuple[Transaction, ...]]:
    """Leave out the oldest ones beyond a number of records."""
    room = limit
    for number, each in reversed(list(enumerate(found))):
        room -= len(each.records)
        if room < 0:
            return each.tid, found[number + 1 :]
    return begin, found


#: By database.
_recent: WeakKeyDictionary[Any, Recent] = WeakKeyDictionary()

if hasattr(os, "register_at_fork"):
    # A thread that a forked process does not have may hold a lock.
    os.register_at_fork(after_in_child=_recent.clear)


def recent(db: Any) -> Recent:
    """Return what this process knows of the last transactions of a database."""
    return _recent.setdefault(db, Recent())
