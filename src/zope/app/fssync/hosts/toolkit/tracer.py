"""Which objects of a tree changed between two states of the database.

Records of the database are traced to the objects they belong to: an object of
the tree is what its container has under its name, and all other records belong
to the objects that lead to them.

Some changes concern more than the object itself: a directory that was moved or
got other annotations (grants among them) stands for all below it.  What cannot
be bounded, registrations say, raises `Unknown`.
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
from zope.app.fssync.hosts.toolkit.location import name_of
from zope.app.fssync.hosts.toolkit.location import parent_of
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import Unknown
from zope.app.fssync.server.changes.tracer import OWN
from zope.app.fssync.server.changes.tracer import Survey
from zope.app.fssync.server.changes.tracer import changed_records
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.synchronizer import queryFactory
from zope.fssync.task.base import isdirectory
from zope.fssync.task.delta import Changed
from zope.fssync.task.walk import child

__all__ = ["changes"]

#: Objects of these modules, and of classes derived from theirs, decide how others
#: are registered, and who may.
_registries = ("zope.component.", "zope.interface.")
_grants = ("zope.securitypolicy.",)
_sites = ("zope.site.site.",)

#: How a record that is not the object itself concerns it: it is a mapping of
#: annotations, a grant, a mapping of items, an annotation or any other part.
MAPPING, GRANT, ITEMS, NOTE, PART = 2, 4, 8, 16, 32

#: These concern all that is in the object as well.
_deep = OWN | MAPPING | GRANT


def changes(
    context: Any, history: History, tid: bytes, references: bool, without: str | None
) -> Changed:
    """Return what changed in ``context`` after ``tid``; see `IHost`."""
    changed = changed_records(history, tid, without)
    if not changed:
        return Changed()
    return _Survey(context, history).changes(changed, references)


class _Survey(Survey):
    def __init__(self, context: Any, history: History) -> None:
        super().__init__(context._p_jar, history)
        self.context = context
        self._above = {each._p_oid for each in _ancestors(context)}
        self._items: dict[bytes, bool] = {}

    def changes(self, oids: list[bytes], references: bool) -> Changed:
        found = self.owners(oids)
        result = Changed()
        for oid, how in found.items():
            obj = self.connection.get(oid)
            if oid in self._above:
                if how & _deep:
                    raise Unknown("what is above the object has changed")
                continue
            if references and how & OWN:
                raise Unknown("an object may have moved that others refer to")
            keys = self._keys_from_context(obj)
            if keys is not None:
                self._mark(result, obj, keys, how)
        return result

    def _mark(self, result: Changed, obj: Any, keys: tuple[Any, ...], how: int) -> None:
        if how & _deep or not _is_directory(obj):
            if not keys:
                raise Unknown("the object itself has changed")
            result.at(keys).marks.add(TREE)
            return
        changed = result.at(keys)
        changed.marks.add(NODE)
        if how & (ITEMS | PART):
            changed.marks.add(LIST)
            for key, item in _synchronizer(obj).iteritems():
                if self._is_part(item, how):
                    changed.at([key]).marks.add(TREE)

    def _is_part(self, item: Any, how: int) -> bool:
        """Is an item stored in what has changed of its directory?"""
        if getattr(item, "_p_oid", None) is None:
            return True
        return bool(how & PART) and not self.is_item(item)

    # From records to objects

    def decides(self, obj: Any) -> bool:
        """See `Survey`."""
        return _decides(class_of(obj))

    def steps(self, oid: bytes, obj: Any, how: int) -> Iterator[tuple[bytes, int]]:
        """See `Survey`: all that refers to the record."""
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

    # From objects to their places

    def is_item(self, obj: Any) -> bool:
        """Is this what its container has under its name, up to the root?"""
        oid = obj._p_oid
        if oid not in self._items:
            # Whoever is in itself is nowhere.
            self._items[oid] = False
            self._items[oid] = self._is_where_it_says(obj)
        return self._items[oid]

    def _keys_from_context(self, obj: Any) -> tuple[Any, ...] | None:
        """Return the keys that lead from the context to an item, if they do."""
        oid = self.context._p_oid
        keys: list[Any] = []
        while obj._p_oid != oid:
            parent = parent_of(obj)
            if parent is None:
                return None
            keys.append(name_of(obj))
            obj = parent
        return tuple(reversed(keys))

    def _is_where_it_says(self, obj: Any) -> bool:
        try:
            parent, name = parent_of(obj), name_of(obj)
        except AttributeError:
            return False
        if parent is None:
            return _is_root(obj)
        if not isinstance(parent, Persistent) or parent._p_oid is None:
            return False
        if not self.is_item(parent):
            return False
        synchronizer = _synchronizer(parent)
        if not isdirectory(synchronizer):
            return False
        try:
            found = child(synchronizer, name)
        except (LookupError, TypeError, AttributeError):
            return False
        return bool(getattr(found, "_p_oid", None) == obj._p_oid)


def _ancestors(obj: Any) -> Iterator[Any]:
    while (obj := parent_of(obj)) is not None:
        yield obj


def _is_root(obj: Any) -> bool:
    return bool(IRoot.providedBy(obj))


def _synchronizer(obj: Any) -> Any:
    factory = queryFactory(class_of(obj))
    return None if factory is None else factory(obj)


def _is_directory(obj: Any) -> bool:
    return isdirectory(_synchronizer(obj))


@cache
def _decides(klass: type) -> bool:
    """Does an object of this class decide how others are registered?"""
    # Folders are derived from what can be a site.
    own = f"{klass.__module__}.".startswith(_sites)
    return own or _is_of(klass, _registries)


@cache
def _is_of(klass: type, modules: tuple[str, ...]) -> bool:
    """Is this class, or one that it is derived from, of one of the modules?"""
    return any(f"{each.__module__}.".startswith(modules) for each in klass.__mro__)


def _is_mapping(obj: Any) -> bool:
    return type(obj).__module__.startswith("BTrees.")


def _annotations_oid(obj: Any) -> Any:
    return getattr(getattr(obj, "__annotations__", None), "_p_oid", None)
