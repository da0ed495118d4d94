"""Who may import objects brings no rights along that they could not give."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import Products.Five
import pytest
import transaction
from Acquisition import aq_base
from OFS.Folder import Folder
from OFS.SimpleItem import SimpleItem
from zope.component import provideUtility
from zope.configuration import xmlconfig
from zope.interface import implementer

from zope.app.fssync.hosts.ofs import grants
from zope.app.fssync.hosts.ofs.content.tests.site import Site
from zope.app.fssync.testing.ofs.site import configured
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import IOwnSynchronizer
from zope.fssync.synchronizer import dottedname
from zope.fssync.task.commit import CommitFailed

NEEDED = (
    "View management screens",
    "Access contents information",
    "View",
    "Import/Export objects",
    "Delete objects",
    "Manage properties",
)

PERMISSIONS = "Change permissions"
PROXY_ROLES = "Change proxy roles"
OWNER = "FSSync: Change owner"

#: Attributes of an object, and the permission to give each.
RIGHTS: dict[str, tuple[Any, str]] = {
    "__ac_local_roles__": ({"reader": ["Manager"]}, PERMISSIONS),
    "__ac_roles__": (("Importer", "Boss"), PERMISSIONS),
    "__ac_local_roles_block__": (True, PERMISSIONS),
    "_View_Permission": (("Anonymous",), PERMISSIONS),
    "_Gone_Permission": (["Anonymous"], PERMISSIONS),
    "__roles__": (None, PERMISSIONS),
    "manage_main__roles__": (None, PERMISSIONS),
    "__allow_access_to_unprotected_subobjects__": (1, PERMISSIONS),
    "_proxy_roles": (("Importer",), PROXY_ROLES),
}


@implementer(IOwnSynchronizer)
class Whole(Folder):
    """A type that nobody described, with others in it."""


@implementer(IOwnSynchronizer)
class Part(SimpleItem):
    """A type that is part of it, as an attribute."""


@pytest.fixture
def site() -> Iterator[Site]:
    with configured(), ExitStack() as stack:
        xmlconfig.file("configure.zcml", Products.Five)
        for kind in (Whole, Part):
            provideUtility(kind, IAllowedGlobal, name=dottedname(kind))
        site = Site(stack)
        site.make(_make)
        allow(site)
        yield site


def _make(folder: Any) -> str:
    folder._setObject("whole", Whole("whole"))
    folder.whole._setObject("inner", Whole("inner"))
    folder.whole.part = Part()
    folder.whole.part.word = "before"
    return "whole"


def allow(site: Site, *permissions: str) -> None:
    """Let the user ``reader`` do all that is needed in the folder, and more."""
    folder = site.app.folder
    for permission in (*NEEDED, *permissions):
        folder.manage_permission(permission, ["Manager", "Importer"], acquire=1)
    folder.manage_setLocalRoles("reader", ["Importer"])
    transaction.commit()


def given(site: Site, where: str, name: str, value: Any) -> Any:
    """Return the files of an object to which their editor has given a right."""
    site.user = "manager"
    files = site.checkout("/folder")
    before = dict(place(site, where).__dict__)
    place(site, where).__dict__[name] = value
    transaction.commit()
    body = site.checkout("/folder")["folder/whole"]
    assert body != files["folder/whole"]
    files.edit("folder/whole", body.replace(b"before", b"after"))
    attributes = place(site, where).__dict__
    attributes.clear()
    attributes.update(before)
    transaction.commit()
    site.user = "reader"
    return files


def place(site: Site, where: str) -> Any:
    whole = site.app.folder.whole
    found = aq_base({"": whole, "inner": whole.inner, "part": whole.part}[where])
    found._p_activate()
    found._p_changed = True
    return found


@pytest.mark.parametrize("where", ["", "inner", "part"])
@pytest.mark.parametrize("name", RIGHTS)
def test_a_right_in_a_pickle_needs_the_permission_to_give_it(
    site: Site, where: str, name: str
) -> None:
    value, permission = RIGHTS[name]
    files = given(site, where, name, value)
    with pytest.raises(CommitFailed, match=permission):
        site.commit("/folder", files)
    transaction.abort()
    assert place(site, where).__dict__.get(name, "absent") != value
    assert site.app.folder.whole.part.word == "before"
    allow(site, permission)
    site.commit("/folder", given(site, where, name, value))
    assert site.app.folder.whole.part.word == "after"
    assert place(site, where).__dict__[name] == value


def test_proxy_roles_need_the_roles_as_well(site: Site) -> None:
    allow(site, PROXY_ROLES)
    files = given(site, "part", "_proxy_roles", ("Manager",))
    with pytest.raises(CommitFailed, match="proxy roles"):
        site.commit("/folder", files)


def test_rights_that_are_filled_in_later_are_seen(site: Site) -> None:
    roles: dict[Any, Any] = {"reader": ["Manager"]}
    part = Part()
    # The part is made while this dictionary is still empty.
    roles["x"] = part
    part.__dict__["__ac_local_roles__"] = roles
    files = given(site, "", "first", roles)
    with pytest.raises(CommitFailed, match=PERMISSIONS):
        site.commit("/folder", files)


@pytest.mark.parametrize("where", ["", "inner"])
def test_an_object_belongs_to_whoever_commits_it(site: Site, where: str) -> None:
    other = (["acl_users"], "stranger")
    place(site, where).__dict__["__ac_local_roles__"] = {"stranger": ["Owner"]}
    files = given(site, where, "_owner", other)
    site.commit("/folder", files)
    found = site.app.folder.whole if where == "" else site.app.folder.whole.inner
    assert found.getOwnerTuple()[1] == "reader"
    assert "stranger" not in (aq_base(found).__ac_local_roles__ or {})
    assert site.app.folder.whole.__ac_local_roles__ == {"reader": ["Owner"]}


def test_a_user_who_may_change_the_owner_leaves_it(site: Site) -> None:
    allow(site, OWNER)
    files = given(site, "inner", "_owner", (["acl_users"], "stranger"))
    site.commit("/folder", files)
    assert site.app.folder.whole.inner.getOwnerTuple()[1] == "stranger"


def test_rights_are_withheld_from_who_may_not_see_them(site: Site) -> None:
    site.user = "reader"
    assert "folder/whole" in site.checkout("/folder")
    place(site, "inner").__dict__["__ac_local_roles__"] = {"ann": ["Editor"]}
    transaction.commit()
    assert "folder/whole" not in site.checkout("/folder")
    allow(site, PERMISSIONS)
    assert "folder/whole" in site.checkout("/folder")


def test_the_role_of_an_owner_is_no_secret() -> None:
    thing = Part()
    assert not grants.given(thing)
    thing.__dict__["__ac_local_roles__"] = {"ann": ["Owner"]}
    assert not grants.given(thing)
    thing.__dict__["__ac_local_roles__"] = {"ann": ["Owner"], "bob": ["Owner"]}
    assert grants.given(thing)


def test_other_attributes_bring_no_rights_either(site: Site) -> None:
    described = Folder("described")
    site.app.folder._setObject("described", described)
    part = site.app.folder.described.part = Part()
    part.__dict__["_View_Permission"] = ("Anonymous",)
    transaction.commit()
    site.user = "manager"
    files = site.checkout("/folder")
    path = "folder/@@Zope/Extra/described/attributes"
    assert b"_View_Permission" in files[path]
    site.user = "reader"
    files.edit(path, files[path] + b"\n")
    with pytest.raises(CommitFailed, match=PERMISSIONS):
        site.commit("/folder", files)
