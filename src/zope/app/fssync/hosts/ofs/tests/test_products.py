"""Derived classes are made where a product offers them, with its permission."""

from __future__ import annotations

from collections.abc import Iterator

import Products
import pytest
from OFS.Folder import Folder
from OFS.SimpleItem import SimpleItem
from zope.configuration import xmlconfig
from zope.interface.verify import verifyObject

from zope.app.fssync.hosts.ofs.products import OfferedTypes
from zope.app.fssync.hosts.ofs.products import adding_permissions
from zope.app.fssync.hosts.ofs.tests.place import ZopePlace
from zope.app.fssync.server.making import Makeable
from zope.app.fssync.server.making import makeable
from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import configured
from zope.fssync.errors import NameRefused
from zope.fssync.interfaces import ITypes
from zope.fssync.registry import names
from zope.fssync.synchronizer import dottedname

#: What the product asks for.
PERMISSION = "Manage properties"


class Shop(Folder):
    """A folder of a product."""


class Booth(Folder):
    """A folder that no product offers."""

    def __init__(self, id: str, size: int) -> None:
        super().__init__(id)
        self.size = size


class Thing(SimpleItem):
    """Something that nobody described."""


def offer(klass: type) -> None:
    xmlconfig.string(
        f"""
        <configure xmlns:fssync="http://namespaces.zope.org/fssync"
            xmlns="http://namespaces.zope.org/zope" i18n_domain="zope">
          <include package="zope.app.fssync" file="meta.zcml" />
          <fssync:offer class="{dottedname(klass)}" title="A stand" />
        </configure>
        """
    )


def entry(klass: type) -> dict[str, object]:
    return {
        "name": klass.__name__,
        "permission": PERMISSION,
        "visibility": "Global",
        "instance": klass,
    }


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[ZopePlace]:
    with configured(), application() as app:
        offered = (*Products.meta_types, entry(Shop), entry(Thing))
        monkeypatch.setattr(Products, "meta_types", offered)
        yield ZopePlace(app)


def test_the_types_are_what_the_interface_says() -> None:
    assert verifyObject(ITypes, OfferedTypes())


def test_an_offered_class_with_a_described_base_is_made(place: ZopePlace) -> None:
    assert type(names.factory(dottedname(Shop))()) is Shop


@pytest.mark.parametrize("klass", [Booth, Thing])
def test_no_other_class_is_made(place: ZopePlace, klass: type) -> None:
    with pytest.raises(NameRefused):
        names.factory(dottedname(klass))


def test_a_class_that_wants_arguments_is_not_called(
    place: ZopePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Products, "meta_types", (entry(Booth),))
    made = names.factory(dottedname(Booth))()
    assert (type(made), made.getId(), vars(made)) == (Booth, "", {"id": ""})


def test_a_class_that_no_product_offers_is_offered_in_zcml(place: ZopePlace) -> None:
    with place.calling("manager"):
        offer(Booth)
        assert type(names.factory(dottedname(Booth))()) is Booth
        found = list(makeable(place.host, place.host.access(), place.folder))
        assert Makeable(dottedname(Booth), "directory", "A stand") in found


def test_products_is_in_the_list_of_what_can_be_made(place: ZopePlace) -> None:
    with place.calling("manager"):
        found = list(makeable(place.host, place.host.access(), place.folder))
    assert Makeable(dottedname(Shop), "directory", "Shop") in found
    assert dottedname(Thing) not in [each.factory for each in found]


def test_the_permission_of_the_product_is_asked_for(place: ZopePlace) -> None:
    assert list(adding_permissions(Shop)) == [PERMISSION]
    assert list(adding_permissions(Booth)) == []
    place.folder.manage_permission("Add Folders", ["Reader"], acquire=1)
    with place.calling("reader"):
        folder = place.host.access()(place.folder)
        folder["plain"] = Folder("plain")
        with pytest.raises(place.host.denials):
            folder["shop"] = Shop("shop")
    place.folder.manage_permission(PERMISSION, ["Reader"], acquire=1)
    with place.calling("reader"):
        place.host.access()(place.folder)["shop"] = Shop("shop")
    assert place.folder.objectIds() == ["a.txt", "plain", "shop"]
