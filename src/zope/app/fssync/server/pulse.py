"""Waiting for the next transaction of a database, by many at the cost of one.

One of those who wait looks at the database a few times a second, and wakes the others.
Each keeps a thread of the server busy: how many may wait is limited, and others are
told when to ask again, so that all their questions together cost little.
"""

from __future__ import annotations

from threading import Condition
from threading import Lock
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from transaction import TransactionManager

from zope.app.fssync.server.changes.history import History
from zope.fssync.limits import PULSE
from zope.fssync.limits import WATCH_COST
from zope.fssync.limits import WATCH_PAUSE

__all__ = ["Pulse", "Turns", "pulse_of"]


class Pulse:
    """Tells those who wait of new transactions in a database."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self._changed = Condition()
        self._is_watched = False
        self._last = b""

    def wait(self, since: bytes, patience: float) -> bool:
        """Return True once there is a newer transaction, False if patience ends."""
        end = monotonic() + patience
        with self._changed:
            while self._last <= since:
                left = end - monotonic()
                if left <= 0:
                    return False
                if self._is_watched:
                    self._changed.wait(left)
                else:
                    self._watch(since, end)
            return True

    def _watch(self, since: bytes, end: float) -> None:
        """Look for all, with the lock held, until one's own wait is over."""
        self._is_watched = True
        try:
            while self._last <= since and monotonic() < end:
                # Others may come while the database is asked.
                self._changed.release()
                try:
                    found = self._now()
                finally:
                    self._changed.acquire()
                if found != self._last:
                    self._last = found
                    self._changed.notify_all()
                else:
                    self._changed.wait(PULSE)
        finally:
            self._is_watched = False
            # Another one has to look from now on.
            self._changed.notify_all()

    def _now(self) -> bytes:
        """Return the last transaction, as a new reader sees it."""
        connection = self._db.open(TransactionManager())
        try:
            return History(connection).now
        finally:
            connection.close()


_pulses: WeakKeyDictionary[Any, Pulse] = WeakKeyDictionary()
_lock = Lock()


def pulse_of(db: Any) -> Pulse:
    """Return the only one for a database."""
    with _lock:
        return _pulses.setdefault(db, Pulse(db))


class Turns:
    """Who may wait, and when others come again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting = 0
        self._next = 0.0

    def give_back(self) -> None:
        """Give back what `take` gave."""
        with self._lock:
            self._waiting -= 1

    def take(self, limit: int) -> float:
        """Return 0 to who may wait, to others how many seconds they are to stay away.

        All those together ask not more often than a server does not mind.
        """
        with self._lock:
            if self._waiting < limit:
                self._waiting += 1
                return 0
            now = monotonic()
            self._next = max(now + WATCH_PAUSE, self._next + WATCH_COST)
            return self._next - now
