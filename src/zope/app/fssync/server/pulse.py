"""Wait for the next transaction of a database, for many clients at the cost of one.

One of the waiting threads polls the database a few times a second, and wakes the
others.  Each client that waits occupies a thread of the server: their number is
limited, and the other clients are told when to ask again, so that their requests
together cost little.
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
    """Wake waiting threads after a new transaction in a database."""

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
        """Poll for all threads until this one is done; the lock is held."""
        self._is_watched = True
        try:
            while self._last <= since and monotonic() < end:
                # Do not block other threads while the database is polled.
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
            # Another thread has to poll from now on.
            self._changed.notify_all()

    def _now(self) -> bytes:
        """Return the last transaction that a new connection sees."""
        connection = self._db.open(TransactionManager())
        try:
            return History(connection).now
        finally:
            connection.close()


_pulses: WeakKeyDictionary[Any, Pulse] = WeakKeyDictionary()
_lock = Lock()


def pulse_of(db: Any) -> Pulse:
    """Return the one `Pulse` of a database."""
    with _lock:
        return _pulses.setdefault(db, Pulse(db))


class Turns:
    """Limit the number of waiting clients, and tell others when to ask again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting = 0
        self._next = 0.0

    def give_back(self) -> None:
        """End a wait that `take` allowed."""
        with self._lock:
            self._waiting -= 1

    def take(self, limit: int) -> float:
        """Return 0 if the client may wait, else the seconds until it may ask again.

        The requests of all those clients are spread evenly over time.
        """
        with self._lock:
            if self._waiting < limit:
                self._waiting += 1
                return 0
            now = monotonic()
            self._next = max(now + WATCH_PAUSE, self._next + WATCH_COST)
            return self._next - now
