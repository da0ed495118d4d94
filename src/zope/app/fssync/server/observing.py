"""Track the running exchanges of a process, and pass on those that have ended."""

from __future__ import annotations

from threading import Lock
from weakref import WeakSet

from zope.app.fssync.server.activity import ACTIVITY
from zope.app.fssync.server.exchange import Exchange
from zope.app.fssync.server.exchange import Running
from zope.app.fssync.server.metrics import METRICS

__all__ = ["admit", "begin", "end", "large", "retry", "running", "visited"]

#: The running exchanges, weak: that of an abandoned request ends with the request.
_RUNNING: WeakSet[Running] = WeakSet()
_lock = Lock()


def begin(exchange: Running) -> None:
    """Add an exchange that begins."""
    with _lock:
        _RUNNING.add(exchange)


def admit(exchange: Running, most: int) -> bool:
    """Return whether another large exchange may run; if so, count it."""
    with _lock:
        exchange.large = sum(each.large for each in _RUNNING) < most
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
