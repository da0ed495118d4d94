"""What the rights of users depend on is known, or nothing is said of them."""

from __future__ import annotations

import json

import pytest
from AccessControl.users import BasicUser
from AccessControl.users import SimpleUser
from AccessControl.users import User
from AccessControl.users import nobody
from AccessControl.users import system
from Products.PluggableAuthService.PropertiedUser import PropertiedUser

from zope.app.fssync.hosts.ofs.users import DECIDING
from zope.app.fssync.hosts.ofs.users import rights
from zope.app.fssync.testing.ofs.pas import replace
from zope.app.fssync.testing.ofs.site import application


def member(roles=(), groups=(), id="ann", login=None, kind=PropertiedUser):
    user = kind(id, login)
    user._addRoles(roles)
    user._addGroups(groups)
    return user


@pytest.mark.parametrize(
    "other",
    [
        member(),
        member(["a"], ["g"]),
        member(["a", "b", "c"], ["g"]),
        member(["a", "b"], ["g", "h"]),
        member(["a", "b", "g"]),
        member(["a", "b"], ["g"], id="bob"),
        member(["a", "b"], ["g"], login="Ann"),
        User("ann", "", ["a", "b"], []),
    ],
)
def test_other_roles_groups_or_names_are_other_rights(other):
    assert rights(other) != rights(member(["a", "b"], ["g"]))
    assert rights(other) is not None


def test_the_order_of_roles_and_groups_does_not_matter():
    one = member(["a", "b"], ["g", "h"])
    assert rights(member(["b", "a"], ["h", "g"])) == rights(one)


def test_plugins_may_name_roles_and_groups_as_they_like():
    assert json.dumps(rights(member([b"a", "b", 3], [None, "g"])))


def test_the_same_user_of_another_folder_has_other_rights():
    with application() as app:
        app.manage_addFolder("sub")
        app.sub.manage_addUserFolder()
        user = User("ann", "", [], [])
        assert rights(user.__of__(app.acl_users)) != rights(
            user.__of__(app.sub.acl_users)
        )


class Dynamic(PropertiedUser):
    """Asks something else for local roles."""


class OwnUser(User):
    """Somebody else's."""


@pytest.mark.parametrize(
    "user",
    [
        nobody,
        system,
        SimpleUser("ann", "", [], []),
        member(kind=Dynamic),
        OwnUser("ann", "", [], []),
    ],
)
def test_rights_of_other_users_are_not_known(user):
    assert rights(user) is None


@pytest.mark.parametrize("name", DECIDING)
@pytest.mark.parametrize("klass", [PropertiedUser, BasicUser])
def test_rights_of_classes_with_replaced_methods_are_not_known(
    klass, name, monkeypatch
):
    monkeypatch.setattr(klass, name, lambda *args: "ann", raising=False)
    known = klass is BasicUser and name in vars(PropertiedUser)
    assert (rights(member()) is not None) == known


def test_rights_of_users_with_own_methods_are_not_known():
    user = member()
    user.allowed = lambda *args: 1
    assert rights(user) is None


def test_users_of_a_pluggable_folder_have_the_rights_that_plugins_give():
    with application() as app:
        users = replace(app)
        seen = [rights(users.getUserById("ann"))]
        users.groups.addPrincipalToGroup("ann", "editors")
        seen.append(rights(users.getUserById("ann")))
        users.roles.assignRoleToPrincipal("Editor", "editors")
        seen.append(rights(users.getUserById("ann")))
        users.roles.removeRoleFromPrincipal("Editor", "editors")
        users.groups.removePrincipalFromGroup("ann", "editors")
        again = rights(users.getUserById("ann"))
        assert again == seen[0]
        assert None not in seen
        assert len({json.dumps(each) for each in seen}) == 3
