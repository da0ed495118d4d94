"""Types of other products: a line of ZCML, or a few lines of Python."""

import re

import pytest
import transaction
from Acquisition import aq_base
from OFS.Folder import Folder
from Shared.DC.ZRDB.Connection import Connection
from zope.component import getGlobalSiteManager
from zope.configuration import xmlconfig

import zope.app.fssync
from zope.app.fssync.hosts.ofs.content.interfaces import ISecretsPolicy
from zope.app.fssync.hosts.ofs.content.secrets import RecordAll
from zope.app.fssync.testing.ofs.instance import python

ZCML = """
<configure xmlns="http://namespaces.zope.org/zope"
           xmlns:fssync="http://namespaces.zope.org/fssync">
  <fssync:synchronizer
      for="{here}.Database"
      factory="zope.app.fssync.hosts.ofs.content.services.ConnectionSynchronizer"
      />
  <fssync:synchronizer
      for="{here}.Project"
      factory="zope.app.fssync.hosts.ofs.content.folder.FolderSynchronizer"
      />
</configure>
"""


WITHOUT = """
import sys
sys.modules["Products.PluggableAuthService"] = None
sys.modules["Products.PluginRegistry"] = None
from AccessControl.SecurityManagement import newSecurityManager
from AccessControl.users import User
from OFS.userfolder import UserFolder
from zope.app.fssync.hosts.ofs.host import ZopeHost
from zope.app.fssync.testing.ofs.site import configured
from zope.fssync.synchronizer import getSynchronizer
newSecurityManager(None, User("ann", "", ["Manager"], []))
with configured():
    print(type(getSynchronizer(UserFolder())).__name__, ZopeHost().fingerprint())
"""


def test_products_need_not_be_installed():
    told = python("-c", WITHOUT).stdout
    assert re.fullmatch("UserFolderSynchronizer [0-9a-f]{64}\n", told)


class Database(Connection):
    """A connection of some product."""

    encoding = "utf-8"

    def __init__(self, id, title, connection_string, encoding):
        self.id, self.title, self.encoding = id, title, encoding
        self.connection_string = connection_string

    def connect(self, connection_string):
        raise AssertionError("no test connects")


class Project(Folder):
    """A folder of some product, with an attribute of its own."""

    lead = "nobody"


@pytest.fixture
def database(site):
    context = xmlconfig.file("meta.zcml", zope.app.fssync)
    xmlconfig.string(ZCML.format(here=__name__), context)

    def make(folder):
        folder._setObject(
            "db", Database("db", "DB", "user=me password=hush", "latin-1")
        )
        folder._setObject("project", Project("project"))
        folder.project.lead = "ann"
        folder.project._setObject("sub", Folder("sub"))
        return "db"

    site.make(make)
    yield site.app.folder.db
    registry = getGlobalSiteManager()
    for policy in list(registry.getAllUtilitiesRegisteredFor(ISecretsPolicy)):
        registry.unregisterUtility(policy, ISecretsPolicy)


def test_the_address_of_a_connection_stays_in_the_database(site, database):
    files = site.checkout("/folder")
    assert not any(b"hush" in body for body in files.values())
    files.edit("folder/db", b"title = Another\n")
    site.commit("/folder", files)
    assert database.title == "Another"
    assert database.connection_string == "user=me password=hush"


def test_a_connection_can_be_checked_in(site, other, database):
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    there = other.app.folder.db
    assert (there.title, there.encoding) == ("DB", "latin-1")
    assert there.connection_string == ""
    assert other.checkout("/folder") == files


def test_a_connection_is_complete_when_the_site_says_so(site, other, database):
    getGlobalSiteManager().registerUtility(RecordAll(), ISecretsPolicy)
    files = site.checkout("/folder")
    assert files["folder/db"] == b"title = DB\nconnection = user=me password=hush\n"
    other.checkin(files, "folder")
    assert other.app.folder.db.connection_string == "user=me password=hush"


def test_a_folder_of_a_product_needs_one_line(site, other, database):
    files = site.checkout("/folder")
    assert "folder/project/sub/@@Zope/Entries.xml" in files
    other.checkin(files, "folder")
    there = other.app.folder.project
    assert type(aq_base(there)) is Project
    assert there.lead == "ann"
    assert there.objectIds() == ["sub"]
    transaction.abort()
