"""Only what is data is made of a pickle, and only what was made is changed."""

from __future__ import annotations

import copyreg
import os
from collections import Counter
from collections import OrderedDict
from collections import defaultdict
from collections import deque
from fractions import Fraction
from typing import Any

import pytest
from BTrees.OOBTree import OOBTree

from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PickleRefused
from zope.fssync.limits import Limits
from zope.fssync.xmlpickle.construct import NEWOBJ
from zope.fssync.xmlpickle.construct import RECONSTRUCTOR
from zope.fssync.xmlpickle.construct import add_items
from zope.fssync.xmlpickle.construct import add_values
from zope.fssync.xmlpickle.construct import call
from zope.fssync.xmlpickle.construct import describe
from zope.fssync.xmlpickle.construct import is_fresh
from zope.fssync.xmlpickle.construct import set_state


class Plain:
    """Mere data."""


class Slots:
    """Data in slots."""

    __slots__ = ("value",)

    value: object


class Text(str):
    """Text with attributes."""


@pytest.mark.parametrize(
    ("function", "arguments", "made"),
    [
        (Fraction, ("1/3",), Fraction(1, 3)),
        (defaultdict, (list, {"a": 1}), {"a": 1}),
        (RECONSTRUCTOR, (Text, str, "a"), "a"),
        (NEWOBJ, (Text, "a"), "a"),
        (OrderedDict, ([("a", 1)],), {"a": 1}),
        (bytes, ([1, 2],), b"\1\2"),
    ],
)
def test_data_is_made(function: Any, arguments: Any, made: Any) -> None:
    found = call(function, arguments)
    assert found == made
    assert is_fresh(function, found) or function in (Fraction, bytes)


@pytest.mark.parametrize(
    ("function", "arguments", "said"),
    [
        ("os.system", ("true",), "pickle calls builtins.str, which is no class"),
        (list, (range(9),), "pickle makes builtins.list from a range"),
        (bytes, (10**9,), "pickle makes builtins.bytes from an object"),
        (str, ([1],), "pickle makes builtins.str from an object"),
        (Fraction, (1.5,), "pickle makes a Fraction from an object"),
        (Fraction, ("1e999999",), "pickle makes a Fraction from an object"),
        (defaultdict, (os.getcwd,), "for missing keys"),
        (NEWOBJ, (type,), "pickle makes an instance of builtins.type"),
        (NEWOBJ, ("a",), "pickle makes an instance of builtins.str"),
        (RECONSTRUCTOR, (Plain, int, 1), "pickle makes an instance of"),
        (RECONSTRUCTOR, (Text, str, 1), "from another type"),
    ],
)
def test_calls_that_run_or_grow_are_refused(
    function: Any, arguments: Any, said: str
) -> None:
    with pytest.raises(PickleRefused, match=said):
        call(function, arguments)


def test_a_class_and_a_function_are_not_changed() -> None:
    assert not is_fresh(len, 3)
    assert not is_fresh(type, Plain)
    assert is_fresh(copyreg.__newobj__, Plain())  # type: ignore[attr-defined]
    both: Any = ((add_values, [1]), (add_items, [(1, 2)]))
    for function, value in both:
        with pytest.raises(PickleRefused, match=r"\.Plain"):
            function(Plain(), value)


def test_values_and_items_are_added() -> None:
    many, few = deque([1]), {"a": 1}
    add_values(many, [2])
    add_items(few, [("b", 2)])
    assert (list(many), few) == ([1, 2], {"a": 1, "b": 2})


class Same:
    """Keys with one hash."""

    def __hash__(self) -> int:
        return 7


def test_keys_with_one_hash_are_limited() -> None:
    items = [(Same(), 1) for _ in range(2000)]
    with pytest.raises(LimitExceeded):
        add_items({}, items, Limits(equal_hashes=100))
    with pytest.raises(LimitExceeded):
        call(Counter, ([key for key, _ in items],), Limits(equal_hashes=100))


def test_a_state_is_set() -> None:
    plain, slots = Plain(), Slots()
    set_state(plain, {"a": 1}, {})
    set_state(slots, (None, {"value": 2}), {})
    assert (vars(plain), slots.value) == ({"a": 1}, 2)


@pytest.mark.parametrize("name", ["__class__", "__dict__", "_p_jar"])
def test_a_state_is_data(name: str) -> None:
    with pytest.raises(PickleRefused):
        set_state(Slots(), (None, {name: Plain}), {})


@pytest.mark.parametrize("state", [((),), ((1, 2, 3), 4, 5), "text", (("a",),)])
def test_a_damaged_tree_is_refused(state: Any) -> None:
    with pytest.raises(PickleRefused, match="damaged state of a BTree"):
        set_state(OOBTree(), state, {})


def test_objects_are_called_by_their_class() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert describe(endless) == "builtins.list"
    assert describe(os.getcwd) == "posix.getcwd"
