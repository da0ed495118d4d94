"""Many wait for a transaction, one looks, and too many are told when to come again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import transaction
import ZODB

from zope.app.fssync.server.pulse import Turns
from zope.app.fssync.server.pulse import pulse_of
from zope.fssync.limits import WATCH_COST
from zope.fssync.limits import WATCH_PAUSE


@pytest.fixture
def db() -> Iterator[ZODB.DB]:
    db = ZODB.DB(None)
    yield db
    db.close()


def write(db: ZODB.DB) -> bytes:
    with db.transaction() as connection:
        root = connection.root()
        root["n"] = root.get("n", 0) + 1
    last: bytes = db.lastTransaction()
    return last


def test_all_who_wait_are_told_of_the_next_transaction(db: ZODB.DB) -> None:
    pulse, last = pulse_of(db), write(db)
    assert pulse_of(db) is pulse
    with ThreadPoolExecutor(8) as threads:
        waits = [threads.submit(pulse.wait, last, 60.0) for _ in range(8)]
        write(db)
        assert [each.result(60) for each in waits] == [True] * 8


def test_known_transactions_are_no_news_and_missed_ones_are(db: ZODB.DB) -> None:
    pulse, old = pulse_of(db), write(db)
    last = write(db)
    assert not pulse.wait(last, 0.0)
    assert not pulse.wait(last, 0.01)
    assert pulse.wait(old, 60.0)
    assert not pulse.wait(b"\x7f" * 8, 0.01)
    transaction.abort()


def test_nobody_looks_for_those_who_have_left(db: ZODB.DB) -> None:
    pulse, last = pulse_of(db), write(db)
    with ThreadPoolExecutor(2) as threads:
        long = threads.submit(pulse.wait, last, 60.0)
        assert not threads.submit(pulse.wait, last, 0.01).result(60)
        write(db)
        assert long.result(60)


def test_a_user_who_has_no_turn_comes_again_and_all_of_them_seldom() -> None:
    turns = Turns()
    assert [turns.take(2), turns.take(2)] == [0, 0]
    pauses = [turns.take(2) for _ in range(50)]
    assert abs(pauses[0] - WATCH_PAUSE) < 0.01
    assert pauses[-1] > 40 * WATCH_COST
    turns.give_back()
    assert turns.take(2) == 0
