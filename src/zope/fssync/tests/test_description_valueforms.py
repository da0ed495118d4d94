"""Instances of well-known classes in descriptions."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from BTrees.IIBTree import IITreeSet
from BTrees.Length import Length
from BTrees.OOBTree import OOBTree
from DateTime import DateTime
from persistent.list import PersistentList
from persistent.mapping import PersistentMapping

from zope.fssync import xmlpickle
from zope.fssync.description.literal import read_value
from zope.fssync.description.literal import written_value
from zope.fssync.description.pickletree import dumps
from zope.fssync.description.pickletree import loads

_REFUSED = r"no (datetime|DateTime|OOBTree|IITreeSet|Persist|UUID)|made of one"
MOMENT = datetime.datetime(2026, 11, 22, 15, 30, 9, 434145)
EAST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
WEST = datetime.timezone(datetime.timedelta(hours=-3))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (MOMENT, 'datetime("2026-11-22T15:30:09.434145")'),
        (
            MOMENT.replace(tzinfo=datetime.UTC),
            'datetime("2026-11-22T15:30:09.434145+00:00")',
        ),
        (
            MOMENT.replace(tzinfo=EAST, microsecond=0),
            'datetime("2026-11-22T15:30:09+05:30")',
        ),
        (
            MOMENT.replace(tzinfo=WEST, microsecond=0),
            'datetime("2026-11-22T15:30:09-03:00")',
        ),
        (
            MOMENT.replace(tzinfo=ZoneInfo("Europe/Berlin")),
            'datetime("2026-11-22T15:30:09.434145", ZoneInfo("Europe/Berlin"))',
        ),
        (MOMENT.date(), 'date("2026-11-22")'),
        (MOMENT.time(), 'time("15:30:09.434145")'),
        (MOMENT.time().replace(tzinfo=EAST), 'time("15:30:09.434145+05:30")'),
        (datetime.timedelta(1, 2), "timedelta(1, 2, 0)"),
        (Decimal("1.50"), 'Decimal("1.50")'),
        (Fraction(1, 3), "Fraction(1, 3)"),
        ({"b", "a"}, 'set(["a", "b"])'),
        (frozenset([2, 1]), "frozenset([1, 2])"),
        (1 + 2j, "complex(1.0, 2.0)"),
        (PersistentList([1]), "PersistentList([1])"),
        (PersistentMapping(a=1), 'PersistentMapping({"a": 1})'),
        (OOBTree({"a": 1, "b": 2}), 'OOBTree({"a": 1, "b": 2})'),
        (OOBTree(), "OOBTree()"),
        (IITreeSet([2, 1]), "IITreeSet([1, 2])"),
        (Length(5), "Length(5)"),
        (UUID(int=5), 'UUID("00000000-0000-0000-0000-000000000005")'),
        (
            DateTime("2026/11/22 16:30:09.5 GMT+1"),
            'DateTime("2026-11-22T15:30:09.500000+00:00", "GMT+1")',
        ),
        (
            DateTime("2026-11-22 15:30"),
            'DateTime("2026-11-22T15:30:00+00:00", "GMT+0", True)',
        ),
    ],
)
def test_well_known_classes_have_a_form(value: Any, text: str) -> None:
    data = xmlpickle.dumps(value)
    assert written_value(loads(data)) == [text]
    assert dumps(read_value(text)) == data


def test_objects_that_lie_beside_a_pickle_are_a_reference() -> None:
    beside = object()
    names = {id(beside): "blob:1"}
    data = xmlpickle.dumps(
        {"photo": beside, "day": MOMENT.date()}, lambda obj: names.get(id(obj))
    )
    text = '{"day": date("2026-11-22"), "photo": reference("blob:1")}'
    assert written_value(loads(data)) == [text]
    assert dumps(read_value(text)) == data


def test_values_that_a_person_writes_are_put_in_order() -> None:
    for text, value in [
        ("set([2, 1])", {1, 2}),
        ('OOBTree({"b": 1, "a": 2})', OOBTree({"a": 2, "b": 1})),
        ("IITreeSet([2, 1])", IITreeSet([1, 2])),
        ('date("20261122")', MOMENT.date()),
        ('UUID("{00000000000000000000000000000005}")', UUID(int=5)),
        (
            'DateTime("2026-11-22T16:30:00+01:00", "UTC")',
            DateTime("2026/11/22 15:30 UTC"),
        ),
        (
            'datetime("2026-11-22T15:30Z")',
            datetime.datetime(2026, 11, 22, 15, 30, tzinfo=datetime.UTC),
        ),
    ]:
        assert dumps(read_value(text)) == xmlpickle.dumps(value)


@pytest.mark.parametrize(
    "text",
    [
        'datetime("2026-13-01")',
        "datetime(1)",
        "datetime()",
        'datetime("2026-11-22T15:30Z", pytz.UTC())',
        "OOBTree([1])",
        "OOBTree(1, 2)",
        'IITreeSet({"a": 1})',
        'IITreeSet([1, "a"])',
        "PersistentList()",
        'UUID("5")',
        'DateTime("2026-11-22T15:30:00", "UTC")',
        'DateTime("tomorrow", "UTC")',
        "reference(1)",
    ],
)
def test_objects_that_make_no_instance_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=_REFUSED):
        read_value(text)
