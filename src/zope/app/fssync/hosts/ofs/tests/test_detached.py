"""Objects of Zope outlive the request, where the rights of its caller do."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
import transaction
from AccessControl import getSecurityManager
from AccessControl.SecurityManagement import newSecurityManager
from AccessControl.SecurityManagement import noSecurityManager
from AccessControl.users import system
from Products.PluggableAuthService.interfaces.plugins import IGroupsPlugin
from Products.PluggableAuthService.plugins.BasePlugin import BasePlugin
from Products.PluggableAuthService.PropertiedUser import PropertiedUser
from zope.interface import classImplements
from zope.interface.verify import verifyObject

from zope.app.fssync.hosts.ofs.tests.place import ZopePlace
from zope.app.fssync.server.interfaces import IDetached
from zope.app.fssync.testing.ofs.pas import replace
from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import configured


class OutOfRequest(BasePlugin):
    """Knows groups of users, but others where there is no request."""

    def __init__(self, id: str, groups: Any) -> None:
        self.id = id
        self.groups = groups

    def getGroupsForPrincipal(self, principal: Any, request: Any = None) -> Any:
        if isinstance(self.groups, Exception):
            raise self.groups
        return self.groups


classImplements(OutOfRequest, IGroupsPlugin)


@pytest.fixture(scope="module")
def components() -> Iterator[None]:
    with configured():
        yield


@pytest.fixture
def place(components: None) -> Iterator[ZopePlace]:
    with application() as app:
        yield ZopePlace(app)


def test_a_detached_object_has_the_rights_of_its_caller(place):
    transaction.commit()
    with place.calling("reader"):
        detached = place.host.detached(place.folder)
    assert verifyObject(IDetached, detached)
    assert detached.obj._p_jar is not place.folder._p_jar
    assert getSecurityManager().getUser().getId() is None
    with detached.active():
        access = place.host.access(reading=True)
        stream = io.BytesIO()
        access(access(detached.obj)["a.txt"]).dump(stream)
        with pytest.raises(place.host.denials):
            access(detached.obj["a.txt"]).load(io.BytesIO(b"new"))
    detached.close()
    detached.close()
    assert stream.getvalue() == b"text"
    assert getSecurityManager().getUser().getId() is None


@pytest.mark.parametrize("groups", [("editors",), ValueError("no request")])
def test_nothing_is_detached_for_rights_of_a_request(place, groups):
    users = replace(place.root)
    users._setObject("dynamic", OutOfRequest("dynamic", groups))
    users.dynamic.manage_activateInterfaces(["IGroupsPlugin"])
    transaction.commit()
    user = PropertiedUser("ann")
    user._addRoles(["Authenticated"])
    newSecurityManager(None, user.__of__(users))
    try:
        assert place.host.fingerprint() is not None
        assert place.host.detached(place.folder) is None
    finally:
        noSecurityManager()


def test_nothing_is_detached_for_users_of_no_folder(place):
    newSecurityManager(None, system)
    try:
        assert place.host.detached(place.folder) is None
    finally:
        noSecurityManager()
