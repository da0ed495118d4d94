"""The notation of values: what is written is read again, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings

from zope.fssync import xmlpickle
from zope.fssync.description.literal import read_value
from zope.fssync.description.literal import written_value
from zope.fssync.description.pickletree import Native
from zope.fssync.description.pickletree import Table
from zope.fssync.description.pickletree import dumps
from zope.fssync.description.pickletree import loads
from zope.fssync.tests.test_description_pickletree import VALUES


@settings(max_examples=50)
@given(VALUES)
def test_values_come_back(value: object) -> None:
    data = xmlpickle.dumps(value)
    text = "\n".join(written_value(loads(data)))
    assert dumps(read_value(text)) == data


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text/plain", "text/plain"),
        ("10 reasons", "10 reasons"),
        ("10", '"10"'),
        ("-1.5e3", '"-1.5e3"'),
        ("None", '"None"'),
        ("none", "none"),
        ("Decimal", "Decimal"),
        ("f(x)", '"f(x)"'),
        ("f (x)", "f (x)"),
        ("(x)", '"(x)"'),
        ("", '""'),
        (" x", '" x"'),
        ("a\nb", r'"a\nb"'),
        ("\ud800", r'"\ud800"'),
        (True, "True"),
        (None, "None"),
        (-3, "-3"),
        (0.5, "0.5"),
        (float("inf"), "inf"),
        ([1, "a"], '[1, "a"]'),
        ((1,), "(1,)"),
        ((), "()"),
        (Table((("a", 1),)), '{"a": 1}'),
        (b"ab", 'bytes("ab")'),
        (b"\0", 'base64("AA==")'),
        (Native("a"), 'str("a")'),
    ],
)
def test_each_kind_has_its_form(value: object, text: str) -> None:
    assert written_value(value) == [text]
    assert read_value(text) == value
    assert type(read_value(text)) is type(value)


def test_long_values_have_a_line_for_each_element() -> None:
    value = ["a" * 40, ["b" * 40, "c" * 40], Table((("d", "e" * 80),))]
    assert written_value(value) == [
        "[",
        f'"{"a" * 40}",',
        "[",
        f'    "{"b" * 40}",',
        f'    "{"c" * 40}",',
        "],",
        "{",
        f'    "d": "{"e" * 80}",',
        "},",
        "]",
    ]
    assert read_value("\n".join(written_value(value))) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1", "no value"),
        ("[1 2]", "a comma is missing"),
        ("[1]]", "more than one value"),
        ("[x]", "no value"),
        ("eval(1)", "no known kind"),
        ("Decimal(", "no value"),
        ('{"a": 1, "a": 2}', "twice"),
        ("{1}", "without a value"),
        ('"a', "no value"),
        ("[" * 100, "levels"),
        ("bytes(1)", "made of one text"),
        ('bytes("é")', "bytes"),
        ('base64("A")', "base64"),
        ('datetime("never")', "datetime"),
        ("set(1)", "set"),
    ],
)
def test_invalid_value_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_value(text)


def test_values_without_a_notation_are_refused() -> None:
    with pytest.raises(ValueError, match="no notation for object"):
        written_value([object()])
