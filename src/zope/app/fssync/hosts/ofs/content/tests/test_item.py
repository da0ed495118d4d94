"""Items of products: their properties are the file, the rest is beside it."""

from __future__ import annotations

import pytest
from OFS.ObjectManager import ObjectManager
from OFS.PropertyManager import PropertyManager
from OFS.SimpleItem import SimpleItem
from zope.component import provideUtility
from zope.component.globalregistry import base

from zope.app.fssync.hosts.ofs.content.item import PropertyItemSynchronizer
from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.fssync.interfaces import ISynchronizerFactory


class Article(SimpleItem, PropertyManager):
    """An item that wants an id and a title."""

    _properties = ({"id": "title", "type": "string", "mode": "w"},)

    def __init__(self, id, title):
        self.id = id
        self.title = title
        self.remark = "beside"


class Rack(ObjectManager, SimpleItem):
    """Something with items that is no folder."""

    def __init__(self, id):
        self.id = id


@pytest.fixture
def article(site):
    name = f"{__name__}.Article"
    provideUtility(PropertyItemSynchronizer, ISynchronizerFactory, name)

    def make(folder):
        folder._setObject("a", Article("a", "About"))
        folder.a.manage_addProperty("keywords", ["x", "y"], "lines")
        return "a"

    yield site.make(make)
    base.unregisterUtility(provided=ISynchronizerFactory, name=name)


def test_its_properties_are_the_file(article, site):
    files = site.checkout("/folder")
    assert files["folder/a"].decode() == (
        "keywords (lines)\n    x\n    y\ntitle (string, mode w) = About\n"
    ).replace(", mode w", "")
    assert b"beside" in files["folder/@@Zope/Extra/a/attributes"]
    files.edit("folder/a", files["folder/a"].replace(b"About", b"Changed"))
    site.commit("/folder", files)
    assert article.title == "Changed"
    assert site.checkout("/folder")["folder/a"] == files["folder/a"]


def test_one_is_made_without_calling_its_class(article, site, other):
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    copy = other.app.folder.a
    assert (copy.getId(), copy.title, copy.remark) == ("a", "About", "beside")
    assert copy.getProperty("keywords") == ("x", "y")


def test_objects_that_have_items_are_a_directory(site):
    def make(folder):
        folder._setObject("rack", Rack("rack"))
        samples.text_file(folder.rack)
        return "rack"

    site.make(make)
    files = site.checkout("/folder")
    assert "folder/rack/a.txt" in files
    files.edit("folder/rack/a.txt", b"changed")
    files.add("folder/rack/b.txt", b"new")
    site.commit("/folder", files)
    assert site.app.folder.rack["a.txt"].data == b"changed"
    assert site.app.folder.rack["b.txt"].data == b"new"
