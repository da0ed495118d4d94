"""Move objects with the adapters of zope.copypastemove, as the pages of a site do."""

from __future__ import annotations

from typing import Any

from zope.container.interfaces import INameChooser
from zope.copypastemove.interfaces import IContainerItemRenamer
from zope.copypastemove.interfaces import IObjectMover
from zope.location.interfaces import IContained

from zope.fssync.errors import SynchronizationError
from zope.fssync.messages import _
from zope.fssync.terminal import escape

__all__ = ["move"]


def move(obj: Any, source: Any, key: Any, target: Any, name: Any) -> bool:
    """Move a bare object between bare synchronizers; False if no adapter does it."""
    containers = [each.getObject() for each in (source, target)]
    is_contained = IContained.providedBy(obj) and obj.__parent__ is containers[0]
    if not is_contained or INameChooser(containers[1], None) is None:
        return False
    if containers[0] is containers[1]:
        renamer = IContainerItemRenamer(containers[0], None)
        if renamer is None:
            return False
        found = renamer.renameItem(key, name)
    else:
        mover = IObjectMover(obj, None)
        if mover is None or not mover.moveableTo(containers[1], name):
            return False
        found = mover.moveTo(containers[1], name)
    if found != name:
        raise SynchronizationError(
            _(
                "it cannot be called ${name}, but ${found}",
                mapping={"name": escape(str(name)), "found": escape(str(found))},
            )
        )
    return True
