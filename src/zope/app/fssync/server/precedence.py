"""Short requests of a process go before long exchanges.

Only one thread of a process runs at a time, and one with much to do keeps the others
from it.  Whoever walks through objects calls `Precedence.step` between two of them, and
waits there while a short request runs, but on the whole no longer than it has worked:
no lock may be held then that others need.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from threading import get_ident
from threading import local
from time import monotonic
from time import thread_time

from zope.fssync.limits import GIVEN_WAY
from zope.fssync.limits import SHORT_TIME
from zope.fssync.limits import SHORT_WORK

__all__ = ["PRECEDENCE", "Precedence", "begin_request", "end_request"]


class _Work(local):
    """What the thread has done; one that is in no request is at long work."""

    def __init__(self) -> None:
        #: The time of the processor when it was looked at.
        self.seen = 0.0
        #: The seconds that it has worked since its request began, as far as they were
        #: looked at, and those that it may wait.
        self.worked = SHORT_WORK
        self.credit = 0.0
        #: Whether the server tells of requests before publishers do.
        self.is_told = False


class Precedence:
    """The threads that work on a short request."""

    def __init__(
        self,
        clock: Callable[[], float] = monotonic,
        processor: Callable[[], float] = thread_time,
    ) -> None:
        self._clock = clock
        self._processor = processor
        self._changed = Condition()
        #: When a request counts as long, however little it works; by its thread, or by
        #: what a server knows it by before it has one.
        self._short: dict[Hashable, float] = {}
        self._work = _Work()

    def __bool__(self) -> bool:
        """Return whether a request may be short; this needs no lock."""
        return bool(self._short)

    def enter(self, who: Hashable = None) -> None:
        """Note that a short request begins, by default in this thread."""
        if who is None:
            work = self._work
            work.seen, work.worked, work.credit = self._processor(), 0.0, 0.0
        with self._changed:
            self._short[who or get_ident()] = self._clock() + SHORT_TIME

    def leave(self, who: Hashable = None) -> None:
        """Note that it has ended, or is long by now; may be called again."""
        with self._changed:
            known = self._short.pop(who or get_ident(), None)
            if known is not None and not self._short:
                self._changed.notify_all()

    def lengthen(self) -> None:
        """Note that what this thread begins with will take long."""
        self._work.worked = SHORT_WORK
        self.leave()

    @contextmanager
    def request(self) -> Iterator[None]:
        """Take all that happens in a block for one request, which is short at first."""
        self.enter()
        self._work.is_told = True
        try:
            yield
        finally:
            self._work.is_told = False
            self.leave()

    def publish(self, begins: bool) -> None:
        """Note what a publisher tells, unless the server has told before."""
        if not self._work.is_told:
            self.enter() if begins else self.leave()

    def step(self) -> None:
        """Let short requests go first, unless this thread is at one itself."""
        if not self._short:
            return
        work = self._work
        now = self._processor()
        worked, work.seen = now - work.seen, now
        work.worked += worked
        if work.worked < SHORT_WORK:
            return
        self.leave()
        work.credit = min(work.credit + worked, GIVEN_WAY)
        work.credit -= self.wait(work.credit)

    def wait(self, patience: float) -> float:
        """Wait until no request is short; return the seconds that it took."""
        began = now = self._clock()
        end = began + patience
        with self._changed:
            while now < end:
                for who, until in list(self._short.items()):
                    if until <= now:
                        # It waits for something else: for another server, say.
                        del self._short[who]
                if not self._short:
                    break
                self._changed.wait(min(end, *self._short.values()) - now)
                now = self._clock()
        return now - began


#: That of this process.
PRECEDENCE = Precedence()


def begin_request(event: object) -> None:
    """Note that a publisher begins with a request in this thread."""
    PRECEDENCE.publish(True)


def end_request(event: object) -> None:
    """Note that it has ended."""
    PRECEDENCE.publish(False)
