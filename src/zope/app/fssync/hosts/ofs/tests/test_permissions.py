"""What each user may read and write: AccessControl decides, object by object."""

from __future__ import annotations

import pytest

from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.serversite import Archive

SITE = """
from OFS.Folder import Folder
from OFS.Image import File
from OFS.ObjectManager import ObjectManager
from OFS.SimpleItem import SimpleItem
from OFS.userfolder import UserFolder
from Products.PythonScripts.PythonScript import manage_addPythonScript
from zope.app.fssync.testing.ofs.shop import ShopFolder

BASIC = ["FSSync: Check out", "FSSync: Commit", "View management screens"]
ROLES = {
    "reader": BASIC,
    "editor": [*BASIC, "Change Images and Files", "Change Python Scripts"],
    "adder": [*BASIC, "Add Documents, Images, and Files"],
    "deleter": [*BASIC, "Delete objects"],
    "guard": [*BASIC, "Change permissions"],
    "proxy": [*BASIC, "Change proxy roles"],
    "stranger": ["FSSync: Check out"],
}
for name, permissions in ROLES.items():
    app._addRole(name)
    app.acl_users._doAddUser(name, name, [name], [])
    for permission in permissions:
        known = app.rolesOfPermission(permission)
        granted = [each["name"] for each in known if each["selected"]]
        app.manage_permission(permission, [*granted, name], acquire=0)
app._setObject("demo", Folder("demo"))
demo = app.demo
demo._setObject("a.txt", File("a.txt", "", b"a", "text/plain"))
manage_addPythonScript(demo, "run")
demo.run.write("return 1")
demo.run._proxy_roles = ("Manager",)
demo.manage_addLocalRoles("stranger", ["Owner"])
demo._setObject("closed", Folder("closed"))
demo.closed._setObject("secret.txt", File("secret.txt", "", b"s", "text/plain"))
demo.closed["secret.txt"].manage_permission("View management screens", ["Manager"])
demo._setObject("whole", SimpleItem())
demo.whole.id = "whole"
app._setObject("shop", ShopFolder("shop"))
app.shop._setObject("acl_users", UserFolder())
"""

LOCAL = "@@Zope/Extra/demo/roles-local"
PROXY = "demo/@@Zope/Extra/run/proxy-roles"


@pytest.fixture(scope="module")
def zope(tmp_path_factory):
    instance = ZopeInstance(tmp_path_factory.mktemp("zope") / "instance")
    instance.script(SITE)
    with instance.running():
        yield instance


def checkout(zope, user, path="/demo"):
    answer = zope.request("GET", f"{path}/@@toFS.snarf", f"{user}:{user}")
    assert answer.status == 200, answer.text
    return answer


def archive(zope, user):
    return Archive.fresh(checkout(zope, user).body)


def commit(zope, user, sent):
    path = "/demo/@@fromFS.snarf"
    return zope.request("POST", path, f"{user}:{user}", body=sent.dump())


def refused(zope, user, sent):
    """The commit is refused by name of what may not be done, and changes nothing."""
    before = checkout(zope, "zsync").body
    answer = commit(zope, user, sent)
    assert answer.status == 403, answer.text
    assert answer.headers["Content-Type"] == "text/plain;charset=utf-8"
    assert checkout(zope, "zsync").body == before
    return answer.text


