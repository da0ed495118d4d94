"""The order of a container is a file that can be edited, for those who may."""

from __future__ import annotations

import pytest
from zope.app.file.file import File
from zope.configuration import xmlconfig
from zope.container.ordered import OrderedContainer
from zope.interface import Interface
from zope.interface import implementer
from zope.schema import TextLine
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder

from zope.app.fssync.hosts.toolkit.tests.test_host_adapters import ZCML
from zope.app.fssync.testing.registrations import adapters_undone


class IShelf(Interface):
    place = TextLine(title="Place", default="here")


class Shelf(OrderedContainer):
    """A container with an order."""


@implementer(IShelf)
class Described(OrderedContainer):
    """The same, with a field."""

    place = "here"


NAME = __name__

DIRECTIVES = f"""
<fssync:synchronizer for="{NAME}.Shelf"
    permission="zope.View" write="zope.ManageContent"
    factory="zope.app.fssync.content.container.ContainerSynchronizer" />
<fssync:synchronizer for="{NAME}.Described" schema="{NAME}.IShelf"
    permission="zope.View" write="zope.ManageContent" />
"""

EXTRA = "demo/@@Zope/Extra/shelf/order"


@pytest.fixture(params=[Shelf, Described])
def shelf(site, request):
    with adapters_undone():
        xmlconfig.string(ZCML.format(DIRECTIVES))
        demo = site.root["demo"] = Folder()
        shelf = demo["shelf"] = request.param()
        for name in "zam":
            shelf[name] = File(name.encode(), "text/plain")
        site.commit()
        yield shelf


def test_the_order_is_told_and_changed(shelf, site):
    archive = site.checkout("/demo")
    assert archive[EXTRA] == b"z\na\nm\n"
    archive.edit(EXTRA, b"m\nz\na\n")

    accepted = site.accept("/demo", archive)

    assert list(shelf) == ["m", "z", "a"]
    assert accepted == site.checkout("/demo")


def test_new_items_come_last_unless_they_are_named(shelf, site):
    archive = site.checkout("/demo")
    kind = "zope.app.file.file.File"
    for name in "bc":
        archive.add(f"demo/shelf/{name}", b"new", type=kind, factory=kind)
    archive.edit(EXTRA, b"c\nz\na\nm\n")

    accepted = site.accept("/demo", archive)

    assert list(shelf) == ["c", "z", "a", "b", "m"]
    assert accepted[EXTRA] == b"c\nz\na\nb\nm\n"


def test_a_copy_has_the_order(shelf, site):
    archive = site.checkout("/demo")

    path = "/@@checkin.snarf?name=copy&src=demo"
    answer = site.request("POST", path, "manager", archive.dump())
    assert answer.status_int == 200, answer.text

    assert list(site.root["copy"]["shelf"]) == ["z", "a", "m"]


def test_invalid_list_of_names_is_refused(shelf, site):
    archive = site.checkout("/demo")
    archive.edit(EXTRA, b"z = 1\n")

    response = site.submit("/demo", archive)

    assert response.status_int == 409
    assert "one name in each line" in response.text
    assert list(shelf) == ["z", "a", "m"]


def test_a_user_who_may_only_read_arranges_nothing(shelf, site):
    archive = site.checkout("/demo")
    archive.edit(EXTRA, b"m\nz\na\n")

    assert site.submit("/demo", archive, "reader").status_int == 403

    assert list(shelf) == ["z", "a", "m"]


def test_names_of_withheld_items_are_not_told_and_stay(shelf, site):
    permissions = IPrincipalPermissionManager(shelf["a"])
    permissions.denyPermissionToPrincipal("zope.View", "zope.editor")
    permissions.denyPermissionToPrincipal("zope.ManageContent", "zope.editor")
    site.commit()
    archive = site.checkout("/demo", "editor")
    assert archive[EXTRA] == b"z\nm\n"
    archive.edit(EXTRA, b"m\nz\n")

    site.accept("/demo", archive, "editor")

    assert list(shelf) == ["m", "a", "z"]
