"""Check permissions of the caller; no other module asks AccessControl for them.

A permission is named by its title, as the Security tab shows it.  It is checked in the
place where an object is stored, whatever the path of the URL.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from AccessControl import getSecurityManager
from AccessControl.PermissionRole import rolesForPermissionOn
from AccessControl.Permissions import import_export_objects
from AccessControl.unauthorized import Unauthorized
from Acquisition import aq_base
from Acquisition import aq_inner
from Acquisition import aq_parent
from zope.component import queryUtility
from zope.security.interfaces import IPermission

__all__ = [
    "ANYTHING",
    "CHANGE_OWNER",
    "allowed",
    "placed",
    "reading_past",
    "require",
    "title",
]

#: For objects without a described type, which may hold passwords.
ANYTHING = import_export_objects

#: To give objects to other users.  Zope has "Take ownership" for oneself only.
CHANGE_OWNER = "FSSync: Change owner"


#: While old states are read: finds the place that an object has today.
_today: ContextVar[Callable[[Any], Any] | None] = ContextVar("today", default=None)


@contextmanager
def reading_past(today: Callable[[Any], Any]) -> Iterator[None]:
    """See `IHost`."""
    token = _today.set(today)
    try:
        yield
    finally:
        _today.reset(token)


def allowed(permission: str | None, place: Any) -> bool:
    """Return whether the caller has a permission in a place; None is public."""
    if permission is None:
        return True
    today = _today.get()
    if today is None:
        return bool(getSecurityManager().checkPermission(permission, place))
    where = today(place)
    if where is None:
        return False
    if where.gone and not _allowed_then(permission, place, where.place):
        return False
    return bool(getSecurityManager().checkPermission(permission, where.place))


def _allowed_then(permission: str, old: Any, place: Any) -> bool:
    """Return whether the roles of today had a permission on a removed object."""
    user = getSecurityManager().getUser()
    roles = {"Anonymous", *user.getRolesInContext(place)}
    return not roles.isdisjoint(rolesForPermissionOn(permission, old))


def require(permission: str | None, place: Any) -> None:
    """Raise `Unauthorized` if the caller lacks a permission in a place."""
    if not allowed(permission, place):
        raise Unauthorized(f"you need the permission {permission!r}")


def title(id: str) -> str | None:
    """Return the title of the permission with an id in ZCML, None for public."""
    if id in ("zope.Public", "zope2.Public"):
        return None
    permission = queryUtility(IPermission, name=id)
    # An unknown permission cannot be granted.
    return ANYTHING if permission is None else str(permission.title)


def placed(obj: Any, context: Any = None) -> Any:
    """Return an object in the place in which its permissions are looked up.

    ``context`` is the place of an object that has none, or claims another.
    """
    if context is None:
        return aq_inner(obj)
    context = aq_inner(context)
    if not hasattr(aq_base(obj), "__of__"):
        # The object is the value of an annotation, or a mapping of extras.
        return context
    if aq_base(obj) is aq_base(context):
        return context
    parent = aq_parent(aq_inner(obj))
    if parent is not None and aq_base(parent) is aq_base(context):
        return aq_inner(obj)
    return aq_base(obj).__of__(context)
