"""Grants, roles and what makes more of an object than content: who may write it."""

from __future__ import annotations

import pytest
from zope.annotation.interfaces import IAnnotations
from zope.app.file.file import File
from zope.component import getSiteManager
from zope.component.interfaces import ISite
from zope.configuration import xmlconfig
from zope.configuration.exceptions import ConfigurationError
from zope.location.interfaces import IRoot
from zope.securitypolicy.interfaces import Allow
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.securitypolicy.interfaces import IPrincipalRoleManager
from zope.securitypolicy.interfaces import IRolePermissionManager
from zope.securitypolicy.principalpermission import AnnotationPrincipalPermissionManager
from zope.securitypolicy.principalrole import AnnotationPrincipalRoleManager
from zope.securitypolicy.rolepermission import AnnotationRolePermissionManager
from zope.securitypolicy.securitymap import PersistentSecurityMap
from zope.site.folder import Folder

from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.server.protection import IAnnotationPermission
from zope.app.fssync.server.protection import IInterfacePermission
from zope.fssync.interfaces import IMarker
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.xmlpickle import dumps

KEYS = [
    AnnotationPrincipalPermissionManager.key,
    AnnotationPrincipalRoleManager.key,
    AnnotationRolePermissionManager.key,
]
MAP = "zope.securitypolicy.securitymap.PersistentSecurityMap"


@pytest.fixture
def demo(site):
    """Two folders, one with grants; ``local`` may all but change security."""
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a", "text/plain")
    folder["granted"] = Folder()
    granted = folder["granted"]
    IPrincipalRoleManager(granted).assignRoleToPrincipal("zope.Member", "zope.reader")
    IPrincipalPermissionManager(granted).denyPermissionToPrincipal(
        "zope.View", "zope.editor2"
    )
    IRolePermissionManager(granted).grantPermissionToRole(
        "zope.ManageContent", "zope.Member"
    )
    manager = IPrincipalPermissionManager(site.root)
    for permission in ("zope.ManageContent", "zope.ManageSite"):
        manager.grantPermissionToPrincipal(permission, "zope.local")
    site.commit()
    return site


ZCML = """
<configure xmlns="http://namespaces.zope.org/zope"
           xmlns:fssync="http://namespaces.zope.org/fssync">
  <include package="zope.component" file="meta.zcml" />
  <include package="zope.security" file="meta.zcml" />
  <include package="zope.security" file="permissions.zcml" />
  <include package="zope.app.fssync" file="meta.zcml" />
  {}
</configure>"""


def configure(directive):
    xmlconfig.string(ZCML.format(directive))


def annotation(key, name="granted"):
    return f"demo/@@Zope/Annotations/{name}/{key}"


def planted():
    """The pickle of a map that makes somebody a manager."""
    grants = PersistentSecurityMap()
    grants.addCell("zope.Manager", "zope.local", Allow)
    return dumps(grants)


def roles(site, name="granted"):
    found = IPrincipalRoleManager(site.root["demo"][name])
    return found.getPrincipalsAndRoles()


class TestReading:
    @pytest.mark.parametrize("user", ["reader", "editor", "local"])
    def test_grants_are_withheld_and_counted(self, demo, user):
        response = demo.request("GET", "/demo/@@toFS.snarf", user)
        assert int(response.headers[WITHHELD]) > 0
        for secret in (*KEYS, "SecurityMap", "editor2", "Member"):
            assert secret.encode() not in response.body

    def test_a_user_who_may_change_them_reads_them(self, demo):
        archive = demo.checkout("/demo", "manager")
        assert all(annotation(key) in archive for key in KEYS)


