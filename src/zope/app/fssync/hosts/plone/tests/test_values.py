"""Values of fields are text that a person reads and writes."""

from __future__ import annotations

import datetime
import decimal

import pytest
import pytz
from DateTime import DateTime

from zope import schema
from zope.app.fssync.hosts.plone import values
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.itemtext import dumps
from zope.fssync.itemtext import loads

VIENNA = pytz.timezone("Europe/Vienna")
SUMMER = VIENNA.localize(datetime.datetime(2026, 5, 1, 12, 30, 15, 123))
COLOURS = schema.Choice(values=["red", "blue"])


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        (schema.TextLine(), "A title", "x = A title\n"),
        (schema.Text(), "two\n  lines", 'x (text)\n    two\n    "  lines"\n'),
        (schema.Bool(), True, "x = true\n"),
        (schema.Int(), -3, "x = -3\n"),
        (schema.Float(), 0.1, "x = 0.1\n"),
        (schema.Decimal(), decimal.Decimal("1.50"), "x = 1.50\n"),
        (schema.Date(), datetime.date(2026, 5, 1), "x = 2026-05-01\n"),
        (schema.Time(), datetime.time(12, 30), "x = 12:30:00\n"),
        (schema.Timedelta(), datetime.timedelta(days=1), "x = 86400.0 s\n"),
        (schema.URI(), "https://plone.org", "x = https://plone.org\n"),
        (schema.Bytes(), b"plain", "x = plain\n"),
        (schema.Bytes(), b"\xff\0", "x (base64) = /wA=\n"),
        (schema.List(schema.TextLine()), ["b", "a"], "x\n    b\n    a\n"),
        (schema.Tuple(schema.Int()), (2, 1), "x\n    2\n    1\n"),
        (schema.Set(schema.TextLine()), {"b", "a"}, "x\n    a\n    b\n"),
        (schema.List(), ["b"], "x\n    b\n"),
        (COLOURS, "blue", "x = blue\n"),
        (schema.Choice(values=[1, 2]), 2, "x = 2\n"),
        (schema.Choice(values=[True, False]), False, "x = false\n"),
        (schema.Set(COLOURS), {"red"}, "x\n    red\n"),
        (schema.TextLine(), None, "x (nothing)\n"),
        (
            schema.Datetime(),
            SUMMER,
            "x = 2026-05-01T12:30:15.000123+02:00[Europe/Vienna]\n",
        ),
        (
            schema.Datetime(),
            datetime.datetime(2026, 5, 1),
            "x = 2026-05-01T00:00:00\n",
        ),
    ],
)
def test_a_value_is_text_and_comes_back(field, value, text):
    item = values.item_of("x", field, value)

    assert item is not None
    assert dumps([item]).decode() == text
    (read,) = loads(text.encode())
    found = values.value_of(field, read)
    assert found == value
    assert type(found) is type(value)


def test_a_time_keeps_its_zone():
    found = values.parse(values.serialize(SUMMER))

    assert found == SUMMER
    assert str(found.tzinfo) == "Europe/Vienna"


def test_mappings_and_lists_of_them_have_no_plain_text():
    assert values.item_of("x", schema.Dict(), {"a": 1}) is None
    assert values.item_of("x", schema.List(schema.Dict()), [{}]) is None
    with pytest.raises(LookupError):
        values.value_of(schema.Dict(), Item("x", "1"))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (schema.Int(), "many"),
        (schema.Bool(), "yes"),
        (schema.Datetime(), "tomorrow"),
        (schema.Datetime(), "2026-05-01T00:00:00+00:00[Europe/Atlantis]"),
        (schema.Decimal(), "1,5"),
    ],
)
def test_invalid_value_of_the_field_is_refused(field, text):
    with pytest.raises(SynchronizationError, match=r"^x: "):
        values.value_of(field, Item("x", text))


def test_a_token_names_a_choice_too():
    class Colour:
        token = "r"

    term = schema.vocabulary.SimpleTerm(Colour, "r")
    field = schema.Choice(vocabulary=schema.vocabulary.SimpleVocabulary([term]))

    assert values.item_of("x", field, Colour) == Item("x", "r")
    assert values.value_of(field, Item("x", "r")) is Colour


def test_zones_of_zope_are_offsets():
    found = DateTime("2025/03/04 05:06:07 GMT+1").asdatetime()

    assert values.serialize(found) == "2025-03-04T05:06:07+01:00"
    assert values.parse(values.serialize(found)) == found
