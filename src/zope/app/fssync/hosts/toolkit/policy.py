"""The grants by which the security policy of the toolkit decides.

Grants that ZCML makes are kept in maps of the process; those in the database are
made for one place, and hold below it.
"""

from __future__ import annotations

from typing import Any

__all__ = ["grants", "inherits"]


def inherits(interaction: Any, place: Any) -> bool:
    """Return whether a place has the same grants as the place above it."""
    try:
        from zope.securitypolicy.interfaces import IPrincipalPermissionMap
        from zope.securitypolicy.interfaces import IPrincipalRoleMap
        from zope.securitypolicy.interfaces import IRolePermissionMap
        from zope.securitypolicy.securitymap import SecurityMap
        from zope.securitypolicy.zopepolicy import ZopeSecurityPolicy
    except ImportError:
        return False
    if type(interaction) is not ZopeSecurityPolicy:
        return False
    for interface in IPrincipalPermissionMap, IRolePermissionMap, IPrincipalRoleMap:
        granted = interface(place, None)
        if granted is not None and (granted or not isinstance(granted, SecurityMap)):
            return False
    return True


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
