"""A pluggable user folder in place of the one that comes with Zope."""

from __future__ import annotations

from typing import Any

from Products.PluggableAuthService.PluggableAuthService import addPluggableAuthService
from Products.PluggableAuthService.plugins.HTTPBasicAuthHelper import (
    addHTTPBasicAuthHelper,
)
from Products.PluggableAuthService.plugins.ZODBGroupManager import addZODBGroupManager
from Products.PluggableAuthService.plugins.ZODBRoleManager import addZODBRoleManager
from Products.PluggableAuthService.plugins.ZODBUserManager import addZODBUserManager

__all__ = ["ACTIVE", "PEOPLE", "install", "replace"]

#: The plugins, and what each is active for.
ACTIVE = {
    "basic": ("IExtractionPlugin", "IChallengePlugin"),
    "people": ("IAuthenticationPlugin", "IUserEnumerationPlugin", "IUserAdderPlugin"),
    "groups": ("IGroupsPlugin", "IGroupEnumerationPlugin"),
    "roles": ("IRolesPlugin", "IRoleEnumerationPlugin", "IRoleAssignerPlugin"),
}

#: Users and their roles; of each the password is the name.
PEOPLE = {"zsync": ["Manager"], "ann": [], "bob": []}


def install(place: Any) -> Any:
    """Give a folder that has no users a pluggable user folder with `PEOPLE`."""
    addPluggableAuthService(place)
    users = place.acl_users
    addHTTPBasicAuthHelper(users, "basic", "Basic")
    addZODBUserManager(users, "people", "People")
    addZODBGroupManager(users, "groups", "Groups")
    addZODBRoleManager(users, "roles", "Roles")
    for name, interfaces in ACTIVE.items():
        users[name].manage_activateInterfaces(interfaces)
    users.groups.addGroup("editors", "Editors", "They edit")
    users.roles.addRole("Editor", "An editor", "Edits")
    for name, roles in PEOPLE.items():
        users.people.addUser(name, name, name)
        for role in roles:
            users.roles.assignRoleToPrincipal(role, name)
    return users


def replace(app: Any) -> Any:
    """Replace the users of the root."""
    app._delObject("acl_users")
    return install(app)
