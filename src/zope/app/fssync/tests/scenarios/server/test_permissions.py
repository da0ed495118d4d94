"""What each account may read and write: permissions in the place of an object.

It is the same however the synchronizer is found: by an adapter for the class, for a
base of it or for an interface, or by the name of the class as in release 3.6.0.
"""

from __future__ import annotations

import pytest
from zope.dublincore.interfaces import IZopeDublinCore
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.securitypolicy.interfaces import IPrincipalRoleManager
from zope.securitypolicy.interfaces import IRolePermissionManager
from zope.site.site import LocalSiteManager

from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.tests.scenarios.server.found import WAYS
from zope.app.fssync.tests.scenarios.server.found import found_by

TITLE = "demo/@@Zope/Annotations/a.txt/zope.app.dublincore.ZopeDublinCore"


@pytest.fixture(params=WAYS)
def found(request, configured_layer):
    with found_by(request.param) as kinds:
        yield kinds


@pytest.fixture
def demo(site, found):
    folder = site.root["demo"] = found.folder()
    folder["a.txt"] = found.file(b"a", "text/plain")
    IZopeDublinCore(folder["a.txt"]).title = "A"
    folder["site"] = found.folder()
    folder["site"].setSiteManager(LocalSiteManager(folder["site"]))
    site.commit()
    return site


def visible(archive: Archive) -> set[str]:
    return {path for path in archive if "Entries.xml" not in path}


class TestReading:
    def test_a_manager_sees_all(self, demo):
        response = demo.request("GET", "/demo/@@toFS.snarf", "manager")
        assert WITHHELD not in response.headers
        archive = Archive.parse(response.body)
        assert {TITLE, "demo/a.txt", "demo/site/++etc++site"} <= visible(archive)
        assert "demo/@@Zope/Extra/a.txt/contentType" in archive

    def test_an_editor_sees_no_site_manager(self, demo):
        archive = demo.checkout("/demo", "editor")
        assert TITLE in archive
        assert "demo/site/++etc++site" not in archive
        assert "++etc++site" not in archive.entries("demo/site")

    def test_a_reader_sees_content_only_and_the_rest_is_counted(self, demo):
        response = demo.request("GET", "/demo/@@toFS.snarf", "reader")
        assert visible(Archive.parse(response.body)) == {"demo/a.txt"}
        assert int(response.headers[WITHHELD]) > 0

    def test_a_wrong_password_is_not_answered_by_a_smaller_archive(self, demo):
        response = demo.request(
            "GET", "/demo/@@toFS.snarf", None, Authorization="Basic manager:wrong"
        )
        assert response.status_int == 401
        assert demo.request("GET", "/demo/@@toFS.snarf", None).status_int == 200

    def test_unreadable_objects_get_no_answer(self, demo):
        response = demo.request("GET", "/demo/site/++etc++site/@@toFS.snarf", "editor")
        assert response.status_int in (401, 403)


