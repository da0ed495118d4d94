"""Respect the locks of users who have an edit form open."""

from __future__ import annotations

from typing import Any

from AccessControl import getSecurityManager
from plone.locking.interfaces import ILockable

from zope.fssync.errors import SynchronizationError

__all__ = ["refuse_locked"]


def refuse_locked(obj: Any) -> None:
    """Raise an error if another user has locked an object to edit it."""
    lockable = ILockable(obj, None)
    if lockable is None:
        return
    user = getSecurityManager().getUser().getId()
    others = [
        each["creator"] for each in lockable.lock_info() if each["creator"] != user
    ]
    if others:
        raise SynchronizationError(
            f"{others[0]} has locked the object to edit it",
            advice="Wait, or unlock it in the browser.",
        )
