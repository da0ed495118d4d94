"""A ZCatalog is a file in the XML of GenericSetup."""

from __future__ import annotations

import Products.GenericSetup.PluginIndexes as indexes
import Products.GenericSetup.ZCatalog as catalogs
import pytest
import zope.component
from OFS.Folder import Folder
from OFS.SimpleItem import SimpleItem
from Products.PluginIndexes.FieldIndex.FieldIndex import FieldIndex
from Products.ZCatalog.ZCatalog import ZCatalog
from zope.configuration import xmlconfig

from zope.app.fssync.hosts.ofs.content.setupbody import drop_unchanged
from zope.app.fssync.hosts.ofs.content.setupbody import made
from zope.app.fssync.hosts.ofs.content.setupbody import parsed
from zope.fssync.limits import SETTINGS_PARTS
from zope.fssync.task.commit import CommitFailed


@pytest.fixture
def catalog(types, site):
    context = xmlconfig.file("meta.zcml", zope.component)
    for package in (catalogs, indexes):
        xmlconfig.file("configure.zcml", package, context)

    def make(folder):
        folder._setObject("catalog", ZCatalog("catalog", "All of it"))
        folder.catalog.addIndex("getId", FieldIndex("getId"))
        folder.catalog.addIndex("title", FieldIndex("title"))
        folder.catalog.addColumn("title")
        folder._setObject("sub", Folder("sub"))
        folder.catalog.catalog_object(folder.sub, "/folder/sub")
        return "catalog"

    return site.make(make)


CATALOG = "folder/catalog"


def test_setupbody_has_indexes_and_columns_and_no_data(catalog, site):
    files = site.checkout("/folder")
    text = files[CATALOG].decode()
    assert '<index name="getId" meta_type="FieldIndex">' in text
    assert '<column value="title"/>' in text
    assert "sub" not in text
    assert b"_catalog" not in files["folder/@@Zope/Extra/catalog/attributes"]


def test_a_change_keeps_the_data_of_the_rest(catalog, site):
    files = site.checkout("/folder")
    text = files[CATALOG].decode()
    head, _, rest = text.partition(' <index name="title"')
    text = head + rest.partition("</index>\n")[2]
    column = ' <column value="title"/>'
    text = text.replace(column, f' <column value="getId"/>\n{column}')
    files.edit(CATALOG, text.encode())
    site.commit("/folder", files)
    catalog = site.app.folder.catalog
    assert list(catalog.indexes()) == ["getId"]
    assert sorted(catalog.schema()) == ["getId", "title"]
    assert len(catalog) == 1
    assert [each.getPath() for each in catalog(getId="sub")] == ["/folder/sub"]
    assert site.checkout("/folder")[CATALOG].decode() == text


def test_a_copy_is_empty(catalog, site, other):
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    assert other.checkout("/folder")[CATALOG] == files[CATALOG]
    assert len(other.app.folder.catalog) == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"<object", "not well-formed"),
        (b'<!DOCTYPE o [<!ENTITY e "x">]><o>&e;</o>', "the document has a DTD"),
        (
            b'<object meta_type="ZCatalog"><index name="x" meta_type="Gone"/></object>',
            "not taken",
        ),
        (b'<object meta_type="Zope"/>', "it does not describe a ZCatalog"),
        (b"<site/>", "it does not describe a ZCatalog"),
        (b"<o>%s</o>" % (b"<a/>" * SETTINGS_PARTS), "the document has more than"),
        (
            b"<o%s/>" % b"".join(b' a%d=""' % i for i in range(SETTINGS_PARTS)),
            "the document has more than",
        ),
    ],
    ids=lambda value: value[:30],
)
def test_invalid_catalog_is_refused(catalog, site, text, reason):
    files = site.checkout("/folder")
    files.edit(CATALOG, text)
    with pytest.raises(CommitFailed, match=reason):
        site.commit("/folder", files)


class Plain(SimpleItem):
    """A tool without an ``__init__``."""


class Named(SimpleItem):
    def __init__(self, id):
        self.id = id


@pytest.mark.parametrize("klass", [Plain, Named])
def test_objects_are_made_with_an_id_or_without(klass):
    assert type(made(klass)) is klass
    assert made(klass).getId() == ""


def test_unchanged_parts_are_dropped_without_looking_for_each(monkeypatch):
    """`removeChild` looks among all parts: 8,000 of them took a second."""
    monkeypatch.delattr("xml.dom.minidom.Node.removeChild")
    wanted, current = (
        parsed(f'<o><a/><index name="x" {x}/><index name="y"/>z<b/></o>'.encode())
        for x in ('a="1"', 'a="2"')
    )

    drop_unchanged(wanted, current)

    root = wanted.documentElement
    assert root is not None
    assert root.toxml() == '<o><a/><index name="x" a="1"/>z<b/></o>'
    nodes = root.childNodes
    assert [each.nextSibling for each in nodes] == [*nodes[1:], None]
    assert [each.previousSibling for each in nodes] == [None, *nodes[:-1]]
