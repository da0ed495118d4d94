"""The rights of a user, apart from those that objects in the database grant.

Only known classes are accepted: by name, since their products may not be installed, and
only if no product has replaced one of their methods.
"""

from __future__ import annotations

import sys
from collections.abc import Set
from types import FunctionType
from typing import Any

from Acquisition import aq_base
from Acquisition import aq_inner
from Acquisition import aq_parent

from zope.fssync.synchronizer import dottedname

__all__ = ["described", "rights"]

#: Classes of users whose rights depend only on their roles, and on the local roles of
#: their ids and groups.  The rights of subclasses may depend on more.
KNOWN = frozenset(
    (
        "AccessControl.users.User",
        "Products.PluggableAuthService.PropertiedUser.PropertiedUser",
    )
)

#: The methods that decide about rights, and those that these call.
DECIDING = (
    "_check_context",
    "_getLocalRolesPlugins",
    "_getPAS",
    "allowed",
    "getGroups",
    "getId",
    "getRoles",
    "getRolesInContext",
    "getUserName",
    "has_permission",
    "has_role",
)


def rights(user: Any, known: Set[str] = KNOWN) -> list[Any] | None:
    """Return the data on which the rights of a user depend, None if unknown.

    ``known`` are the dotted names of the known classes.
    """
    base = aq_base(user)
    klass = type(base)
    if dottedname(klass) not in known or not _is_unchanged(klass):
        return None
    if user.getId() is None or not vars(base).keys().isdisjoint(DECIDING):
        return None
    return described(user)


def described(user: Any) -> list[Any]:
    """Return the identity, the roles and the groups of a user, as JSON."""
    base = aq_base(user)
    folder = aq_parent(aq_inner(user))
    groups = base.getGroups() if hasattr(base, "getGroups") else ()
    return [
        dottedname(type(base)),
        "/".join(folder.getPhysicalPath()) if folder is not None else None,
        repr(user.getId()),
        repr(user.getUserName()),
        # Plugins may name roles and groups by objects of any type.
        sorted(map(repr, user.getRoles())),
        sorted(map(repr, groups)),
    ]


def _is_unchanged(klass: type) -> bool:
    return all(_is_own(klass, name) for name in DECIDING)


def _is_own(klass: type, name: str) -> bool:
    """Return True if a method was defined in the module of its class."""
    for each in klass.__mro__:
        if name in vars(each):
            method = vars(each)[name]
            module = vars(sys.modules[each.__module__])
            return isinstance(method, FunctionType) and method.__globals__ is module
    return True
