"""Pluggable user folders are files, which hold no passwords unless asked for."""

from __future__ import annotations

import pytest
import transaction
from Acquisition import aq_base
from BTrees.OOBTree import OOBTree
from OFS.Folder import Folder
from OFS.interfaces import IItem
from Persistence.mapping import PersistentMapping
from Products.PluggableAuthService.plugins.CookieAuthHelper import addCookieAuthHelper
from Products.PluggableAuthService.plugins.HTTPBasicAuthHelper import (
    addHTTPBasicAuthHelper,
)
from Products.PluggableAuthService.plugins.LocalRolePlugin import addLocalRolePlugin
from Products.PluggableAuthService.plugins.NotCompetentHelper import (
    manage_addNotCompetent_byRoles,
)
from Products.PluggableAuthService.plugins.RecursiveGroupsPlugin import (
    addRecursiveGroupsPlugin,
)
from Products.PluggableAuthService.plugins.RequestTypeSniffer import (
    addRequestTypeSnifferPlugin,
)
from Products.PluggableAuthService.plugins.SearchPrincipalsPlugin import (
    addSearchPrincipalsPlugin,
)
from Products.PluggableAuthService.plugins.SessionAuthHelper import (
    manage_addSessionAuthHelper,
)
from Products.PluggableAuthService.plugins.ZODBUserManager import ZODBUserManager
from zope.interface import implementer

from zope.app.fssync.hosts.ofs.content.tests.users import USERS
from zope.app.fssync.hosts.ofs.content.tests.users import authenticates
from zope.app.fssync.hosts.ofs.content.tests.users import sample
from zope.app.fssync.testing.ofs.pas import install
from zope.fssync.interfaces import IOwnSynchronizer
from zope.fssync.task.commit import CommitFailed


def cookie(users):
    addCookieAuthHelper(users, "cookie", "Cookies", "__ac_test")
    users.cookie.login_form.write("<p>Log in</p>")
    users.cookie.login_path = "other_form"
    return users.cookie


def session(users):
    manage_addSessionAuthHelper(users, "session", "Sessions")
    users.session.clear_session_on_login = True
    return users.session


def local_roles(users):
    addLocalRolePlugin(users, "local", "Roles of the root")
    return users.local


def not_competent(users):
    manage_addNotCompetent_byRoles(users, "above", "Above")
    users.above.roles = ("Manager",)
    return users.above


def searching(users):
    addSearchPrincipalsPlugin(users, "search", "Search", "delegate")
    return users.search


def sniffer(users):
    addRequestTypeSnifferPlugin(users, "sniffer", "Browsers")
    return users.sniffer


def recursive(users):
    addRecursiveGroupsPlugin(users, "recursive", "Groups of groups")
    return users.recursive


PLUGINS = [
    *(cookie, session, local_roles, not_competent, recursive, searching),
    sniffer,
]


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda each: each.__name__)
def test_a_plugin_is_the_same_in_another_site(plugin, site, other):
    users = site.make(sample)
    added = plugin(users)
    transaction.commit()
    files = site.checkout("/folder")
    assert {path: body for path, body in files.items() if b"<pickle>" in body} == {}
    other.checkin(files, "folder")
    assert other.checkout("/folder") == files
    there = other.app.folder.acl_users[added.getId()]
    assert type(aq_base(there)) is type(aq_base(added))
    assert state(there.aq_parent) == state(users)


def plain(value):
    if isinstance(value, PersistentMapping):
        return {key: each for key, each in value.items() if each}
    if isinstance(value, OOBTree):
        # The roles of somebody have no order.
        return {key: plain(each) for key, each in value.items()}
    return sorted(value) if isinstance(value, tuple) else value


def state(users):
    """What plugins have, but for passwords."""
    found = {}
    for name, obj in users.objectItems():
        base = aq_base(obj)
        base._p_activate()
        for key, value in vars(base).items():
            skipped = ("_id", "_user_passwords", "_owner", "_plugin_type_info")
            if key not in skipped and not IItem.providedBy(value):
                found[name, key] = plain(value)
    return found


def test_users_are_the_same_in_another_site(site, other, recording):
    users = site.make(sample)
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    assert other.checkout("/folder") == files
    there = other.app.folder.acl_users
    assert there.getOwnerTuple() == users.getOwnerTuple()
    assert state(there) == state(users)
    ann = there.getUser("ann@example.org")
    assert set(ann.getGroups()) == set(users.getUser("ann@example.org").getGroups())
    assert authenticates(there, "ann@example.org", "ann")


