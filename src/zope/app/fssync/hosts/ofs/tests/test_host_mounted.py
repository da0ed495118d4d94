"""What another database holds stays where it is."""

from __future__ import annotations

import pytest
import transaction
from Acquisition import aq_base
from OFS.Folder import Folder
from OFS.SimpleItem import SimpleItem
from ZODB import DB
from ZODB.DemoStorage import DemoStorage
from zope.component import getUtility

from zope.app.fssync.server.interfaces import IHost
from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import calling
from zope.app.fssync.testing.ofs.site import configured


class MountPoint(SimpleItem):
    """Stands for that of Products.TemporaryFolder: a folder of another database."""

    def __init__(self, id, folder):
        self.id = id
        self._v_folder = folder

    def __of__(self, parent):
        return aq_base(self._v_folder).__of__(parent)


@pytest.fixture
def app():
    with configured(), application() as app:
        other = DB(DemoStorage())
        connection = other.open()
        folder = connection.root()["folder"] = Folder("mounted")
        folder._setObject("inside", Folder("inside"))
        transaction.commit()
        app._setObject("demo", Folder("demo"))
        app.demo._setObject("own", Folder("own"))
        app.demo._setOb("mounted", MountPoint("mounted", folder))
        app.demo._objects += ({"id": "mounted", "meta_type": "Folder"},)
        yield app
        transaction.abort()
        connection.close()
        other.close()


def test_host_mounted_is_withheld_from_who_asks_for_what_is_around_it(app):
    transaction.savepoint()
    with calling(app, "manager"):
        access = getUtility(IHost).access()
        assert aq_base(app.demo.mounted)._p_jar is not app.demo._p_jar
        assert access(app.demo.own, context=app.demo) is not None
        assert access(app.demo.mounted, context=app.demo) is None


def test_a_user_who_asks_for_it_gets_it(app):
    with calling(app, "manager"):
        access = getUtility(IHost).access()
        mounted = app.demo.mounted
        assert access(mounted) is not None
        assert access(mounted.inside, context=mounted) is not None
        access.top = mounted
        assert access(mounted, context=app.demo) is not None