class TestWriting:
    def test_a_reader_may_not_commit(self, demo):
        archive = demo.checkout("/demo", "reader")
        assert demo.submit("/demo", archive, "reader").status_int in (401, 403)
        assert demo.submit("/demo", archive, None).status_int == 401

    @pytest.mark.parametrize("base", [b"a", b"guessed"])
    @pytest.mark.parametrize(
        "view",
        [
            *("fromFS.snarf", "rehearse-commit.snarf"),
            *(
                "checkin.snarf?name=x&src=demo",
                "rehearse-checkin.snarf?name=x&src=demo",
            ),
        ],
    )
    def test_a_user_who_may_write_and_not_view_changes_and_learns_nothing(
        self, demo, view, base
    ):
        archive = demo.checkout("/demo", "reader")
        manager = IPrincipalPermissionManager(demo.root["demo"])
        manager.grantPermissionToPrincipal("zope.ManageContent", "zope.local")
        manager.denyPermissionToPrincipal("zope.View", "zope.local")
        demo.commit()
        archive["demo/a.txt"] = b"mine"
        archive["demo/@@Zope/Original/a.txt"] = base
        response = demo.request("POST", f"/demo/@@{view}", "local", archive.dump())
        assert response.status_int == 403
        assert b"a.txt" not in response.body
        assert demo.root["demo"]["a.txt"].data == b"a"
        assert "x" not in demo.root["demo"]

    def test_objects_withheld_from_an_editor_survive_their_commit(self, demo):
        archive = demo.checkout("/demo", "editor")
        archive.edit("demo/a.txt", b"b")
        archive.add("demo/site/new.txt", b"new")
        demo.accept("/demo", archive, "editor")
        folder = demo.root["demo"]
        assert folder["a.txt"].data == b"b"
        assert folder["a.txt"].contentType == "text/plain"
        assert folder["site"]["new.txt"].data == b"new"
        assert folder["site"].getSiteManager() is not None

    def test_an_editor_may_not_remove_what_hides_something(self, demo):
        archive = demo.checkout("/demo", "editor")
        archive.edit("demo/a.txt", b"b")
        archive.remove("demo/site")
        response = demo.submit("/demo", archive, "editor")
        assert response.status_int == 403
        assert "demo/site" in response.text
        assert demo.root["demo"]["a.txt"].data == b"a"
        assert "site" in demo.root["demo"]

    def test_an_editor_may_not_write_what_only_managers_may(self, demo):
        theirs = demo.checkout("/demo", "manager")
        path = "demo/site/++etc++site"
        theirs.edit(path, theirs[path].replace(b"default", b"special"))
        response = demo.submit("/demo", theirs, "editor")
        assert response.status_int == 403
        assert list(demo.root["demo"]["site"].getSiteManager()) == ["default"]

    def test_an_editor_may_not_plant_an_annotation(self, demo):
        archive = demo.checkout("/demo", "editor")
        archive.add(
            "demo/@@Zope/Annotations/a.txt/zope.securitypolicy.roles",
            b"<pickle><dictionary/></pickle>",
            type="builtins.dict",
        )
        assert demo.submit("/demo", archive, "editor").status_int == 403

    @pytest.mark.parametrize(
        ("path", "status"), [("/private/a.txt", 403), ("/private/none", 403)]
    )
    def test_nobody_refers_to_what_he_may_not_read(self, demo, found, path, status):
        private = demo.root["private"] = found.folder()
        private["a.txt"] = found.file(b"secret", "text/plain")
        rights = IPrincipalPermissionManager(demo.root["demo"])
        rights.grantPermissionToPrincipal("zope.ManageContent", "zope.local")
        rights.grantPermissionToPrincipal("zope.ManageSite", "zope.local")
        rights = IPrincipalPermissionManager(private)
        rights.denyPermissionToPrincipal("zope.View", "zope.local")
        demo.commit()
        archive = demo.checkout("/demo", "local")
        archive.edit(
            "demo/@@Zope/Extra/a.txt/contentType",
            b"<pickle><persistent><string>%s</string></persistent></pickle>"
            % path.encode(),
        )
        response = demo.submit("/demo", archive, "local")
        assert response.status_int == status, response.text
        assert ("you may not refer" in response.text) == (status == 403)
        assert "secret" not in response.text
        assert demo.root["demo"]["a.txt"].contentType == "text/plain"

    def test_rights_granted_in_a_folder_hold_for_all_in_it(self, demo):
        grants = IPrincipalPermissionManager(demo.root["demo"])
        grants.grantPermissionToPrincipal("zope.ManageContent", "zope.local")
        demo.commit()
        archive = demo.checkout("/demo", "local")
        assert TITLE in archive
        archive.edit("demo/a.txt", b"b")
        archive.edit(TITLE, archive[TITLE].replace(b">A<", b">B<"))
        archive.add("demo/new.txt", b"new", factory="zope.app.file.file.File")
        demo.accept("/demo", archive, "local")
        folder = demo.root["demo"]
        assert folder["new.txt"].data == b"new"
        assert IZopeDublinCore(folder["a.txt"]).title == "B"
        assert demo.submit("", demo.checkout(""), "local").status_int in (401, 403)

    @pytest.mark.parametrize("level", ["", "demo", "demo/a.txt"])
    def test_roles_hold_from_where_they_are_given(self, demo, level):
        place = demo.root
        for name in filter(None, level.split("/")):
            place = place[name]
        rights = IRolePermissionManager(place)
        rights.grantPermissionToRole("zope.ManageContent", "zope.Member")
        roles = IPrincipalRoleManager(demo.root["demo"])
        roles.assignRoleToPrincipal("zope.Member", "zope.local")
        demo.commit()
        assert TITLE in demo.checkout("/demo", "local")
        roles = IPrincipalRoleManager(demo.root["demo"]["a.txt"])
        roles.removeRoleFromPrincipal("zope.Member", "zope.local")
        demo.commit()
        assert TITLE not in demo.checkout("/demo", "local")

    def test_rights_denied_to_one_object_hold_for_its_parts(self, demo):
        file = demo.root["demo"]["a.txt"]
        grants = IPrincipalPermissionManager(file)
        grants.denyPermissionToPrincipal("zope.ManageContent", "zope.editor")
        demo.commit()
        archive = demo.checkout("/demo", "editor")
        assert "demo/a.txt" in archive
        assert TITLE not in archive
        archive.edit("demo/a.txt", b"b")
        assert demo.submit("/demo", archive, "editor").status_int == 403
        assert demo.root["demo"]["a.txt"].data == b"a"
