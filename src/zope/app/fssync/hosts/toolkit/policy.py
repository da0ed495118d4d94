"""The grants that the security policy of the toolkit reads.

Grants of ZCML are in maps of the process; a grant in the database is made for one
place, and is valid in all places below it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

__all__ = ["grants", "inherits"]


def inherits(interaction: Any, place: Any) -> bool:
    """Return True if a place has no grants besides those of the place above it."""
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
    """Return the class of the known policy, and the interfaces of its maps.

    The second item is the class of maps that are false if they grant nothing.
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
    """Return the policy and its global grants as data for JSON.

    None if the policy is not known.
    """
    try:
        from zope.securitypolicy.principalpermission import principalPermissionManager
        from zope.securitypolicy.principalrole import principalRoleManager
        from zope.securitypolicy.rolepermission import rolePermissionManager
        from zope.securitypolicy.zopepolicy import ZopeSecurityPolicy
    except ImportError:
        return None
    if type(interaction) is not ZopeSecurityPolicy:
        # Another policy may depend on anything, as on the time of day.
        return None
    managers = (principalPermissionManager, principalRoleManager, rolePermissionManager)
    return [
        sorted((row, column, str(setting)) for row, column, setting in cells)
        for cells in (manager.getAllCells() for manager in managers)
    ]
