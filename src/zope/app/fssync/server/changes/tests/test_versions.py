"""Versions that objects keep by themselves, beside transactions."""

from __future__ import annotations

import time

import pytest
from persistent.TimeStamp import TimeStamp

from zope.app.fssync.server.changes.versions import Version
from zope.app.fssync.server.changes.versions import saved_by
from zope.app.fssync.server.changes.versions import tid_of


def version(number: int, when: float) -> Version:
    return Version(number, when, "admin", f"comment {number}")


def test_a_version_is_saved_by_the_transaction_that_ends_next() -> None:
    first, second, third = version(0, 1000), version(1, 1010), version(2, 1011)
    found = saved_by([third, second, first], [1011.5, 1000.2, 5000])
    assert found == {1000.2: [first], 1011.5: [third, second]}


def test_one_that_ended_just_before_has_not_saved_it_unless_nothing_else_has() -> None:
    late = version(0, 1000)
    assert saved_by([late], [999.5, 1002]) == {1002: [late]}
    assert saved_by([late], [999.5]) == {999.5: [late]}


@pytest.mark.parametrize("when", [900, 2000])
def test_transactions_long_after_or_before_have_not_saved_it(when: float) -> None:
    assert saved_by([version(0, 1000)], [when]) == {}


def test_the_id_of_a_time_is_that_of_a_transaction_then() -> None:
    now = time.time()
    assert abs(TimeStamp(tid_of(now)).timeTime() - now) < 0.001
