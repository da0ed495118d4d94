"""Long exchanges wait for short requests, but no longer than they have worked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from threading import Event
from threading import Thread
from typing import Any

import pytest

from zope.app.fssync.server import precedence
from zope.app.fssync.server.precedence import Precedence
from zope.fssync.limits import GIVEN_WAY
from zope.fssync.limits import SHORT_TIME
from zope.fssync.limits import SHORT_WORK


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Told(Precedence):
    """A precedence that notes how long who asks would wait at most."""

    def __init__(self, clock: Clock, took: float = 1.0) -> None:
        super().__init__(clock, clock)
        self.patience: list[float] = []
        #: The part of the patience that a wait takes.
        self.took = took

    def wait(self, patience: float) -> float:
        self.patience.append(patience)
        return patience * self.took

    def worked(self, seconds: float) -> None:
        assert isinstance(self._clock, Clock)
        self._clock.now += seconds
        self.step()


def elsewhere(function: Any) -> None:
    """Call a function in another thread."""
    thread = Thread(target=function)
    thread.start()
    thread.join()


def test_a_long_exchange_waits_until_all_short_requests_have_ended() -> None:
    shared, begun = Precedence(), Barrier(3)
    ends = [Event(), Event()]

    def short(end: Event) -> None:
        shared.enter()
        begun.wait(60)
        assert end.wait(60)
        shared.leave()

    def long() -> str:
        shared.wait(60.0)
        return "waited"

    with ThreadPoolExecutor(3) as threads:
        requests = [threads.submit(short, end) for end in ends]
        begun.wait(60)
        waiting = threads.submit(long)
        ends[0].set()
        requests[0].result(60)
        assert shared
        assert not waiting.done()
        ends[1].set()
        assert waiting.result(60) == "waited"
    assert not shared


def test_nobody_waits_longer_than_the_patience() -> None:
    shared = Precedence()
    elsewhere(shared.enter)
    assert shared.wait(0.0) == 0.0
    assert 0.01 <= shared.wait(0.01) < SHORT_TIME
    assert shared


def test_a_request_that_itself_waits_is_short_for_a_while_only() -> None:
    clock = Clock()
    shared = Precedence(clock)
    elsewhere(shared.enter)
    clock.now = SHORT_TIME
    assert shared.wait(60.0) == 0.0
    assert not shared


def test_a_thread_that_lost_the_end_of_a_request_begins_with_the_next() -> None:
    shared = Precedence()
    shared.enter()
    shared.enter()
    shared.leave()
    assert not shared
    shared.leave()
    assert not shared


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_request_is_short_until_it_has_worked_for_some_time(clock: Clock) -> None:
    shared = Told(clock)
    shared.enter()
    shared.worked(SHORT_WORK * 0.9)
    assert shared
    shared.worked(SHORT_WORK * 0.2)
    # It does not wait for itself.
    assert not shared


def test_work_waits_no_longer_than_it_took(clock: Clock) -> None:
    shared = Told(clock)
    shared.enter()
    elsewhere(shared.enter)
    for seconds in (SHORT_WORK, 0.001, 0.002):
        shared.worked(seconds)
    assert shared.patience == pytest.approx([SHORT_WORK, 0.001, 0.002])


def test_time_not_waited_may_be_waited_later_up_to_a_limit(clock: Clock) -> None:
    shared = Told(clock, took=0.5)
    shared.enter()
    elsewhere(shared.enter)
    for seconds in (SHORT_WORK, 0.01, 10 * GIVEN_WAY):
        shared.worked(seconds)
    assert shared.patience == pytest.approx([SHORT_WORK, 0.02, GIVEN_WAY])


def test_work_outside_of_a_request_is_long(clock: Clock) -> None:
    shared = Told(clock)
    shared.enter()
    elsewhere(lambda: shared.worked(0.001))
    assert shared.patience == [0.001]
    assert shared


def test_a_request_may_be_known_to_be_long(clock: Clock) -> None:
    shared = Told(clock)
    shared.enter()
    elsewhere(shared.enter)
    shared.lengthen()
    shared.worked(0.001)
    assert shared.patience == [0.001]


def test_nothing_is_asked_where_nothing_is_short(clock: Clock) -> None:
    shared = Told(clock)
    shared.worked(1.0)
    assert shared.patience == []


def test_a_server_may_know_of_a_request_before_it_has_a_thread() -> None:
    shared = Precedence()
    for connection in ("one", "two"):
        shared.enter(connection)
    shared.leave("one")
    assert shared
    with shared.request():
        shared.leave("two")
        assert shared
        # What the publisher tells is not the whole of the request.
        shared.publish(True)
        shared.publish(False)
        assert shared
    assert not shared
    shared.publish(True)
    assert shared


def test_publishers_tell_of_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Precedence()
    monkeypatch.setattr(precedence, "PRECEDENCE", shared)
    precedence.begin_request(object())
    assert shared
    precedence.end_request(object())
    assert not shared
