"""What undoes a transaction after a view has answered, for tests of any publisher.

Each aborts, dooms or raises before the publisher is through.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import transaction
from zope.component import getGlobalSiteManager
from zope.lifecycleevent.interfaces import IObjectCreatedEvent
from zope.lifecycleevent.interfaces import IObjectModifiedEvent

__all__ = ["LATE", "SECRET", "at_each_change"]

#: What nobody is to be told of.
SECRET = "/srv/zope/secret"


def abort_at_commit() -> None:
    """Abort when the publisher commits."""
    transaction.get().addBeforeCommitHook(transaction.abort)


def begin_another_at_commit() -> None:
    """Have the publisher commit a transaction in which nothing was done."""
    transaction.get().addBeforeCommitHook(transaction.begin)


class Aborting:
    """Aborts as a synchronizer of transactions."""

    def beforeCompletion(self, txn: Any) -> None:
        transaction.manager.unregisterSynch(self)
        transaction.abort()

    def afterCompletion(self, txn: Any) -> None:
        """Nothing is left to do."""

    newTransaction = afterCompletion


_kept: list[Aborting] = []


def abort_before_completion() -> None:
    """Abort when the resources are about to be asked."""
    _kept[:] = [Aborting()]
    transaction.manager.registerSynch(_kept[0])


def doom() -> None:
    """Let nothing be committed: publishers abort then, and say nothing."""
    transaction.doom()


def fail() -> None:
    raise RuntimeError(SECRET)


def raise_at_commit() -> None:
    """Raise when the publisher commits."""
    transaction.get().addBeforeCommitHook(fail)


LATE = [
    abort_at_commit,
    abort_before_completion,
    begin_another_at_commit,
    doom,
    raise_at_commit,
]


@contextmanager
def at_each_change(what: Callable[[], None]) -> Iterator[None]:
    """Have something done for each object that is made or changed."""
    manager = getGlobalSiteManager()

    def handler(event: Any) -> None:
        what()

    interfaces = (IObjectModifiedEvent, IObjectCreatedEvent)
    for interface in interfaces:
        manager.registerHandler(handler, (interface,))
    try:
        yield
    finally:
        for interface in interfaces:
            manager.unregisterHandler(handler, (interface,))
