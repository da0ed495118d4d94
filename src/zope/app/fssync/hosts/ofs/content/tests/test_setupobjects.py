"""What GenericSetup writes is a file in its XML, or a directory with such files."""

from __future__ import annotations

import Products
import pytest
from OFS.Folder import Folder
from OFS.OrderedFolder import OrderedFolder
from OFS.PropertyManager import PropertyManager
from OFS.SimpleItem import SimpleItem
from Products.GenericSetup.interfaces import IBody
from Products.GenericSetup.interfaces import INode
from Products.GenericSetup.interfaces import ISetupEnviron
from Products.GenericSetup.tool import SetupTool
from Products.GenericSetup.utils import NodeAdapterBase
from Products.GenericSetup.utils import ObjectManagerHelpers
from Products.GenericSetup.utils import PropertyManagerHelpers
from Products.GenericSetup.utils import XMLAdapterBase
from zope.component import getGlobalSiteManager
from zope.interface import Interface
from zope.interface import implementer

from zope.app.fssync.hosts.ofs.content.setupobjects import register_setup
from zope.fssync.registry.synchronizers import explain
from zope.fssync.task.commit import CommitFailed


class IPolicy(Interface):
    """A policy of a tool."""


class ITool(Interface):
    """A tool with policies and options."""


class IOption(Interface):
    """An option, which the XML of its tool has."""


class Managed(SimpleItem, PropertyManager):
    _properties = (
        {"id": "title", "type": "string", "mode": "w"},
        {"id": "roles", "type": "lines", "mode": "w"},
    )
    title = ""
    roles = ()

    def __init__(self, id):
        self.id = id


@implementer(IPolicy)
class Policy(Managed):
    meta_type = "Test Policy"


@implementer(IOption)
class Option(Managed):
    meta_type = "Test Option"


@implementer(ITool)
class Tool(OrderedFolder):
    meta_type = "Test Tool"
    id = "tool"

    def __init__(self):
        """Tools know their ids."""


class PolicyBody(XMLAdapterBase, PropertyManagerHelpers):
    _LOGGER_ID = "test"

    def _exportNode(self):
        node = self._getObjectNode("object")
        node.appendChild(self._extractProperties())
        return node

    def _importNode(self, node):
        if self.environ.shouldPurge():
            self._purgeProperties()
        self._initProperties(node)


class ToolBody(XMLAdapterBase, ObjectManagerHelpers, PropertyManagerHelpers):
    _LOGGER_ID = "test"

    def _exportNode(self):
        node = self._getObjectNode("object")
        node.appendChild(self._extractProperties())
        node.appendChild(self._extractObjects())
        return node

    def _importNode(self, node):
        self._initProperties(node)
        self._initObjects(node)


class OptionNode(NodeAdapterBase, PropertyManagerHelpers):
    def _exportNode(self):
        node = self._getObjectNode("object")
        node.appendChild(self._extractProperties())
        return node

    def _importNode(self, node):
        self._initProperties(node)

    node = property(_exportNode, _importNode)


ADAPTERS = (
    (PolicyBody, IPolicy, IBody),
    (ToolBody, ITool, IBody),
    (OptionNode, IOption, INode),
)


def entry(klass, **more):
    found = {"name": klass.meta_type, "permission": "Manage portal", "instance": klass}
    return {**found, "visibility": "Global", **more}


@pytest.fixture
def tool(types, site, monkeypatch):
    registry = getGlobalSiteManager()
    for factory, kind, provided in ADAPTERS:
        registry.registerAdapter(factory, (kind, ISetupEnviron), provided)
    register_setup()
    monkeypatch.setattr(Tool, "__factory_meta_type__", "Test Tools", raising=False)
    offered = (
        *map(entry, (Policy, Option, SetupTool)),
        entry(Tool, name="Test Tools", instance=None),
    )
    monkeypatch.setattr(Products, "meta_types", (*Products.meta_types, *offered))

    def make(folder):
        folder._setObject("tool", Tool())
        folder.tool.title = "A tool"
        for name in ("second", "first"):
            folder.tool._setObject(name, Option(name))
        folder.tool._setObject("policy", Policy("policy"))
        folder.tool.policy.roles = ("Editor", "Reader")
        folder.tool._setObject("plain", Folder("plain"))
        return "tool"

    return site.make(make)


TOOL = "folder/tool"
SETUP = "folder/@@Zope/Extra/tool/setup"
POLICY = f"{TOOL}/policy"

