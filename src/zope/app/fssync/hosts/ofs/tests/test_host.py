"""Zope as a host, with a database in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import transaction
from AccessControl import getSecurityManager
from AccessControl.SecurityManagement import newSecurityManager
from AccessControl.SecurityManagement import noSecurityManager
from AccessControl.users import system
from Acquisition import aq_base
from OFS.Folder import Folder
from OFS.Image import File
from Products.PluggableAuthService.interfaces.plugins import IGroupsPlugin
from Products.PluggableAuthService.plugins.BasePlugin import BasePlugin
from Products.PluggableAuthService.PropertiedUser import PropertiedUser
from zope.component import getUtility
from zope.interface import classImplements
from zope.interface.verify import verifyObject

from zope.app.fssync.hosts.ofs.request import ZopeViewRequest
from zope.app.fssync.server.interfaces import IDetached
from zope.app.fssync.server.interfaces import IHost
from zope.app.fssync.server.interfaces import IViewRequest
from zope.app.fssync.testing.hostcontract import HostContract
from zope.app.fssync.testing.hostcontract import HostPlace
from zope.app.fssync.testing.ofs.pas import replace
from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import calling
from zope.app.fssync.testing.ofs.site import configured

VIEW = "View management screens"


class ZopePlace(HostPlace):
    """An application in memory; readers read what is not closed to them."""

    def __init__(self, app: Any) -> None:
        self.host = getUtility(IHost)
        self.root = app
        app._setObject("folder", Folder("folder"))
        self.folder = app.folder
        self.folder._setObject("a.txt", File("a.txt", "", b"text", "text/plain"))
        self.folder.manage_addLocalRoles("reader", ["Reader"])
        self.folder._addRole("Reader")
        self.folder.manage_permission(VIEW, ["Reader"], acquire=1)
        self.file = self.folder["a.txt"]

    def calling(self, name: str) -> AbstractContextManager[None]:
        return calling(self.root, name)

    def new_file(self, body: bytes) -> Any:
        return File("b.txt", "", body, "text/plain")


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


def test_a_request_keeps_the_contract_of_an_exchange(place):
    view_request = IViewRequest(place.root.REQUEST)
    assert isinstance(view_request, ZopeViewRequest)
    assert verifyObject(IViewRequest, view_request)


class TestZopeHost(HostContract):
    """All of the contract, and what is Zope's alone."""

    def test_objects_have_the_rights_of_where_they_are_stored(self, place):
        place.root._setObject("other", Folder("other"))
        place.root.other.manage_addLocalRoles("stranger", ["Manager"])
        acquired = place.root.other.folder
        with place.calling("stranger"):
            access = place.host.access()
            assert access(place.root.other) is not None
            assert access(acquired) is None
            assert access(acquired["a.txt"]) is None

    def test_what_claims_another_place_has_the_rights_of_its_own(self, place):
        place.root._setObject("other", Folder("other"))
        place.root.other.manage_addLocalRoles("stranger", ["Manager"])
        claimed = place.new_file(b"").__of__(place.root.other)
        with place.calling("stranger"):
            access = place.host.access()
            assert access(claimed) is not None
            assert access(claimed, context=place.folder) is None

    @pytest.mark.parametrize("where", ["", "folder", "folder/a.txt"])
    def test_roles_that_an_object_computes_may_change_unseen(self, place, where):
        obj = place.root.unrestrictedTraverse(where)
        aq_base(obj).__ac_local_roles__ = lambda: {"reader": ["Reader"]}
        for reading in (False, True):
            with place.calling("manager"):
                access = place.host.access(reading)
                folder = access(place.folder)
                assert access.self_contained == (where == "folder/a.txt")
                access(folder["a.txt"])
                assert not access.self_contained

    def test_adding_asks_for_the_permission_of_the_type(self, place):
        place.folder.manage_permission("Add Folders", ["Reader"], acquire=1)
        with place.calling("reader"):
            folder = place.host.access()(place.folder)
            folder["new"] = Folder("new")
            with pytest.raises(place.host.denials):
                folder["b.txt"] = place.new_file(b"")

    def test_removing_asks_for_the_permission_to_delete(self, place):
        place.folder.manage_permission("Delete objects", ["Reader"], acquire=1)
        with place.calling("reader"):
            del place.host.access()(place.folder)["a.txt"]
        assert place.folder.objectIds() == []

    def test_a_password_user_of_a_folder_has_no_rights_above_it(self, place):
        place.folder.manage_addUserFolder()
        place.folder.acl_users._doAddUser("local", "pw", ["Manager"], [])
        with calling(place.folder, "local"):
            access = place.host.access()
            assert access(place.file) is not None
            assert access(place.root) is None

    def test_a_detached_object_has_the_rights_of_its_caller(self, place):
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
    def test_nothing_is_detached_for_rights_of_a_request(self, place, groups):
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

    def test_nothing_is_detached_for_users_of_no_folder(self, place):
        newSecurityManager(None, system)
        try:
            assert place.host.detached(place.folder) is None
        finally:
            noSecurityManager()
