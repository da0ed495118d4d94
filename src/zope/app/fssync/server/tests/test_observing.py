"""All that a process knows of exchanges comes by one place."""

from __future__ import annotations

import pytest

from zope.app.fssync.server import observing
from zope.app.fssync.server.activity import ACTIVITY
from zope.app.fssync.server.exchange import Exchange
from zope.app.fssync.server.exchange import Running
from zope.app.fssync.server.metrics import METRICS


@pytest.fixture
def began() -> Running:
    found = Running("fromFS.snarf", "/observed", "jo", "observed")
    observing.begin(found)
    return found


def test_ended_exchanges_are_in_the_activity_and_in_the_numbers(began: Running) -> None:
    before = observing.running()
    ended = Exchange(
        0.0, "jo", "", "v", "/observed", None, 5, 0, 0.1, 200, 1, began.verb
    )
    observing.end(began, ended)
    assert observing.running() == before - 1
    assert ACTIVITY.newest("/observed")[0] is ended
    assert 'zsync_exchanges_total{verb="observed",result="done"} 1' in METRICS.text(0)


def test_repeated_exchanges_are_counted_once(began: Running) -> None:
    before = observing.running()
    observing.retry(began)
    assert observing.running() == before - 1
    assert 'zsync_retries_total{verb="observed"} 1' in METRICS.text(0)


def test_a_request_that_was_given_up_is_not_under_way(began: Running) -> None:
    other = Running("v", "/", "", "lost")
    observing.begin(other)
    before = observing.running()
    del other
    assert observing.running() == before - 1


def test_only_some_large_ones_are_admitted(began: Running) -> None:
    assert observing.admit(began, 1)
    other = Running("toFS.snarf", "/", "", "checkout")
    observing.begin(other)
    assert not observing.admit(other, 1)
    assert observing.large() == 1
    assert observing.admit(other, 2)
    observing.retry(began)
    assert observing.large() == 1
