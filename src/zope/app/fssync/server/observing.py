"""Where exchanges are observed: all that a process knows of them begins here."""

from __future__ import annotations

from threading import Lock
from weakref import WeakSet

from zope.app.fssync.server.activity import ACTIVITY
from zope.app.fssync.server.exchange import Exchange
from zope.app.fssync.server.exchange import Running
from zope.app.fssync.server.metrics import METRICS

__all__ = ["admit", "begin", "end", "large", "retry", "running", "visited"]

#: The exchanges under way.  A request that was given up takes its own along.
_RUNNING: WeakSet[Running] = WeakSet()
_lock = Lock()


def begin(exchange: Running) -> None:
    """Note that an exchange begins."""
    with _lock:
        _RUNNING.add(exchange)


def admit(exchange: Running, most: int) -> bool:
    """Return whether a large exchange may go on, beside others; it counts then."""
    with _lock:
        exchange.large = sum(each.large for each in _RUNNING) < most
    return exchange.large


def large() -> int:
    """Return how many large exchanges are under way."""
    with _lock:
        return sum(each.large for each in _RUNNING)


def retry(exchange: Running) -> None:
    """Note that an exchange begins again, by another request."""
    with _lock:
        _RUNNING.discard(exchange)
    METRICS.retried(exchange.verb)


def end(exchange: Running, ended: Exchange) -> None:
    """Note what came of an exchange."""
    with _lock:
        _RUNNING.discard(exchange)
    ACTIVITY.add(ended)
    METRICS.add(ended)


def running() -> int:
    """Return how many exchanges are under way."""
    return len(_RUNNING)


def visited(thread: int | None) -> int:
    """Return how many objects the exchange in a thread has come by."""
    with _lock:
        found = [each for each in _RUNNING if each.thread == thread]
    return sum(each.objects for each in found)