def test_no_pickle_is_needed(site):
    site.make(sample)
    files = site.checkout("/folder")
    assert {path: body for path, body in files.items() if b"<pickle>" in body} == {}


def test_a_commit_without_changes_writes_nothing(site):
    users = site.make(sample)
    before = users._p_jar.db().lastTransaction()
    site.commit("/folder", site.checkout("/folder"))
    assert users._p_jar.db().lastTransaction() == before


class OtherManager(ZODBUserManager):
    """A plugin of a type that nobody described."""


@implementer(IOwnSynchronizer)
class Portal(Folder):
    """A folder of a type that nobody described."""


def test_unknown_keepers_of_passwords_are_withheld_unless_asked_for(site, request):
    users = site.make(sample)
    users._setObject("more", OtherManager("more"))
    users.more.addUser("carl", "carl", "carl")
    folder = site.app.folder
    folder._setObject("portal", Portal("portal"))
    install(folder.portal)
    folder._setObject("open", Portal("open"))
    transaction.commit()
    files = site.checkout("/folder")
    assert f"{USERS}/people" in files
    assert "folder/open" in files
    assert not {f"{USERS}/more", "folder/portal"} & files.keys()
    request.getfixturevalue("recording")
    assert {f"{USERS}/more", "folder/portal"} <= site.checkout("/folder").keys()


def test_the_order_of_active_plugins_is_edited(site):
    users = site.make(sample)
    addHTTPBasicAuthHelper(users, "other")
    transaction.commit()
    files = site.checkout("/folder")
    path, first = f"{USERS}/plugins", b"IExtractionPlugin\n    basic\n"
    files.edit(path, files[path].replace(first, b"IExtractionPlugin\n other\n basic\n"))
    site.commit("/folder", files)
    extracting = users.plugins._getInterfaceFromName("IExtractionPlugin")
    assert users.plugins.listPluginIds(extracting) == ("other", "basic")
    text = site.checkout("/folder")[path]
    assert b"IExtractionPlugin\n    other\n    basic\n" in text


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("plugins", "INone\n    basic\n", "no type of plugins"),
        ("plugins", "IRolesPlugin\n    basic\n", "no plugin for IRolesPlugin"),
        ("plugins", "IRolesPlugin\n    nobody\n", "no plugin for IRolesPlugin"),
        ("plugins", "IRolesPlugin\n    roles\n    roles\n", "twice"),
    ],
)
def test_nonsense_is_refused(site, name, text, said):
    site.make(sample)
    files = site.checkout("/folder")
    files.edit(f"{USERS}/{name}", text.encode())
    with pytest.raises(CommitFailed, match=said):
        site.commit("/folder", files)


def test_the_registry_stays(site):
    site.make(sample)
    files = site.checkout("/folder")
    files.remove(f"{USERS}/plugins")
    with pytest.raises(CommitFailed, match="cannot be removed"):
        site.commit("/folder", files)


def test_a_plugin_that_is_removed_is_active_no_more(site):
    users = site.make(sample)
    files = site.checkout("/folder")
    files.remove(f"{USERS}/groups")
    files.edit(
        f"{USERS}/plugins",
        files[f"{USERS}/plugins"].replace(b"IGroupsPlugin\n    groups\n", b""),
    )
    files[f"{USERS}/plugins"] = files[f"{USERS}/plugins"].replace(
        b"IGroupEnumerationPlugin\n    groups\n", b""
    )
    site.commit("/folder", files)
    assert "groups" not in users.objectIds()
    assert b"groups" not in site.checkout("/folder")[f"{USERS}/plugins"]


def test_users_are_for_those_who_manage_them(site):
    site.make(sample)
    folder = site.app.folder
    seen = ("View management screens", "Access contents information", "View")
    for permission in seen:
        folder.manage_permission(permission, ["Manager", "Editor"], acquire=1)
    folder.manage_setLocalRoles("reader", ["Editor"])
    transaction.commit()
    site.user = "reader"
    assert [path for path in site.checkout("/folder") if USERS in path] == []
    folder.manage_permission("Manage users", ["Manager", "Editor"], acquire=1)
    transaction.commit()
    files = site.checkout("/folder")
    assert f"{USERS}/people" in files
    assert f"{USERS}/groups" not in files
