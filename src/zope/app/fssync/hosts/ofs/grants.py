"""Check the rights that a pickled object grants itself.

A pickle may grant no more than the parts of a described object could.  Roles and
permissions need "Change permissions", proxy roles "Change proxy roles" and these roles,
an owner "FSSync: Change owner".  Without the last permission the user who commits the
object becomes its owner, as of any new object.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from AccessControl import getSecurityManager
from AccessControl.Permissions import change_permissions
from AccessControl.Permissions import change_proxy_roles
from AccessControl.unauthorized import Unauthorized
from Acquisition import aq_base

from zope.app.fssync.hosts.ofs.permissions import CHANGE_OWNER
from zope.app.fssync.hosts.ofs.permissions import allowed
from zope.app.fssync.hosts.ofs.permissions import require

__all__ = ["given", "settle"]

LOCAL_ROLES = "__ac_local_roles__"
PROXY_ROLES = "_proxy_roles"

#: Attributes that grant rights unless they are empty.
ROLES = frozenset((LOCAL_ROLES, "__ac_roles__", "__allow_groups__"))

#: The ends of names of attributes that grant rights with any value, even None.
ACCESS = (
    "__roles__",
    "_Permission",
    "__ac_local_roles_block__",
    "__ac_permissions__",
    "__allow_access_to_unprotected_subobjects__",
)


def given(obj: Any) -> bool:
    """Return True if an object has grants of its own."""
    attributes = _attributes(obj)
    return any(_access(attributes))


def settle(obj: Any, place: Any) -> None:
    """Remove rights from a new object that the caller may not grant in a place."""
    attributes = _attributes(obj)
    if not allowed(CHANGE_OWNER, place):
        if _is_implied(attributes):
            attributes.pop(LOCAL_ROLES, None)
        attributes.pop("_owner", None)
    if any(_access(attributes)):
        require(change_permissions, place)
    if proxy_roles := attributes.get(PROXY_ROLES):
        require(change_proxy_roles, place)
        _require_roles(proxy_roles, place)


def _attributes(obj: Any) -> dict[str, Any]:
    base = aq_base(obj)
    if getattr(base, "_p_jar", None) is not None:
        base._p_activate()
    found: dict[str, Any] = getattr(base, "__dict__", {})
    return found


def _access(attributes: dict[str, Any]) -> Iterator[str]:
    """Iterate over the names of the attributes that grant rights."""
    for name, value in attributes.items():
        if name == LOCAL_ROLES and _is_implied(attributes):
            continue
        if name.endswith(ACCESS) or (name in ROLES and value):
            yield name


def _is_implied(attributes: dict[str, Any]) -> bool:
    """Return True if the only local role is one Owner, as in any new object."""
    roles = attributes.get(LOCAL_ROLES)
    return type(roles) is dict and list(roles.values()) == [["Owner"]]


def _require_roles(wanted: Any, place: Any) -> None:
    has = getSecurityManager().getUser().getRolesInContext(place)
    if not set(wanted) <= set(has):
        raise Unauthorized("you do not have the proxy roles of an object")
