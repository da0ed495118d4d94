"""Track the running exchanges of a process, and pass on those that have ended."""

from __future__ import annotations

import sys
from threading import Lock
from weakref import WeakSet

from zope.app.fssync.server.activity import ACTIVITY
from zope.app.fssync.server.exchange import Exchange
from zope.app.fssync.server.exchange import Running
from zope.app.fssync.server.metrics import METRICS
from zope.fssync.limits import SWITCH_INTERVAL

__all__ = ["admit", "begin", "end", "large", "retry", "running", "visited"]

#: The running exchanges, weak: that of an abandoned request ends with the request.
_RUNNING: WeakSet[Running] = WeakSet()
_lock = Lock()


def begin(exchange: Running) -> None:
    """Add an exchange that begins."""
    with _lock:
        _RUNNING.add(exchange)


def admit(exchange: Running, most: int) -> bool:
    """Return whether another large exchange may run; if so, count it.

    Only one thread of a process runs at a time.  A page waits for it several times,
    after each input and output, so threads are switched often from now on.
    """
    with _lock:
        exchange.large = sum(each.large for each in _RUNNING) < most
    if exchange.large and sys.getswitchinterval() > SWITCH_INTERVAL:
        sys.setswitchinterval(SWITCH_INTERVAL)
    return exchange.large


def large() -> int:
    """Return the number of large exchanges that are running."""
    with _lock:
        return sum(each.large for each in _RUNNING)


def retry(exchange: Running) -> None:
    """Note that an exchange starts again, in another request."""
    with _lock:
        _RUNNING.discard(exchange)
    METRICS.retried(exchange.verb)


def end(exchange: Running, ended: Exchange) -> None:
    """Remove an exchange, and record how it has ended."""
    with _lock:
        _RUNNING.discard(exchange)
    ACTIVITY.add(ended)
    METRICS.add(ended)


def running() -> int:
    """Return the number of running exchanges."""
    return len(_RUNNING)


def visited(thread: int | None) -> int:
    """Return the number of objects that the exchange in a thread has visited."""
    with _lock:
        found = [each for each in _RUNNING if each.thread == thread]
    return sum(each.objects for each in found)
