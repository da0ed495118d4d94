"""Zope as a host, with a database in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from Acquisition import aq_base
from OFS.Folder import Folder
from ZODB import DB
from zope.interface.verify import verifyObject

from zope.app.fssync.hosts.ofs.request import ZopeViewRequest
from zope.app.fssync.hosts.ofs.tests.place import ZopePlace
from zope.app.fssync.server.interfaces import IViewRequest
from zope.app.fssync.testing.hostcontract import HostContract
from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import calling
from zope.app.fssync.testing.ofs.site import configured


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

    def test_nothing_was_there_before_the_database_had_a_root(self, place):
        empty = DB(None)
        assert place.host.old(place.root.folder, empty.open()) is None
        empty.close()

    def test_an_object_that_claims_another_place_has_the_rights_of_its_own(self, place):
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
