"""Move objects as the management screens of Zope do: rename, cut and paste."""

from __future__ import annotations

from typing import Any

from Acquisition import aq_base
from OFS.interfaces import ICopyContainer

from zope.app.fssync.hosts.ofs.itemorder import kept_by_name
from zope.fssync.errors import SynchronizationError
from zope.fssync.fsutil import free_name
from zope.fssync.messages import _
from zope.fssync.terminal import escape

__all__ = ["move"]


def move(source: Any, id: str, target: Any, new_id: str) -> bool:
    """Move an item between containers; False if they do not support cut and paste.

    Zope checks the same permissions as in the management screens, and notifies
    subscribers of one move, or of two if the object gets a new id in another container.
    """
    if not all(map(ICopyContainer.providedBy, (source, target))):
        return False
    if id in (*source._reserved_names, "acl_users"):
        raise SynchronizationError(
            _("${id} cannot be moved", mapping={"id": escape(repr(id))})
        )
    with kept_by_name(source, target):
        _move(source, id, target, new_id)
    return True


def _move(source: Any, id: str, target: Any, new_id: str) -> None:
    if aq_base(source) is aq_base(target):
        source.manage_renameObject(id, new_id)
        return
    # Pasted into a container with an item of its id, an object would get another id.
    way = new_id
    if source.hasObject(new_id) and new_id != id:
        way = free_name(
            new_id, lambda name: source.hasObject(name) or target.hasObject(name)
        )
    if way != id:
        source.manage_renameObject(id, way)
    target.manage_pasteObjects(source.manage_cutObjects([way]))
    if way != new_id:
        target.manage_renameObject(way, new_id)
