"""Class, parent and name of objects are those of the ordinary way."""

from __future__ import annotations

from typing import Any

import pytest
from persistent import Persistent
from zope.container.contained import Contained
from zope.container.contained import ContainedProxy

from zope.app.fssync.hosts.toolkit.location import class_of
from zope.app.fssync.hosts.toolkit.location import inner_of
from zope.app.fssync.hosts.toolkit.location import name_of
from zope.app.fssync.hosts.toolkit.location import parent_of


class Item(Persistent):
    """Has no place of its own."""


@pytest.mark.parametrize("make", [Contained, lambda: ContainedProxy(Item())])
def test_the_place_is_what_the_object_says(make: Any) -> None:
    obj, parent = make(), object()
    assert (parent_of(obj), name_of(obj)) == (None, None)
    obj.__parent__, obj.__name__ = parent, "name"
    assert parent_of(obj) is obj.__parent__ is parent
    assert name_of(obj) == obj.__name__ == "name"


def test_objects_without_a_place_have_none() -> None:
    assert parent_of(object()) is None
    assert name_of(object()) is None


def test_a_wrapper_is_looked_through() -> None:
    item = Item()
    wrapper = ContainedProxy(item)
    assert inner_of(wrapper) is item
    assert inner_of(item) is item
    assert class_of(wrapper) is class_of(item) is Item
