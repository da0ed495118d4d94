"""What the rights of a user depend on, besides the objects in the database.

Only classes are accepted whose every decision is known: by name, as the products of
some are not installed, and unchanged, as others replace their methods.
"""

from __future__ import annotations

import sys
from types import FunctionType
from typing import Any

from Acquisition import aq_base
from Acquisition import aq_inner
from Acquisition import aq_parent

from zope.fssync.synchronizer import dottedname

__all__ = ["rights", "told"]

#: Users who have the roles that they tell, and the local roles of their ids and
#: groups.  Subclasses may ask others as well.
KNOWN = frozenset(
    (
        "AccessControl.users.User",
        "Products.PluggableAuthService.PropertiedUser.PropertiedUser",
    )
)

#: The methods that decide, or that these ask.
DECIDING = (
    "_check_context",
    "allowed",
    "getGroups",
    "getId",
    "getRoles",
    "getRolesInContext",
    "getUserName",
    "has_permission",
    "has_role",
)


def rights(user: Any) -> list[Any] | None:
    """Return what `told` says of a user, None where others decide too."""
    base = aq_base(user)
    klass = type(base)
    if dottedname(klass) not in KNOWN or not _is_unchanged(klass):
        return None
    if user.getId() is None or not vars(base).keys().isdisjoint(DECIDING):
        return None
    return told(user)


def told(user: Any) -> list[Any]:
    """Return who a user is, and his roles and groups, in no order of their own.

    The result can be written as JSON.
    """
    base = aq_base(user)
    folder = aq_parent(aq_inner(user))
    groups = base.getGroups() if hasattr(base, "getGroups") else ()
    return [
        dottedname(type(base)),
        "/".join(folder.getPhysicalPath()) if folder is not None else None,
        repr(user.getId()),
        repr(user.getUserName()),
        # Plugins name roles and groups as they like.
        sorted(map(repr, user.getRoles())),
        sorted(map(repr, groups)),
    ]


def _is_unchanged(klass: type) -> bool:
    return all(_is_own(klass, name) for name in DECIDING)


def _is_own(klass: type, name: str) -> bool:
    """Is a method, if there is one, that of the module which defines the class?"""
    for each in klass.__mro__:
        if name in vars(each):
            method = vars(each)[name]
            module = vars(sys.modules[each.__module__])
            return isinstance(method, FunctionType) and method.__globals__ is module
    return True
