"""Attributes that are other objects of the tree are told by their paths."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from zope.container.contained import Contained
from zope.interface import directlyProvides
from zope.interface.verify import verifyObject
from zope.location.interfaces import IRoot

from zope.fssync.interfaces import IDefaultSynchronizer
from zope.fssync.pickle import is_item
from zope.fssync.pickle import watching_references
from zope.fssync.reference import Reference
from zope.fssync.reference import ReferenceSynchronizer
from zope.fssync.reference import ReferringExtras


class Place(Contained):
    """A container."""

    def __init__(self) -> None:
        self._items: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self._items[name]

    def put(self, name: str, obj: Any) -> Any:
        self._items[name] = obj
        obj.__parent__, obj.__name__ = self, name
        return obj


def tree() -> tuple[Place, Place]:
    root = Place()
    directlyProvides(root, IRoot)
    return root, root.put("shop", Place())


def test_items_and_what_lies_elsewhere_are_references():
    root, shop = tree()
    best = shop.put("best", Contained())
    own = Contained()
    own.__parent__ = shop

    extras = ReferringExtras(
        {"best": best, "home": root, "own": own, "title": "A shop"}, shop
    )

    assert isinstance(extras["best"], Reference)
    assert isinstance(extras.get("home"), Reference)
    assert dict(extras.items())["own"] is own
    assert extras["title"] == "A shop"
    assert extras.get("none", 1) == 1
    extras["home"] = best
    assert extras["home"].target is best


def test_only_what_a_container_has_is_an_item():
    _, shop = tree()
    best = shop.put("best", Contained())
    assert is_item(best)
    best.__name__ = "another"
    assert not is_item(best)
    assert not is_item(object())


def test_a_reference_is_a_pickle_of_a_path():
    _, shop = tree()
    synchronizer = ReferenceSynchronizer(Reference(shop.put("best", Contained())))
    assert verifyObject(IDefaultSynchronizer, synchronizer)
    stream = BytesIO()

    with watching_references() as found:
        synchronizer.dump(stream)

    assert b"<string>/shop/best</string>" in stream.getvalue()
    assert found == {"/shop/best"}
