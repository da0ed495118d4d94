"""Where exchanges are observed: all that a process knows of them begins here."""

from __future__ import annotations

from weakref import WeakSet

from zope.app.fssync.server.activity import ACTIVITY
from zope.app.fssync.server.exchange import Exchange
from zope.app.fssync.server.exchange import Running
from zope.app.fssync.server.metrics import METRICS

__all__ = ["begin", "end", "retry", "running"]

#: The exchanges under way.  A request that was given up takes its own along.
_RUNNING: WeakSet[Running] = WeakSet()


def begin(exchange: Running) -> None:
    """Note that an exchange begins."""
    _RUNNING.add(exchange)


def retry(exchange: Running) -> None:
    """Note that an exchange begins again, by another request."""
    _RUNNING.discard(exchange)
    METRICS.retried(exchange.verb)


def end(exchange: Running, ended: Exchange) -> None:
    """Note what came of an exchange."""
    _RUNNING.discard(exchange)
    ACTIVITY.add(ended)
    METRICS.add(ended)


def running() -> int:
    """Return how many exchanges are under way."""
    return len(_RUNNING)
