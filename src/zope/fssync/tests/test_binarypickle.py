"""Python's own pickles are written in order, and read as data."""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from zope.component import getGlobalSiteManager
from zope.location.location import Location

from zope.fssync.binarypickle import dump
from zope.fssync.binarypickle import load
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PickleRefused
from zope.fssync.interfaces import IAllowedGlobal


class Place(Location):
    """An object that pickles refer to."""


@pytest.fixture(autouse=True)
def allowed() -> Iterator[None]:
    registry = getGlobalSiteManager()
    name = f"{__name__}.Place"
    registry.registerUtility(Place, IAllowedGlobal, name)
    yield
    registry.unregisterUtility(Place, IAllowedGlobal, name)


def dumps(obj: object, **more: Any) -> bytes:
    stream = io.BytesIO()
    dump(obj, stream, **more)
    return stream.getvalue()


def test_the_same_state_gives_the_same_bytes() -> None:
    one = {"a": {1, 2, 30}, "b": frozenset("xyz")}
    two = {"b": frozenset("zyx"), "a": {30, 2, 1}}
    assert dumps(one) == dumps(two)
    assert load(dumps(one)) == one


def test_references_are_those_of_the_caller() -> None:
    place = Place()
    data = dumps([place], persistent_id=lambda obj: "/a" if obj is place else None)
    assert load(data, {"/a": place}.__getitem__) == [place]
    with pytest.raises(KeyError):
        load(data, dict[str, Any]().__getitem__)


def test_values_that_python_cannot_pickle_are_named() -> None:
    with pytest.raises(PickleRefused, match=r"builtins\.list cannot be"):
        dumps([lambda: None])


class Call:
    def __init__(self, *reduced: Any) -> None:
        self.reduced = reduced

    def __reduce__(self) -> Any:
        return self.reduced


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_pickles_of_every_protocol_are_read(protocol: int) -> None:
    value = {"a": [1, 2.5, None, True, b"x\xff", (1, 2, 3, 4)], 2: {1}, "b": 1 << 80}
    assert load(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_calls_are_refused(protocol: int) -> None:
    data = pickle.dumps(Call(os.system, ("true",)), protocol)
    with pytest.raises(PickleRefused, match="system"):
        load(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"\x80\x02.",
        # a class gets an attribute
        b"c" + __name__.encode() + b"\nPlace\n(N}X\x04\x00\x00\x00nameK\x01stb.",
        # an object that is only referred to gets a state, items
        b"\x80\x02X\x02\x00\x00\x00..Q}X\x01\x00\x00\x00aK\x01sb.",
        b"\x80\x02X\x02\x00\x00\x00..QX\x01\x00\x00\x00aK\x01s.",
        b"\x80\x02X\x02\x00\x00\x00..QK\x01a.",
        # an extension code, an unknown reference
        b"\x80\x02\x82\x01.",
        b"\x80\x02X\x01\x00\x00\x00xQ.",
    ],
)
def test_other_pickles_are_refused(data: bytes) -> None:
    root = Place()

    def find(path: str) -> Place:
        if path != "..":
            raise PickleRefused(path)
        return root

    with pytest.raises(PickleRefused):
        load(data, find)
    assert not hasattr(Place, "name")
    assert not hasattr(root, "a")


def test_endless_tuples_are_refused() -> None:
    with pytest.raises(LimitExceeded):
        load(b"\x80\x02)" + b"\x85" * 100_000 + b".")


def test_text_of_python_2_is_read_as_in_xml() -> None:
    data = b"(S'plain'\nS'\\xe4'\nl."
    assert load(data) == ["plain", b"\xe4"]
