"""The grants by which the security policy of the toolkit decides.

Grants that ZCML makes are kept in maps of the process; those in the database are
made for one place, and hold below it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

__all__ = ["grants", "inherits"]


def inherits(interaction: Any, place: Any) -> bool:
    """Return whether a place has the same grants as the place above it."""
    policy, plain, *maps = _policy()
    if type(interaction) is not policy:
        return False
    for interface in maps:
        granted = interface(place, None)
        if granted is not None and (granted or not isinstance(granted, plain)):
            return False
    return True


@cache
def _policy() -> tuple[Any, ...]:
    """Return the class of the policy that is known, and the maps that it reads.

    Second is the class of maps that are false where they grant nothing.
    """
    try:
        from zope.securitypolicy.interfaces import IPrincipalPermissionMap
        from zope.securitypolicy.interfaces import IPrincipalRoleMap
        from zope.securitypolicy.interfaces import IRolePermissionMap
        from zope.securitypolicy.securitymap import SecurityMap
        from zope.securitypolicy.zopepolicy import ZopeSecurityPolicy
    except ImportError:
        return None, ()
    return (
        ZopeSecurityPolicy,
        SecurityMap,
        IPrincipalPermissionMap,
        IRolePermissionMap,
        IPrincipalRoleMap,
    )


def grants(interaction: Any) -> list[Any] | None:
    """Return the policy and its global grants, None where it is not known.

    The result can be written as JSON.
    """
    try:
        from zope.securitypolicy.principalpermission import principalPermissionManager
        from zope.securitypolicy.principalrole import principalRoleManager
        from zope.securitypolicy.rolepermission import rolePermissionManager
        from zope.securitypolicy.zopepolicy import ZopeSecurityPolicy
    except ImportError:
        return None
    if type(interaction) is not ZopeSecurityPolicy:
        # Another policy may decide by anything, the time of day say.
        return None
    managers = (principalPermissionManager, principalRoleManager, rolePermissionManager)
    return [
        sorted((row, column, str(setting)) for row, column, setting in cells)
        for cells in (manager.getAllCells() for manager in managers)
    ]
