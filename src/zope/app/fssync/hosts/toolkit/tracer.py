"""Find the objects of a tree of the toolkit that changed between two states.

Records of the database are traced to the objects they belong to: an item of the tree
is an object that its container has under its name, and all other records belong to the
objects that refer to them.

Some changes concern more than the object itself: if a directory was moved or has
changed annotations (grants are among them), everything below it counts as changed.
Changes that may concern any object, as of registrations, raise `HistoryUnavailable`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from persistent import Persistent
from zope.container.contained import ContainedProxyBase
from zope.container.contained import getProxiedObject
from zope.location.interfaces import IRoot

from zope.app.fssync.hosts.toolkit.location import class_of
from zope.app.fssync.hosts.toolkit.location import inner_of
from zope.app.fssync.hosts.toolkit.location import name_of
from zope.app.fssync.hosts.toolkit.location import parent_of
from zope.app.fssync.server.changes.tracer import OWN
from zope.app.fssync.server.changes.tracer import RecordTracer
from zope.app.fssync.server.registration import registration
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.registry.synchronizers import find
from zope.fssync.task.base import isdirectory
from zope.fssync.task.delta import Changed
from zope.fssync.task.walk import child

__all__ = ["ToolkitTracer"]

#: Objects of these modules, and of classes derived from theirs, hold registrations and
#: grants, which concern other objects.
_registries = ("zope.component.", "zope.interface.")
_grants = ("zope.securitypolicy.",)
_sites = ("zope.site.site.",)

#: The relation of a record to its object: a mapping of annotations, a grant, a mapping
#: of items, an annotation or any other part.
MAPPING, GRANT, ITEMS, NOTE, PART = 2, 4, 8, 16, 32

#: The relations that concern everything in the object as well.
_deep = OWN | MAPPING | GRANT


class ToolkitTracer(RecordTracer):
    """See `RecordTracer`: objects know their container and their name."""

    traces_moves = True

    def ancestors(self) -> Iterator[Any]:
        """See `RecordTracer`."""
        obj = self.context
        while (obj := parent_of(obj)) is not None:
            yield obj

    def decides(self, obj: Any) -> bool:
        """See `RecordTracer`."""
        return _decides(class_of(obj))

    def is_root(self, obj: Any) -> bool:
        """See `RecordTracer`."""
        return parent_of(obj) is None and bool(IRoot.providedBy(obj))

    def above(self, obj: Any) -> Any:
        """See `RecordTracer`."""
        return parent_of(obj)

    def is_deep(self, oid: bytes, obj: Any, how: int) -> bool:
        """See `RecordTracer`."""
        return bool(how & _deep)

    def is_directory(self, obj: Any) -> bool:
        """See `RecordTracer`."""
        return isdirectory(_synchronizer(obj))

    def mark_directory(self, changed: Changed, obj: Any, how: int) -> None:
        """See `RecordTracer`."""
        changed.marks.add(NODE)
        if how & (ITEMS | PART):
            changed.marks.add(LIST)
            for key, item in _synchronizer(obj).iteritems():
                if self._is_part(item, how):
                    changed.at([key]).marks.add(TREE)

    def _is_part(self, item: Any, how: int) -> bool:
        """Return True if an item is stored in the changed record of its directory."""
        if getattr(item, "_p_oid", None) is None:
            return True
        return bool(how & PART) and not self.is_item(item)

    def steps(self, oid: bytes, obj: Any, how: int) -> Iterator[tuple[bytes, int]]:
        """See `RecordTracer`: yields all records that refer to the record."""
        if _is_of(class_of(obj), _grants):
            how = GRANT
        for referrer in self.index.of(oid, self.now):
            yield referrer, self._concern(referrer, oid, obj, how)

    def _concern(self, referrer: bytes, oid: bytes, obj: Any, how: int) -> int:
        if how & GRANT:
            return GRANT
        owner = self.get(referrer)
        if (
            isinstance(owner, ContainedProxyBase)
            and getattr(getProxiedObject(owner), "_p_oid", None) == oid
        ):
            return how
        is_note = _annotations_oid(owner) == oid
        if how & (OWN | MAPPING) and (is_note or _is_mapping(obj)):
            return MAPPING if is_note or _is_mapping(owner) else ITEMS
        return NOTE if is_note else PART

    def find_place(self, oid: bytes, obj: Any) -> tuple[bytes, Any] | None:
        """See `RecordTracer`: the container has the object under its name."""
        try:
            parent, name = parent_of(obj), name_of(obj)
        except AttributeError:
            return None
        if not isinstance(parent, Persistent) or parent._p_oid is None:
            return None
        if not self.is_item(parent):
            return None
        synchronizer = _synchronizer(parent)
        if not isdirectory(synchronizer):
            return None
        try:
            found = child(synchronizer, name)
        except (LookupError, TypeError, AttributeError):
            return None
        return (parent._p_oid, name) if getattr(found, "_p_oid", None) == oid else None


def _synchronizer(obj: Any) -> Any:
    found = find(inner_of(obj))
    return None if found is None else registration(found.factory).make(obj)


@cache
def _decides(klass: type) -> bool:
    """Return True if objects of a class hold registrations."""
    # Folders derive from a class of sites, but are none themselves.
    own = f"{klass.__module__}.".startswith(_sites)
    return own or _is_of(klass, _registries)


@cache
def _is_of(klass: type, modules: tuple[str, ...]) -> bool:
    """Return True if a class or one of its bases is in one of the modules."""
    return any(f"{each.__module__}.".startswith(modules) for each in klass.__mro__)


def _is_mapping(obj: Any) -> bool:
    return type(obj).__module__.startswith("BTrees.")


def _annotations_oid(obj: Any) -> Any:
    return getattr(getattr(obj, "__annotations__", None), "_p_oid", None)
