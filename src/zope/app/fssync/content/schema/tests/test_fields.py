"""Fields as text: what they hold comes back, or has no text."""

from __future__ import annotations

import datetime
import decimal

import pytest
import zope.schema
from hypothesis import given
from hypothesis import strategies as st
from zope.interface import Interface

from zope.app.fssync.content.schema.fields import fields_of
from zope.app.fssync.content.schema.fields import item
from zope.app.fssync.content.schema.fields import value_of
from zope.fssync import itemtext
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item

LINE = zope.schema.TextLine()


def named(field):
    field.__name__ = "x"
    return field


def text(field, value):
    found = item(named(field), value)
    return None if found is None else itemtext.dumps([found]).decode()


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (zope.schema.TextLine(), None, "x (nothing)\n"),
        (zope.schema.TextLine(), " a", 'x = " a"\n'),
        (zope.schema.Text(), "a\n\nb", 'x\n    a\n    ""\n    b\n'),
        (zope.schema.Bool(), True, "x = true\n"),
        (zope.schema.Int(), -1, "x = -1\n"),
        (zope.schema.Int(), True, None),
        pytest.param(zope.schema.Int(), 1 << 20_000, None, id="long"),
        (zope.schema.Float(), 0.1, "x = 0.1\n"),
        (zope.schema.Float(), float("nan"), None),
        (zope.schema.Decimal(), decimal.Decimal("1.10"), "x = 1.10\n"),
        (zope.schema.Date(), datetime.date(2026, 1, 2), "x = 2026-01-02\n"),
        (zope.schema.Time(), datetime.time(3, 4), "x = 03:04:00\n"),
        (
            zope.schema.Datetime(),
            datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
            "x = 2026-01-02T00:00:00+00:00\n",
        ),
        (zope.schema.Timedelta(), datetime.timedelta(-1, 2), "x = -1d 2s 0us\n"),
        (zope.schema.BytesLine(), b"ascii", "x = ascii\n"),
        (zope.schema.BytesLine(), b"\xff", None),
        (zope.schema.Bytes(), b"any", None),
        (zope.schema.List(value_type=LINE), ["b", "a"], "x\n    b\n    a\n"),
        (zope.schema.List(value_type=LINE), [], "x\n"),
        (zope.schema.List(value_type=LINE), [object()], None),
        (zope.schema.Tuple(value_type=LINE), ("b",), "x\n    b\n"),
        (zope.schema.FrozenSet(value_type=LINE), frozenset("ba"), "x\n    a\n    b\n"),
        (zope.schema.Choice(["one", "two"]), "two", "x = two\n"),
        (zope.schema.Object(Interface), object(), None),
        (zope.schema.Dict(), {}, None),
    ],
)
def test_a_value_and_its_text(field, value, expected):
    assert text(field, value) == expected
    if expected is not None:
        (found,) = itemtext.loads(expected.encode())
        back = value_of(field, found)
        assert (type(back), back) == (type(value), value)


@given(
    st.one_of(
        st.tuples(st.just(zope.schema.Text()), st.text()),
        st.tuples(st.just(zope.schema.TextLine()), st.text()),
        st.tuples(st.just(zope.schema.Float()), st.floats()),
        st.tuples(st.just(zope.schema.Decimal()), st.decimals()),
        st.tuples(st.just(zope.schema.Datetime()), st.datetimes()),
        st.tuples(st.just(zope.schema.Timedelta()), st.timedeltas()),
        st.tuples(st.just(zope.schema.Set(value_type=LINE)), st.sets(st.text())),
    )
)
def test_values_that_have_a_text_come_back_from_a_file(pair):
    field, value = pair
    found = item(named(field), value)
    if found is not None:
        (read,) = itemtext.loads(itemtext.dumps([found]))
        assert value_of(field, read) == value


@pytest.mark.parametrize(
    "broken",
    [Item("x", "1", kind="int"), Item("x"), Item("x", "one"), Item("x", lines=("1",))],
)
def test_invalid_value_is_refused(broken):
    with pytest.raises(SynchronizationError):
        value_of(named(zope.schema.Int()), broken)


def test_passwords_and_names_are_no_fields():
    class ISchema(Interface):
        __name__ = zope.schema.TextLine()
        secret = zope.schema.Password()
        second = zope.schema.Int()
        first = zope.schema.Int()

    assert list(fields_of(ISchema)) == ["second", "first"]