WRITTEN = """\
<?xml version="1.0" encoding="utf-8"?>
<object name="tool" meta_type="Test Tool">
 <property name="title">A tool</property>
 <object name="second" meta_type="Test Option">
  <property name="title"/>
  <property name="roles"/>
 </object>
 <object name="first" meta_type="Test Option">
  <property name="title"/>
  <property name="roles"/>
 </object>
</object>
"""


def test_a_tool_is_a_directory_and_its_own_xml_a_part(tool, site):
    files = site.checkout("/folder")
    assert files[SETUP].decode() == WRITTEN
    below = {name for name in files if name.startswith(f"{TOOL}/") and "@@" not in name}
    assert below == {POLICY}
    assert b'name="plain"' in files[f"{TOOL}/@@Zope/Entries.xml"]


def test_an_item_is_a_file_with_all_that_is_set(tool, site):
    files = site.checkout("/folder")
    text = files[POLICY].decode()
    assert '<element value="Reader"/>' in text
    files.edit(POLICY, text.replace('  <element value="Editor"/>\n', "").encode())
    site.commit("/folder", files)
    assert site.app.folder.tool.policy.roles == ("Reader",)


def test_a_setting_that_an_item_lacks_is_not_set(tool, site):
    files = site.checkout("/folder")
    files.edit(POLICY, b'<object name="policy" meta_type="Test Policy"/>')
    site.commit("/folder", files)
    assert site.app.folder.tool.policy.roles == ()


def test_parts_of_a_tool_are_moved_added_and_removed(tool, site):
    files = site.checkout("/folder")
    text = files[SETUP].decode()
    head, second, first = text.split(" <object ")
    first, end = first.split("</object>\n</object>")
    new = first.replace("first", "new") + "</object>\n"
    text = f"{head} <object {first}</object>\n <object {new}</object>{end}"
    files.edit(SETUP, text.encode())
    site.commit("/folder", files)
    assert site.app.folder.tool.objectIds() == ["first", "policy", "plain", "new"]
    files = site.checkout("/folder")
    files.edit(
        SETUP,
        text.replace(
            "</object>\n</object>", f"</object>\n <object {second}</object>"
        ).encode(),
    )
    site.commit("/folder", files)
    found = site.app.folder.tool.objectIds()
    assert [name for name in found if name in ("first", "new", "second")] == [
        *("first", "new", "second")
    ]


def test_a_part_needs_the_permission_to_add_it(tool, site):
    files = site.checkout("/folder")
    line = '<object name="x" meta_type="User Folder"/>\n</object>'
    text = files[SETUP].decode().removesuffix("</object>\n") + line
    files.edit(SETUP, text.encode())
    with site.request():
        site.app.manage_permission("Add User Folders", [])
    with pytest.raises(CommitFailed, match="Add User Folders"):
        site.commit("/folder", files)


def test_a_copy_is_made_of_the_files(tool, site, other):
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    copied = other.checkout("/folder")
    assert copied[SETUP] == files[SETUP]
    assert copied[POLICY] == files[POLICY]
    assert other.app.folder.tool.policy.roles == ("Editor", "Reader")


def test_an_item_is_added_and_removed(tool, site):
    files = site.checkout("/folder")
    files.add(f"{TOOL}/other", files[POLICY], factory=f"{__name__}.Policy")
    files.remove(POLICY)
    site.commit("/folder", files)
    assert site.app.folder.tool.other.roles == ("Editor", "Reader")
    assert "policy" not in site.app.folder.tool.objectIds()


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        (POLICY, b"<object/>", "it does not describe a Test Policy"),
        (POLICY, b"<object", "not well-formed"),
        (SETUP, b"<object/>", "it does not describe a Test Tool"),
        (SETUP, b"<!DOCTYPE o><o/>", "the document has a DTD"),
    ],
)
def test_invalid_such_object_is_refused(tool, site, path, text, reason):
    files = site.checkout("/folder")
    files.edit(path, text)
    with pytest.raises(CommitFailed, match=reason):
        site.commit("/folder", files)


def test_setupobjects_is_explained_by_the_interface(tool, site):
    found = explain(site.app.folder.tool.policy.aq_base)
    assert found is not None
    assert found.registered_for.endswith("IPolicy")
    assert found.factory.endswith("SetupSynchronizer")


def test_a_setup_tool_keeps_the_versions_of_profiles(tool, site, other):
    def make(folder):
        folder._setObject("portal_setup", SetupTool("portal_setup"))
        folder.portal_setup.setLastVersionForProfile("a:default", "3")
        return "portal_setup"

    site.make(make)
    other.checkin(site.checkout("/folder"), "folder")
    copied = other.app.folder.portal_setup
    assert copied.getLastVersionForProfile("a:default") == ("3",)
