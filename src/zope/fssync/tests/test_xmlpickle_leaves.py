"""Elements without others inside are values, or refused."""

from __future__ import annotations

import math
from typing import Any

import pytest

from zope.fssync.errors import PickleRefused
from zope.fssync.picklecontext import UNBOUND
from zope.fssync.xmlpickle.leaves import LEAVES


def read(element: str, text: str = "", **attributes: str) -> Any:
    return LEAVES[element](text, attributes, UNBOUND)


@pytest.mark.parametrize(
    ("element", "text", "value"),
    [
        ("int", "-12", -12),
        ("int", "0xff", 255),
        ("long", "12", 12),
        ("float", "1e3", 1000.0),
        ("string", "plain", "plain"),
        ("unicode", "ä", "ä"),
        ("none", "", None),
        ("true", "", True),
        ("false", "", False),
    ],
)
def test_values_are_read(element: str, text: str, value: object) -> None:
    found = read(element, text)
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_read() -> None:
    assert math.isnan(read("float", "nan"))


def test_base64_is_bytes_in_a_string_and_text_in_a_unicode() -> None:
    assert read("string", "w6Q=", encoding="base64") == b"\xc3\xa4"
    assert read("unicode", "w6Q=", encoding="base64") == "ä"
    assert read("unicode", "7aCA", encoding="base64") == "\ud800"


def test_a_string_is_ascii() -> None:
    with pytest.raises(PickleRefused, match="not ASCII"):
        read("string", "ä")


@pytest.mark.parametrize("element", ["none", "true", "false"])
def test_a_constant_has_no_text(element: str) -> None:
    with pytest.raises(PickleRefused, match="text outside"):
        read(element, "x")


@pytest.mark.parametrize(
    ("element", "text"),
    [("int", ""), ("int", "1.5"), ("long", "1L2"), ("float", "one"), ("int", "0x")],
)
def test_an_invalid_number_is_a_value_error(element: str, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read(element, text)


def test_a_global_is_one_that_is_allowed() -> None:
    with pytest.raises(PickleRefused, match=r"os\.system"):
        read("global", module="os", name="system")
