"""What AccessControl says of the caller: the only place that asks it.

A permission is told by its title, as the Security tab shows it.  Objects are asked
about in the place where they are stored, whatever way a URL took to them.
"""

from __future__ import annotations

from typing import Any

from AccessControl import getSecurityManager
from AccessControl.Permissions import import_export_objects
from AccessControl.unauthorized import Unauthorized
from Acquisition import aq_base
from Acquisition import aq_inner
from Acquisition import aq_parent
from zope.component import queryUtility
from zope.security.interfaces import IPermission

__all__ = ["ANYTHING", "allowed", "placed", "require", "title"]

#: To read and change what nobody described: it may hold passwords, say.
ANYTHING = import_export_objects


def allowed(permission: str | None, place: Any) -> bool:
    """Has the caller a permission in a place?  None is what everybody may."""
    return permission is None or bool(
        getSecurityManager().checkPermission(permission, place)
    )


def require(permission: str | None, place: Any) -> None:
    """Raise `Unauthorized` where the caller has no permission in a place."""
    if not allowed(permission, place):
        raise Unauthorized(f"you need the permission {permission!r}")


def title(id: str) -> str | None:
    """Return the title of the permission that ZCML calls ``id``, None for public."""
    if id in ("zope.Public", "zope2.Public"):
        return None
    permission = queryUtility(IPermission, name=id)
    # What is not known here nobody can be granted.
    return ANYTHING if permission is None else str(permission.title)


def placed(obj: Any, context: Any = None) -> Any:
    """Return an object in the place that its permissions are looked up in.

    ``context`` is where an object belongs that has no place, or claims another.
    """
    if context is None:
        return aq_inner(obj)
    context = aq_inner(context)
    if not hasattr(aq_base(obj), "__of__"):
        # A value of an annotation, a mapping of extras.
        return context
    if aq_base(obj) is aq_base(context):
        return context
    parent = aq_parent(aq_inner(obj))
    if parent is not None and aq_base(parent) is aq_base(context):
        return aq_inner(obj)
    return aq_base(obj).__of__(context)