class TestWriting:
    def test_grants_go_elsewhere_and_back(self, demo):
        before = demo.checkout("/demo")
        response = demo.request(
            "POST", "/@@checkin.snarf?name=copy&src=demo", "manager", before.dump()
        )
        assert response.status_int == 200, response.text
        copy = IPrincipalRoleManager(demo.root["copy"]["granted"])
        assert copy.getPrincipalsAndRoles() == roles(demo)
        path = annotation(KEYS[1])
        before.edit(path, before[path].replace(b"zope.reader", b"zope.other"))
        demo.accept("/demo", before)
        ((role, principal, setting),) = roles(demo)
        assert (role, principal, setting) == ("zope.Member", "zope.other", Allow)

    @pytest.mark.parametrize("key", KEYS)
    @pytest.mark.parametrize("kind", [MAP, "builtins.dict", "builtins.str"])
    @pytest.mark.parametrize("user", ["editor", "local"])
    def test_nobody_else_plants_them(self, demo, key, kind, user):
        archive = demo.checkout("/demo", user)
        body = {MAP: planted(), "builtins.dict": dumps({}), "builtins.str": dumps("")}
        archive.add(annotation(key, "a.txt"), body[kind], type=kind)
        archive.edit("demo/a.txt", b"b")
        response = demo.submit("/demo", archive, user)
        assert response.status_int == 403
        assert key in response.text
        assert key not in (IAnnotations(demo.root["demo"]["a.txt"], {}) or {})
        assert demo.root["demo"]["a.txt"].data == b"a"

    @pytest.mark.parametrize("user", ["editor", "local"])
    def test_nobody_else_changes_or_removes_them(self, demo, user):
        for change in ("edit", "remove"):
            archive = demo.checkout("/demo", "manager")
            path = annotation(KEYS[1])
            if change == "edit":
                archive.edit(path, planted())
            else:
                archive.remove(path)
            response = demo.submit("/demo", archive, user)
            assert response.status_int == 403
            assert "zope.Member" in str(roles(demo))

    def test_nobody_else_takes_them_along_in_a_checkin(self, demo):
        archive = demo.checkout("/demo", "manager")
        response = demo.request(
            "POST", "/@@checkin.snarf?name=copy&src=demo", "local", archive.dump()
        )
        assert response.status_int == 403
        assert "copy" not in demo.root

    def test_an_object_with_grants_is_not_replaced_by_one_without(self, demo):
        archive = demo.checkout("/demo", "local")
        before = demo.root["demo"]["granted"]._p_oid
        folder = "zope.site.folder.Folder"
        archive.set_entry("demo/granted", type="x.y", factory=folder)
        response = demo.submit("/demo", archive, "local")
        assert response.status_int == 403, response.text
        assert demo.root["demo"]["granted"]._p_oid == before

    def test_a_folder_is_no_base_of_a_file(self, demo):
        archive = demo.checkout("/demo", "manager")
        file = "zope.app.file.file.File"
        archive.set_entry("demo/granted", type=file, factory=file)
        del archive["demo/granted/@@Zope/Entries.xml"]
        archive["demo/granted"] = b"a file"
        response = demo.submit("/demo", archive, "manager")
        assert response.text.splitlines() == [
            "Up-to-date check failed:",
            "demo/granted",
        ]
        assert type(demo.root["demo"]["granted"]).__name__ == "Folder"

    def test_a_lesser_permission_for_pickles_lets_no_grants_in(self, demo):
        """Sites may let editors write pickles: what is in them is still checked."""
        configure(
            """<utility
                component="zope.app.fssync.dublincore.adapter.ZDCAnnotationDataSynchronizer"
                provides="zope.fssync.interfaces.ISynchronizerFactory"
                name="builtins.dict"
                permission="zope.ManageContent"
                />"""
        )
        try:
            archive = demo.checkout("/demo", "editor")
            path = annotation("notes", "a.txt")
            archive.add(path, dumps({"a": 1}), type="builtins.dict")
            archive = demo.accept("/demo", archive, "editor")
            grants = PersistentSecurityMap()
            archive.edit(path, dumps({"a": grants}))
            response = demo.submit("/demo", archive, "editor")
            assert response.status_int == 403, response.text
            assert "zope.Security" in response.text
            # No matter what a site lets pass: the keys of grants stay shut.
            archive = demo.checkout("/demo", "editor")
            archive.add(annotation(KEYS[0], "a.txt"), dumps({}), type="builtins.dict")
            response = demo.submit("/demo", archive, "editor")
            assert response.status_int == 403
            assert f"annotation {KEYS[0]}" in response.text
        finally:
            getSiteManager().unregisterUtility(
                provided=ISynchronizerFactory, name="builtins.dict"
            )


class TestInterfaces:
    @pytest.mark.parametrize(
        "name",
        [
            "zope.component.interfaces.ISite",
            "zope.location.interfaces.IRoot",
            "zope.site.interfaces.IRootFolder",
            "zope.authentication.interfaces.IAuthentication",
        ],
    )
    def test_an_editor_makes_nothing_more_of_content(self, demo, name):
        archive = demo.checkout("/demo", "editor")
        archive.set_entry("demo/a.txt", provides=name)
        archive.add(
            "demo/new.txt", b"", factory="zope.app.file.file.File", provides=name
        )
        response = demo.submit("/demo", archive, "editor")
        assert response.status_int == 400, response.text
        assert response.text.count("cannot come with a submission") == 2
        file = demo.root["demo"]["a.txt"]
        assert not ISite.providedBy(file)
        assert not IRoot.providedBy(file)

    def test_a_marker_may_need_a_permission(self, demo):
        name = "zope.schema.interfaces.IIterableSource"
        configure(
            f'<fssync:marker interface="{name}" />'
            f'<fssync:protect interface="{name}" permission="zope.ManageSite" />'
        )
        registry = getSiteManager()
        try:
            archive = demo.checkout("/demo", "editor")
            archive.set_entry("demo/a.txt", provides=name)
            response = demo.submit("/demo", archive, "editor")
            assert response.status_int == 403, response.text
            assert "that needs the permission zope.ManageSite" in response.text
            archive = demo.checkout("/demo", "local")
            archive.set_entry("demo/a.txt", provides=name)
            demo.accept("/demo", archive, "local")
        finally:
            registry.unregisterUtility(provided=IInterfacePermission, name=name)
            registry.unregisterUtility(provided=IMarker, name=name)


class TestConfiguration:
    def test_a_site_protects_what_it_wants(self, demo):
        configure(
            '<fssync:protect annotation="my.notes" permission="zope.ManageSite" />'
        )
        registry = getSiteManager()
        try:
            archive = demo.checkout("/demo", "editor")
            archive.add(annotation("my.notes", "a.txt"), dumps(""), type="builtins.str")
            assert demo.submit("/demo", archive, "editor").status_int == 403
            archive = demo.checkout("/demo", "local")
            archive.add(annotation("my.notes", "a.txt"), dumps(""), type="builtins.str")
            demo.accept("/demo", archive, "local")
        finally:
            registry.unregisterUtility(provided=IAnnotationPermission, name="my.notes")

    def test_interfaces_are_named_as_elsewhere(self, demo):
        name = "zope.annotation.interfaces.IAttributeAnnotatable"
        configure(f'<fssync:protect interface="{name}" permission="zope.Security" />')
        registry = getSiteManager()
        assert registry.getUtility(IInterfacePermission, name) == "zope.Security"
        registry.unregisterUtility(provided=IInterfacePermission, name=name)

    @pytest.mark.parametrize(
        "what", ["", 'annotation="x" interface="zope.interface.Interface"']
    )
    def test_a_directive_protects_one_thing(self, what):
        with pytest.raises(ConfigurationError, match="either"):
            configure(f'<fssync:protect {what} permission="zope.Security" />')
