"""The ids of an XML pickle: what they stand for, and how much they may repeat."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PickleRefused
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.xmlpickle.sharing import KeyGauge
from zope.fssync.xmlpickle.sharing import Shared
from zope.fssync.xmlpickle.sharing import check_hashes


def nothing() -> Any:
    return None


def shared(**limits: int) -> Shared:
    return Shared(Limits(**limits), 100)  # type: ignore[arg-type]


def test_an_id_stands_for_one_object() -> None:
    found = shared()
    obj = [1]
    found.define({"id": "o3"}, obj)
    found.define({}, [2])
    for name in ("o3", "i3", "3", "1.2.3"):
        assert found.find(name, nothing) is obj
    with pytest.raises(PickleRefused, match="two objects"):
        found.define({"id": "i3"}, [])


def test_a_tuple_that_is_not_finished_contains_itself() -> None:
    found = shared()
    found.announce({"id": "o1"})
    with pytest.raises(PickleRefused, match="contains itself"):
        found.find("o1", nothing)


def test_a_lost_target_is_found_where_only_one_is_meant() -> None:
    found = shared()
    obj = object()
    found.nameless(obj)
    assert found.find("o1", nothing) is obj
    assert found.find("o1", nothing) is obj
    with pytest.raises(PickleRefused, match="0 objects could be meant"):
        found.find("o2", nothing)
    assert found.find("o3", lambda: int) is int


def test_two_possible_targets_are_refused() -> None:
    found = shared()
    found.nameless(object())
    found.nameless(object())
    with pytest.raises(PickleRefused, match="2 objects could be meant"):
        found.find("o1", nothing)


def test_repeats_are_limited() -> None:
    found = Shared(Limits(pickle_repeats=10), 0)
    found.define({"id": "o1"}, ((1,), 2))
    # A list is written once.
    found.define({"id": "o2"}, [])
    for _ in range(5):
        found.find("o1", nothing)
        found.find("o2", nothing)
    with pytest.raises(LimitExceeded, match="repeats too many"):
        found.find("o1", nothing)


def test_nesting_is_limited() -> None:
    value: Any = ()
    found = shared(pickle_depth=5)
    for number in range(4):
        value = (value,)
        found.define({"id": f"o{number}"}, value)
    with pytest.raises(LimitExceeded, match="too deeply"):
        found.define({"id": "o9"}, (value,))


def test_keys_of_one_hash_are_limited() -> None:
    modulus = sys.hash_info.modulus
    most = DEFAULT.equal_hashes
    keys = [number * modulus for number in range(most + 1)]
    check_hashes(keys[:most], DEFAULT)
    with pytest.raises(LimitExceeded, match="same hash"):
        check_hashes(keys, DEFAULT)
    gauge = KeyGauge(DEFAULT)
    mapping: dict[Any, Any] = {}
    for key in keys[:most]:
        gauge.count(mapping, key)
    gauge.count({}, keys[most])
    with pytest.raises(LimitExceeded, match="same hash"):
        gauge.count(mapping, keys[most])


def test_text_is_not_counted() -> None:
    check_hashes(["a"] * 10 * DEFAULT.equal_hashes, DEFAULT)
