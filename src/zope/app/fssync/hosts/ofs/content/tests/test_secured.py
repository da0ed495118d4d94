"""Who may do what with an item that a schema describes, as with all others."""

from __future__ import annotations

import pytest
import transaction
from zope.interface.verify import verifyObject

from zope.app.fssync.hosts.ofs.content.secured import SecuredExtras
from zope.app.fssync.hosts.ofs.content.secured import SecuredPartsSynchronizer
from zope.app.fssync.hosts.ofs.content.secured import kinds
from zope.app.fssync.hosts.ofs.content.tests.test_attributes_schema import Wine
from zope.app.fssync.hosts.ofs.content.tests.test_attributes_schema import wine
from zope.fssync.errors import Error
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IPartMaker

__all__ = ["wine"]

ENTRIES = "folder/@@Zope/Extra/red/@@Zope/Entries.xml"


def extra(name: str) -> str:
    return f"folder/@@Zope/Extra/red/{name}"


def give_roles(wine, roles=()):
    wine._proxy_roles = tuple(roles)


@pytest.fixture
def proxied(wine, site, monkeypatch):
    """The same, with another owner and with roles of its own while it runs."""
    wine = site.app.folder.red
    wine._owner = (["acl_users"], "reader")
    monkeypatch.setattr(Wine, "manage_proxy", give_roles, raising=False)
    wine._proxy_roles = ("Manager",)
    transaction.commit()
    return wine


def test_the_interface(wine):
    extras = SecuredExtras({}, wine, kinds(wine))
    assert verifyObject(IPartMaker, SecuredPartsSynchronizer(extras))


def test_all_parts_are_told_and_come_along(proxied, site, other):
    files = site.checkout("/folder")

    assert files[extra("permissions")] == b"View\n    Manager\n"
    assert files[extra("owner")] == b"user = reader\nfolder = acl_users\n"
    assert files[extra("proxy-roles")] == b"Manager\n"
    other.checkin(files, "folder")
    copy = other.app.folder.red
    assert copy._View_Permission == ("Manager",)
    assert copy._owner == (["acl_users"], "reader")
    assert copy._proxy_roles == ("Manager",)
    assert other.checkout("/folder") == files


def test_parts_are_changed_added_and_removed(wine, site):
    files = site.checkout("/folder")
    files.edit(extra("permissions"), b"View\n    Owner\n")
    files.add(extra("roles"), b"Taster\n")
    files.remove(extra("roles-local"))

    site.commit("/folder", files)

    wine = site.app.folder.red
    assert wine._View_Permission == ("Owner",)
    assert "Taster" in wine.__ac_roles__
    assert not wine.get_local_roles_for_userid("reader")
    assert wine.cellar == "left"


def test_parts_and_data_are_changed_together(wine, site):
    files = site.checkout("/folder")
    files.edit(extra("permissions"), b"")
    files.edit(extra("fields"), b"label = Another\nyear = 2020\n")
    files.edit(extra("cellar"), files[extra("cellar")].replace(b"left", b"right"))

    site.commit("/folder", files)

    wine = site.app.folder.red
    assert not hasattr(wine, "_View_Permission")
    assert (wine.label, wine.cellar) == ("Another", "right")


@pytest.mark.parametrize("name", ["cellar", "fields"])
def test_data_cannot_be_removed(wine, site, name):
    files = site.checkout("/folder")
    files.remove(extra(name))

    with pytest.raises(SynchronizationError, match="cannot be removed"):
        site.commit("/folder", files)


def test_there_are_no_other_parts(wine, site):
    files = site.checkout("/folder")
    files.add(extra("order"), b"a\n")

    with pytest.raises(SynchronizationError, match="no part 'order'"):
        site.commit("/folder", files)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("permissions", b"View\n    Anonymous\n"),
        ("roles-local", b"reader\n    Manager\n"),
        ("owner", b"user = manager\nfolder = acl_users\n"),
        ("proxy-roles", b""),
        ("roles", b"Taster\n"),
    ],
)
@pytest.mark.parametrize("removes", [False, True])
def test_a_user_who_may_edit_it_may_not_change_them(
    proxied, site, name, content, removes
):
    files = site.checkout("/folder")
    folder = site.app.folder
    for permission in (
        *("View management screens", "Access contents information", "View"),
        "Manage properties",
    ):
        folder.manage_permission(permission, ["Manager", "Editor"], acquire=1)
    folder.red.manage_permission("View", ["Manager", "Editor"], acquire=1)
    folder.manage_setLocalRoles("reader", ["Editor"])
    transaction.commit()
    before = dict(vars(site.app.folder.red))
    if extra(name) not in files:
        files.add(extra(name), content)
    elif removes:
        files.remove(extra(name))
    else:
        files.edit(extra(name), content)
    site.user = "reader"

    with pytest.raises((Error, AssertionError)):
        site.commit("/folder", files)

    assert dict(vars(site.app.folder.red)) == before
