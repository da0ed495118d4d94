"""Respect the locks of users who have an edit form open."""

from __future__ import annotations

from typing import Any

from AccessControl import getSecurityManager
from plone.locking.interfaces import ILockable

from zope.fssync.errors import SynchronizationError
from zope.fssync.messages import _

__all__ = ["refuse_locked"]


#: The lock of an object that has a working copy of plone.app.iterate.
COPIED = "iterate.lock"


def refuse_locked(obj: Any) -> None:
    """Raise an error if a user has locked an object, except for the edit form.

    The lock of the caller's own form is no obstacle, as it is none for the form.
    """
    lockable = ILockable(obj, None)
    if lockable is None:
        return
    user = getSecurityManager().getUser().getId()
    for each in lockable.lock_info():
        who = {"user": each["creator"]}
        if getattr(each["type"], "__name__", None) == COPIED:
            raise SynchronizationError(
                _("${user} has made a working copy of the object", mapping=who),
                advice=_(
                    "Check the working copy in first, or cancel it, in the browser."
                ),
            )
        if each["creator"] != user:
            raise SynchronizationError(
                _("${user} has locked the object to edit it", mapping=who),
                advice=_("Wait, or unlock it in the browser."),
            )