class TestReading:
    def test_a_manager_sees_all(self, zope):
        answer = checkout(zope, "zsync")
        assert "X-Fssync-Withheld" not in answer.headers
        seen = Archive.parse(answer.body)
        assert {LOCAL, PROXY, "demo/closed/secret.txt", "demo/whole"} <= set(seen)

    def test_withheld_objects_are_counted_and_leave_no_trace(self, zope):
        answer = checkout(zope, "reader")
        assert int(answer.headers["X-Fssync-Withheld"]) == 3
        assert b"secret" not in answer.body
        assert not {LOCAL, "demo/whole"} & set(Archive.parse(answer.body))

    def test_local_roles_are_for_those_who_may_change_them(self, zope):
        assert b"stranger" in Archive.parse(checkout(zope, "guard").body)[LOCAL]

    def test_sources_are_not_for_everybody(self, zope):
        for path in ("/demo", "/demo/run", "/demo/a.txt"):
            path = f"{path}/@@toFS.snarf"
            answer = zope.request("GET", path, "stranger:stranger")
            assert answer.status == 403
            assert answer.text == f"you may not read {path.split('/')[-2]}\n"

    def test_a_user_who_may_read_an_object_is_told_why_its_pickle_is_withheld(
        self, zope
    ):
        answer = zope.request("GET", "/shop/@@toFS.snarf", "zsync:zsync")
        assert answer.status == 403
        assert "shop cannot be checked out: no synchronizer describes" in answer.text
        assert "you may not read" not in answer.text


class TestWriting:
    def test_a_user_who_may_not_commit_at_all_is_asked_to_log_in(self, zope):
        sent = archive(zope, "reader")
        assert commit(zope, "stranger", sent).status == 401

    def test_a_reader_changes_nothing(self, zope):
        sent = archive(zope, "reader")
        sent.edit("demo/a.txt", b"new")
        assert "demo/a.txt: you are not allowed" in refused(zope, "reader", sent)

    def test_an_editor_changes_bodies_and_keeps_what_he_cannot_see(self, zope):
        before = archive(zope, "zsync")
        sent = archive(zope, "editor")
        sent.edit("demo/a.txt", b"new")
        assert commit(zope, "editor", sent).status == 200
        before["demo/a.txt"] = b"new"
        before["demo/@@Zope/Original/a.txt"] = b"new"
        assert archive(zope, "zsync") == before

    def test_an_editor_adds_nothing(self, zope):
        sent = archive(zope, "editor")
        sent.add("demo/b.txt", b"b", type="OFS.Image.File", factory="OFS.Image.File")
        refused(zope, "editor", sent)

    def test_a_user_who_may_add_files_adds_no_folders(self, zope):
        sent = archive(zope, "adder")
        kind = "OFS.Folder.Folder"
        sent.add("demo/new", type=kind, factory=kind)
        refused(zope, "adder", sent)

    def test_an_editor_removes_nothing(self, zope):
        sent = archive(zope, "editor")
        sent.remove("demo/a.txt")
        refused(zope, "editor", sent)

    def test_nobody_removes_what_he_does_not_see(self, zope):
        sent = archive(zope, "deleter")
        sent.remove("demo/closed")
        text = refused(zope, "deleter", sent)
        assert "withheld from you" in text
        assert "secret" not in text

    def test_roles_ask_for_a_permission_of_their_own(self, zope):
        sent = archive(zope, "editor")
        kind = "zope.app.fssync.hosts.ofs.content.security.LocalRoles"
        sent.add(LOCAL, b"editor\n    Manager\n", type=kind, factory=kind)
        refused(zope, "editor", sent)

    def test_proxy_roles_ask_for_a_permission_of_their_own(self, zope):
        sent = archive(zope, "editor")
        sent.edit(PROXY, b"Manager\nOwner\n")
        refused(zope, "editor", sent)

    def test_nobody_gives_away_proxy_roles_he_has_not(self, zope):
        sent = archive(zope, "proxy")
        sent.edit(PROXY, b"Manager\nOwner\n")
        refused(zope, "proxy", sent)

    def test_a_pickle_is_for_those_who_import_and_export(self, zope):
        sent = archive(zope, "adder")
        sent.add("demo/p", b"<pickle><none/></pickle>", type="builtins.NoneType")
        refused(zope, "adder", sent)

    def test_a_checkin_asks_for_the_permission_to_add(self, zope):
        sent = Archive.parse(checkout(zope, "editor", "/demo/a.txt").body)
        answer = zope.request(
            "POST",
            "/demo/@@checkin.snarf?name=c.txt&src=a.txt",
            "editor:editor",
            body=sent.dump(),
        )
        assert answer.status == 403
        assert zope.request("GET", "/demo/c.txt").status == 404
