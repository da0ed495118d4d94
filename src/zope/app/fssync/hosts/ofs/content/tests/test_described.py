"""Classes of add-ons: by their base, or by an adapter."""

from __future__ import annotations

import io

import pytest
import transaction
from AccessControl.unauthorized import Unauthorized
from OFS.Folder import Folder
from OFS.Image import File
from OFS.SimpleItem import SimpleItem
from Products.PythonScripts.PythonScript import PythonScript
from zope.interface import Interface
from zope.interface import implementer
from Zope2.App import zcml

from zope.app.fssync.hosts.ofs.content.described import synchronizer_class
from zope.app.fssync.hosts.ofs.content.folder import FolderSynchronizer
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.app.fssync.testing.ofs.site import calling
from zope.app.fssync.testing.registrations import adapters_undone
from zope.fssync.synchronizer import FileSynchronizer

NAME = __name__


class Shop(Folder):
    """A folder of an add-on."""

    meta_type = "Shop"


class ShopScript(PythonScript):
    """A script of an add-on."""


class INote(Interface):
    """A note."""


@implementer(INote)
class Note(SimpleItem):
    text = ""
    colour = "red"

    def __init__(self, id=""):
        self.id = id


class NoteSynchronizer(FileBody, write="Manage properties", add="Add Documents"):
    body = frozenset(["text"])

    def dump(self, writeable):
        writeable.write(self.context.text.encode())

    def load(self, readable):
        self.context.text = readable.read().decode()


class PlainSynchronizer(FileSynchronizer):
    dump = NoteSynchronizer.dump
    load = NoteSynchronizer.load


@pytest.fixture
def shop(site):
    def make(folder):
        folder._setObject("shop", Shop("shop"))
        folder.shop.currency = "EUR"
        folder.shop._setObject("a.txt", File("a.txt", "", b"a", "text/plain"))
        folder.shop._setObject("run", ShopScript("run"))
        folder.shop.run.write("return 1\n")
        folder.shop.run.price = 3
        folder._setObject("note", Note("note"))
        folder.note.text = "text"
        return "shop"

    site.make(make)
    transaction.commit()
    with adapters_undone():
        yield site


def configure(factory, said=""):
    zcml.load_string(
        f"""<configure xmlns:fssync="http://namespaces.zope.org/fssync"
                       xmlns="http://namespaces.zope.org/zope">
          <include package="Products.Five" file="meta.zcml" />
          <include package="AccessControl" file="permissions.zcml" />
          <include package="zope.app.fssync" file="meta.zcml" />
          <fssync:synchronizer for="{NAME}.INote" factory="{NAME}.{factory}" {said} />
        </configure>"""
    )


def test_a_derived_folder_is_a_directory_that_may_be_committed(shop):
    files = shop.checkout("/folder")
    assert files["folder/shop/a.txt"] == b"a"
    assert files["folder/shop/run"] == b"return 1\n"
    attributes = "folder/@@Zope/Extra/shop/attributes"
    assert b"EUR" in files[attributes]
    assert b"price" in files["folder/shop/@@Zope/Extra/run/attributes"]
    files.edit("folder/shop/a.txt", b"b")
    files.edit("folder/shop/run", b"return 2\n")
    files.edit(attributes, files[attributes].replace(b"EUR", b"SEK"))
    shop.commit("/folder", files)
    there = shop.app.folder.shop
    assert (there["a.txt"].data, there.currency) == (b"b", "SEK")
    assert (there.run(), there.run.price) == (2, 3)
    assert synchronizer_class(there) is FolderSynchronizer


def test_a_user_who_may_not_change_folders_changes_no_derived_one(shop):
    files = shop.checkout("/folder")
    shop.user = "reader"
    assert "folder/shop/a.txt" not in shop.checkout("/folder")
    files.edit("folder/shop/a.txt", b"b")
    with pytest.raises(Exception, match="may not"):
        shop.commit("/folder", files)
    assert shop.app.folder.shop["a.txt"].data == b"a"


def test_an_adapter_for_an_interface_has_the_permissions_of_its_class(shop):
    assert b"<pickle>" in shop.checkout("/folder")["folder/note"]
    configure("NoteSynchronizer")
    files = shop.checkout("/folder")
    assert files["folder/note"] == b"text"
    files.edit("folder/note", b"new")
    shop.commit("/folder", files)
    assert shop.app.folder.note.text == "new"


@pytest.mark.parametrize(
    ("said", "read", "written"),
    [
        ('permission="zope2.View" write="zope2.View"', True, True),
        ('permission="zope2.View"', True, False),
        ('permission="zope2.ViewManagementScreens"', False, False),
    ],
)
def test_a_directive_says_who_may_what(shop, said, read, written):
    configure("PlainSynchronizer", said)
    note = shop.app.folder.note
    with calling(shop.app, "reader"):
        synchronizer = shop.host.access()(note)
        assert (synchronizer is not None) is read
        if written:
            synchronizer.load(io.BytesIO(b"new"))
        elif read:
            with pytest.raises(Unauthorized):
                synchronizer.load(io.BytesIO(b"new"))
    assert (note.text == "new") is written
