"""A site of CMF has its tools registered, and a copy of it as well."""

from __future__ import annotations

import pytest
from five.localsitemanager import make_objectmanager_site
from OFS.Folder import Folder
from zope.configuration import xmlconfig
from zope.interface import Interface
from zope.interface import implementer

from zope.app.fssync.testing.registrations import adapters_undone
from zope.fssync.task.commit import CommitFailed


class ITool(Interface):
    """A tool."""


@implementer(ITool)
class Tool(Folder):
    """A folder that is a tool."""


class Portal(Folder):
    """A site."""


ZCML = f"""
<configure xmlns="http://namespaces.zope.org/zope"
    xmlns:fssync="http://namespaces.zope.org/fssync" i18n_domain="zope">
  <include package="zope.app.fssync" file="meta.zcml" />
  <include package="zope.app.fssync.hosts.ofs.content" file="meta.zcml" />
  <fssync:synchronizer for="{__name__}.Portal"
      factory="zope.app.fssync.hosts.ofs.content.portal.PortalSynchronizer" />
  <fssync:synchronizer for="{__name__}.Tool"
      factory="zope.app.fssync.hosts.ofs.content.folder.FolderSynchronizer" />
  <fssync:aspect class="zope.app.fssync.hosts.ofs.content.portal.LocalTools" />
</configure>
"""

TOOLS = "folder/@@Zope/Extra/portal/tools"


@pytest.fixture
def portal(types, site):
    def make(folder):
        folder._setObject("portal", Portal("portal"))
        portal = folder.portal
        portal._setObject("tool", Tool("tool"))
        portal._setObject("other", Tool("other"))
        make_objectmanager_site(portal)
        portal.getSiteManager().registerUtility(portal.tool, ITool)
        portal.getSiteManager().registerUtility(portal.other, ITool, "other")
        portal.getSiteManager().registerUtility(object(), Interface, "elsewhere")
        return "portal"

    with adapters_undone():
        xmlconfig.string(ZCML)
        yield site.make(make)


def registered(site):
    manager = site.app.folder.portal.getSiteManager()
    found = manager.aq_base._utility_registrations
    return {
        name: each[0].component.getId()
        for (provided, name), each in found.items()
        if provided is ITool
    }


def test_tools_are_lines_and_other_registrations_are_not(portal, site):
    files = site.checkout("/folder")
    assert files[TOOLS].decode() == (
        f"{__name__}.ITool = tool\n{__name__}.ITool:other = other\n"
    )


def test_a_copy_has_its_own_tools_registered(portal, site, other):
    other.checkin(site.checkout("/folder"), "folder")
    assert registered(other) == {"": "tool", "other": "other"}
    assert other.checkout("/folder") == site.checkout("/folder")


def test_a_tool_is_registered_and_another_is_not_any_more(portal, site):
    files = site.checkout("/folder")
    files.edit(TOOLS, f"{__name__}.ITool = other\n".encode())
    site.commit("/folder", files)
    assert registered(site) == {"": "other"}


@pytest.mark.parametrize("line", [" = gone", ":x = portal", " ="])
def test_invalid_such_tool_is_refused(portal, site, line):
    files = site.checkout("/folder")
    files.edit(TOOLS, f"{__name__}.ITool{line}\n".encode())
    with pytest.raises(CommitFailed, match="there is no item"):
        site.commit("/folder", files)
