"""What the security policy of the toolkit decides by, outside of the database.

Grants that ZCML makes are kept in maps of the process; those in the database
show as changes of it.
"""

from __future__ import annotations

from typing import Any

__all__ = ["grants"]


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
        # Another policy may decide by the time of day.
        return None
    managers = (principalPermissionManager, principalRoleManager, rolePermissionManager)
    return [
        sorted((row, column, str(setting)) for row, column, setting in cells)
        for cells in (manager.getAllCells() for manager in managers)
    ]
