"""The order of keys depends on the values alone."""

from __future__ import annotations

import random
from typing import Any

from zope.fssync.xmlpickle.ordering import sorted_items
from zope.fssync.xmlpickle.ordering import sorted_values

NAN = float("nan")
ORDER: list[Any] = [
    *(None, NAN, -1, False, 1.5, 2, "", "a", b"a", "b", b"b"),
    *((), (None,), (1, "a"), (1, b"a"), ("a",)),
]


def dump(value: object) -> bytes:
    return repr(value).encode()


def test_kinds_come_one_after_the_other() -> None:
    for seed in range(20):
        values = ORDER[:]
        random.Random(seed).shuffle(values)
        assert [*map(repr, sorted_values(values, dump))] == [*map(repr, ORDER)]


def test_values_that_have_no_order_are_sorted_by_their_written_form() -> None:
    values = [frozenset("b"), frozenset("a"), 1]
    assert sorted_values(values, dump) == [1, frozenset("a"), frozenset("b")]


def test_items_are_sorted_by_key_and_values_never_compared() -> None:
    values = {"b": object(), "a": object()}
    assert [key for key, _ in sorted_items(values, dump)] == ["a", "b"]
    mixed = {"a": object(), 1: object(), None: object()}
    assert [key for key, _ in sorted_items(mixed, dump)] == [None, 1, "a"]
    assert sorted_items({}, dump) == []
