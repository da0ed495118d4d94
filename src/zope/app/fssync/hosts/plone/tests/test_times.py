"""A time of Zope is the same moment in the same zone, read and written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from DateTime import DateTime

from zope.app.fssync.hosts.plone.times import python_time
from zope.app.fssync.hosts.plone.times import zope_time
from zope.app.fssync.hosts.plone.values import parse
from zope.app.fssync.hosts.plone.values import serialize

VIENNA = "[Europe/Vienna]"
EASTERN = "[US/Eastern]"


@pytest.mark.parametrize(
    ("time", "text"),
    [
        ("2026/07/01 10:00 Europe/Vienna", f"2026-07-01T10:00:00+02:00{VIENNA}"),
        ("2026/01/01 10:00 Europe/Vienna", f"2026-01-01T10:00:00+01:00{VIENNA}"),
        ("2026/10/25 02:30 Europe/Vienna", f"2026-10-25T02:30:00+01:00{VIENNA}"),
        ("2026/07/01 10:00 US/Eastern", f"2026-07-01T10:00:00-04:00{EASTERN}"),
        ("1950/07/01 10:00 US/Eastern", f"1950-07-01T10:00:00-04:00{EASTERN}"),
        (
            "2026/07/01 10:00:00.123456 Europe/Vienna",
            f"2026-07-01T10:00:00.123456+02:00{VIENNA}",
        ),
        ("2026/07/01 10:00 GMT+2", "2026-07-01T10:00:00+02:00"),
        ("2026-07-01T10:00:00+05:30", "2026-07-01T10:00:00+05:30"),
        # DateTime takes this for a time of UTC, not of the server.
        ("2026-07-01T10:00:00", "2026-07-01T10:00:00+00:00[GMT+0]"),
    ],
)
def test_a_time_keeps_its_moment_and_its_zone(time, text):
    value = DateTime(time)

    assert serialize(python_time(value)) == text
    found = zope_time(parse(text))
    assert (found.micros(), found.timezone()) == (value.micros(), value.timezone())


@pytest.mark.parametrize("offset", ["+02:00", "+01:00"])
def test_the_hour_that_comes_twice_is_either(offset):
    text = f"2026-10-25T02:30:00{offset}{VIENNA}"

    found = zope_time(parse(text))

    assert serialize(python_time(found)) == text


def test_a_time_without_a_zone_is_one_of_the_server():
    found = zope_time(parse("2026-07-01T10:00:00"))

    assert found == DateTime("2026/07/01 10:00:00")
    assert python_time(found).utcoffset() == timedelta(seconds=found.tzoffset())
