"""The order of containers that have one."""

from __future__ import annotations

import pytest
from zope.container.btree import BTreeContainer
from zope.container.contained import Contained
from zope.container.ordered import OrderedContainer
from zope.interface.verify import verifyObject

from zope.app.fssync.content.container import ContainerSynchronizer
from zope.app.fssync.content.order import ORDER
from zope.app.fssync.content.order import Order
from zope.app.fssync.content.order import OrderGenerator
from zope.app.fssync.content.order import arranged
from zope.app.fssync.content.order import order_of
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IObjectGenerator


def shelf(names: str, kind: type = OrderedContainer) -> OrderedContainer:
    found = kind()
    for name in names:
        found[name] = Contained()
    return found


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("dcba", "dcba"), ("ca", "cbad"), ("", "abcd"), ("xdd", "abcd")],
)
def test_unnamed_objects_stay_in_their_place(wanted, expected):
    assert arranged("abcd", wanted) == list(expected)


def test_only_several_items_of_an_ordered_container_have_an_order():
    assert order_of(shelf("ab", BTreeContainer)) == {}
    assert order_of(shelf("a")) == {}
    assert order_of(shelf("ba"))[ORDER].names() == ["b", "a"]


def test_a_container_is_arranged():
    found = shelf("bca")

    Order(found).replace(["a", "gone", "b"])

    assert list(found) == ["a", "c", "b"]


def test_order_is_made_for_a_container_without_items():
    generator = OrderGenerator()

    assert verifyObject(IObjectGenerator, generator)
    assert generator.create(shelf(""), ORDER).names() == []


def test_order_is_an_extra_that_was_loaded_before_it_is_set():
    found = shelf("ba")
    synchronizer = ContainerSynchronizer(found)
    extras = synchronizer.extras()

    assert extras is not None
    assert list(extras) == [ORDER]
    assert synchronizer.setextras(extras) is None
    with pytest.raises(SynchronizationError, match="no extra"):
        synchronizer.setextras({"__class__": object})
