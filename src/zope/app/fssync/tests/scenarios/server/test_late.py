"""Transactions that are undone after the view has answered: nothing is told as done.

Of each kind is whatever aborts, dooms or raises before the publisher is through.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest
import transaction
from zope.app.file.file import File
from zope.component import getGlobalSiteManager
from zope.lifecycleevent.interfaces import IObjectCreatedEvent
from zope.lifecycleevent.interfaces import IObjectModifiedEvent
from zope.site.folder import Folder

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


@pytest.fixture
def demo(site: Any) -> Any:
    site.root["demo"] = Folder()
    site.root["demo"]["a.txt"] = File(b"a", "text/plain")
    site.commit()
    return site


@pytest.fixture
def late() -> Iterator[Callable[[Any], None]]:
    """Have something done for each object that is made or changed."""
    manager = getGlobalSiteManager()
    handlers: list[tuple[Any, Any]] = []

    def subscribe(what: Callable[[], None]) -> None:
        for interface in (IObjectModifiedEvent, IObjectCreatedEvent):
            handlers.append((lambda event: what(), interface))
            manager.registerHandler(handlers[-1][0], (interface,))

    yield subscribe
    for handler, interface in handlers:
        manager.unregisterHandler(handler, (interface,))


def stored(site: Any) -> tuple[bytes, bool]:
    """What a new connection sees."""
    connection = site.layer.db.open()
    try:
        root = connection.root()["Application"]
        return root["demo"]["a.txt"].data, "copy" in root
    finally:
        connection.close()


@pytest.mark.parametrize("what", LATE)
def test_a_commit_that_is_undone_is_answered_as_an_error(demo, late, what):
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"A")
    late(what)
    response = demo.submit("/demo", archive)
    assert stored(demo) == (b"a", False)
    assert response.status_int == 500, response.body
    assert response.headers["Content-Type"] == "text/plain;charset=utf-8"
    assert int(response.headers["Content-Length"]) == len(response.body)
    assert "Nothing was c" in response.text
    assert SECRET not in response.text
    assert "X-Zsync-State" not in response.headers


@pytest.mark.parametrize("what", LATE)
def test_a_checkin_that_is_undone_is_answered_as_an_error(demo, late, what):
    archive = demo.checkout("/demo")
    late(what)
    response = demo.request(
        "POST", "/@@checkin.snarf?name=copy&src=demo", "manager", archive.dump()
    )
    assert stored(demo) == (b"a", False)
    assert response.status_int == 500
    assert "Nothing was c" in response.text


def test_what_is_done_is_told_as_done(demo):
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"A")
    demo.accept("/demo", archive)
    assert stored(demo) == (b"A", False)


def test_a_rehearsal_promises_nothing(demo):
    archive = demo.checkout("/demo")
    response = demo.request(
        "POST",
        "/@@rehearse-checkin.snarf?name=copy&src=demo",
        "manager",
        archive.dump(),
    )
    assert response.status_int == 200
    assert "rehearsal" in response.text


def test_a_refusal_stays_what_it_is(demo):
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"A")
    demo.root["demo"]["a.txt"].data = b"others"
    demo.commit()
    response = demo.submit("/demo", archive)
    assert response.status_int == 200
    assert response.text.startswith("Up-to-date check failed")
