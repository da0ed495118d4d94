"""Relations as text: the UIDs of the objects that a field refers to.

A UID does not change when an object is moved.  A path relative to the site may be
written instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from AccessControl.Permissions import view
from plone.app.uuid.utils import uuidToObject
from plone.uuid.interfaces import IUUID
from z3c.relationfield import RelationValue
from z3c.relationfield.event import updateRelations
from z3c.relationfield.interfaces import IRelationList
from zope.component import getUtility
from zope.component.hooks import getSite
from zope.intid.interfaces import IIntIds

from zope.app.fssync.hosts.ofs.permissions import allowed
from zope.app.fssync.hosts.plone.sentences import naming
from zope.app.fssync.hosts.plone.slots import Slot
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

__all__ = ["item_of", "load"]


def item_of(key: str, field: Any, value: Any) -> Item:
    """Return the item of a relation, or of a list of relations."""
    if IRelationList.providedBy(field):
        found = [_uid(each) for each in value or ()]
        return Item(key, lines=tuple(each for each in found if each))
    uid = _uid(value)
    return Item(key, uid) if uid else Item(key, kind="nothing")


def _uid(relation: Any) -> str | None:
    target = None if relation is None or relation.isBroken() else relation.to_object
    return None if target is None else IUUID(target, None)


def load(obj: Any, slot: Slot, item: Item) -> Callable[[], None] | None:
    """Set relations; return a function to set them later if an object is missing."""
    names = item.lines if item.value is None else (item.value,)
    kept, targets = _by_uid(slot.get(obj)), _Targets()
    if all(name in kept or targets[name] is not None for name in names):
        _set(obj, slot, names, targets)
        return None

    def later() -> None:
        _set(obj, slot, names, targets)
        updateRelations(obj, None)

    return later


class _Targets(dict[str, Any]):
    """The objects by their names, each looked up once: that is a query of a catalog."""

    def __missing__(self, name: str) -> Any:
        found = _target(name)
        if found is not None:
            self[name] = found
        return found


def _by_uid(value: Any) -> dict[str | None, Any]:
    values = value if isinstance(value, list | tuple) else [value]
    return {_uid(each): each for each in values}


def _set(obj: Any, slot: Slot, names: tuple[str, ...], targets: _Targets) -> None:
    kept = _by_uid(slot.get(obj))
    found = [
        kept.get(name) or _relation(slot.key, name, targets[name]) for name in names
    ]
    field = slot.field.bind(obj)
    value: Any = found if IRelationList.providedBy(field) else next(iter(found), None)
    with naming(slot.key):
        field.validate(value)
    slot.put(obj, value)


def _relation(key: str, name: str, target: Any) -> RelationValue:
    if target is None:
        raise SynchronizationError(
            _(
                "${key}: there is no object ${name}",
                mapping={"key": key, "name": repr(name)},
            ),
            advice=_("Write the UID of an object, or its path in the site."),
        )
    return RelationValue(getUtility(IIntIds).getId(target))


def _target(name: str) -> Any:
    if not name.startswith("/"):
        return uuidToObject(name)
    found = getSite()
    for step in name.strip("/").split("/"):
        found = found._getOb(step, None) if hasattr(found, "_getOb") else None
        if found is None:
            return None
    # Who may not view it is not told that it is there.
    return found if IUUID(found, None) and allowed(view, found) else None
