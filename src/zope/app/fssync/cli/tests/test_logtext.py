"""The options and lines of a log."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from persistent.timestamp import TimeStamp

from zope.app.fssync.cli.logtext import fields
from zope.app.fssync.cli.logtext import shown
from zope.app.fssync.cli.logtext import transaction_id
from zope.app.fssync.cli.logtext import wanted
from zope.app.fssync.cli.options import Options
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import Query
from zope.fssync.errors import UsageError

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))
def test_a_time_becomes_the_id_that_a_database_gives_it(time):
    seconds = time.second + time.microsecond / 1e6
    stamp = TimeStamp(time.year, time.month, time.day, time.hour, time.minute, seconds)
    found = transaction_id(time.replace(tzinfo=UTC).isoformat(), False)
    assert abs(int(found, 16) - int(stamp.raw().hex(), 16)) <= 1


def test_an_id_stands_for_itself():
    assert transaction_id("03FF00112233aabb", True) == "03ff00112233aabb"
    assert transaction_id("0x03ff00112233aabb", False) == "03ff00112233aabb"


def test_relative_times_count_from_now():
    assert transaction_id("2 hours ago", False, NOW) == transaction_id(
        "2026-11-29T10:00:00+00:00", False
    )
    assert transaction_id("1 week ago", False, NOW) == transaction_id(
        "2026-11-22T12:00:00+00:00", False
    )


def test_the_last_of_a_day_is_at_its_end():
    first, last = (transaction_id("2026-11-29", last) for last in (False, True))
    following = transaction_id("2026-11-30", False)
    assert first < last < following


@pytest.mark.parametrize("when", ["", "soon", "2026-13-01", "999999 weeks ago", "-1"])
def test_invalid_time_is_refused_with_examples(when):
    with pytest.raises(UsageError, match="neither a date nor the id") as caught:
        transaction_id(when, False)
    assert "2 hours ago" in (caught.value.advice or "")


def test_a_range_is_both_ends():
    one, two = "03ff00112233aabb", "03ff00112233aacc"
    assert wanted(Options([("-r", f"{one}:{two}")])) == Query(since=one, until=two)
    assert wanted(Options([("-r", one)])) == Query(since=one, until=one)
    assert wanted(Options([("-r", f"{one}:")])) == Query(since=one)
    assert wanted(Options([("-r", "PREV:BASE")])) == Query(since="PREV", until="BASE")
    with pytest.raises(UsageError):
        wanted(Options([("-r", one), ("--since", one)]))


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5"])
def test_a_limit_is_a_number_above_zero(limit):
    with pytest.raises(UsageError, match="no number of transactions"):
        wanted(Options([("-l", limit)]))


def test_nothing_of_the_server_reaches_the_terminal_raw():
    each = Logged("a\x1b", 0.0, "u\x1b", "m\x1b\n", [("A", "p\x1b", "q\x1b")], 3)
    lines = list(shown(each, True))
    assert not [line for line in lines if "\x1b" in line or "\n" in line]
    assert lines[-1] == "    and 2 more"


def test_programs_are_told_all_of_a_transaction():
    changes = [("M", "a"), ("R", "b", "c")]
    told = fields(
        Logged("0" * 16, 1.5, "me", "why", changes, 2, versions=[(3, "better")])
    )
    assert told == {
        "id": "0" * 16,
        "time": 1.5,
        "user": "me",
        "message": "why",
        "changes": [
            {"letter": "M", "path": "a"},
            {"letter": "R", "path": "b", "origin": "c"},
        ],
        "count": 2,
        "versions": [{"number": 3, "comment": "better"}],
    }
