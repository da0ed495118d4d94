"""Which objects of a tree changed between two states of the database.

Objects of Zope do not store where they are: from the records that changed one
climbs by what refers to them, up to the object that a folder has under its id.  All
records that are no such object belong to the objects they lead up to.

A folder stores its settings in one record with the list of its items.  Where more
than the list has changed, a role or an owner say, the folder stands for all below
it.  What cannot be bounded raises `Unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from Acquisition import aq_base
from OFS.interfaces import IItem
from OFS.interfaces import IObjectManager
from ZODB.POSException import POSKeyError
from ZODB.serialize import referencesf
from ZODB.utils import p64
from ZODB.utils import u64

from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import Unknown
from zope.app.fssync.server.changes.tracer import Survey
from zope.app.fssync.server.changes.tracer import changed_records
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.limits import TRACED_RECORDS
from zope.fssync.task.delta import Changed

__all__ = ["changes"]

#: Objects of these modules decide how others are looked up.
_registries = ("zope.component.", "zope.interface.", "five.localsitemanager.")

#: Attributes of a folder that are its list of items.
_list = frozenset(("_objects", "_tree", "_count", "_mt_index"))

#: What is called when a folder is passed.  The hooks of user folders and virtual hosts
#: are stored with their folder, and do not say when they are equal.
_hooks = "ZPublisher.BeforeTraverse"


def changes(
    context: Any, history: History, tid: bytes, references: bool, without: str | None
) -> Changed:
    """Return what changed in ``context`` after ``tid``; see `IHost`."""
    changed = changed_records(history, tid, without)
    if not changed:
        return Changed()
    if references:
        raise Unknown("an object may have moved that others refer to")
    return _Survey(context, history, tid).changes(changed)


class _Survey(Survey):
    def __init__(self, context: Any, history: History, tid: bytes) -> None:
        super().__init__(context._p_jar, history)
        self.context = aq_base(context)
        self.tid = tid
        chain = getattr(context, "aq_chain", [context])
        self._above = {getattr(aq_base(each), "_p_oid", None) for each in chain[1:]}
        #: By oid: the oid of the folder and the id of an item, None for no item.
        self._places: dict[bytes, tuple[bytes, str] | None] = {}

    def changes(self, oids: list[bytes]) -> Changed:
        result = Changed()
        for oid in self.owners(oids):
            obj = self.get(oid)
            deep = not self._is_list_only(oid, obj)
            if oid in self._above:
                if deep:
                    raise Unknown("what is above the object has changed")
                continue
            keys = self._keys(oid)
            if keys is None:
                continue
            if not deep:
                result.at(keys).marks |= {NODE, LIST}
            elif keys:
                result.at(keys).marks.add(TREE)
            else:
                raise Unknown("the object itself has changed")
        return result

    # From records to objects

    def decides(self, obj: Any) -> bool:
        """See `Survey`."""
        return f"{type(obj).__module__}.".startswith(_registries)

    def is_item(self, obj: Any) -> bool:
        """See `Survey`: this is what a folder has under its id, or the root."""
        return self._is_root(obj._p_oid) or self._place(obj._p_oid) is not None

    def steps(self, oid: bytes, obj: Any, how: int) -> Iterator[tuple[bytes, int]]:
        """See `Survey`."""
        for referrer in self._referrers(oid):
            yield referrer, how

    def _referrers(self, oid: bytes) -> Iterator[bytes]:
        """Yield what refers to a record now: the index knows what did, too."""
        for referrer in self.index.of(oid, self.now):
            try:
                data, _ = self.connection._storage.load(referrer)
            except POSKeyError:
                continue
            if oid in referencesf(data):
                yield referrer

    def _is_list_only(self, oid: bytes, obj: Any) -> bool:
        """Is the list of its items all that has changed of a folder?"""
        if not IObjectManager.providedBy(obj):
            return False
        old = self._old_state(oid)
        new = vars(obj)
        if not isinstance(old, dict):
            return False
        items = {each["id"] for each in old.get("_objects", ())}
        items.update(each["id"] for each in new.get("_objects", ()))
        names = {name for name in old.keys() | new.keys() if name[:3] != "_v_"}
        return all(
            _equal(old.get(name), new.get(name)) for name in names - items - _list
        )

    def _old_state(self, oid: bytes) -> Any:
        storage = self.connection.db().storage
        try:
            found = storage.loadBefore(oid, p64(u64(self.tid) + 1))
        except POSKeyError:
            return None
        # References become the very objects that the connection has.
        return None if found is None else self.connection._reader.getState(found[0])

    # From objects to their places

    def _is_root(self, oid: bytes) -> bool:
        root: Any = self.connection.root().get("Application")
        return root is not None and bool(root._p_oid == oid)

    def _keys(self, oid: bytes) -> tuple[str, ...] | None:
        """Return the ids that lead from the context to an item, if they do."""
        keys: list[str] = []
        while oid != self.context._p_oid:
            place = self._place(oid)
            if place is None:
                return None
            oid, key = place
            keys.append(key)
        return tuple(reversed(keys))

    def _place(self, oid: bytes) -> tuple[bytes, str] | None:
        if oid not in self._places:
            self._places[oid] = self._find_place(oid)
        return self._places[oid]

    def _find_place(self, oid: bytes) -> tuple[bytes, str] | None:
        obj = self.get(oid)
        if not IItem.providedBy(obj) or self._is_root(oid):
            return None
        name = obj.getId()
        for folder in self._folders(oid):
            found = self.get(folder)._getOb(name, None)
            if getattr(aq_base(found), "_p_oid", None) == oid:
                return folder, name
        return None

    def _folders(self, oid: bytes) -> Iterator[bytes]:
        """Yield the folders that refer to a record, directly or by their trees."""
        seen, pending = {oid}, list(self._referrers(oid))
        while pending:
            each = pending.pop()
            if each in seen or len(seen) > TRACED_RECORDS:
                continue
            seen.add(each)
            obj = self.get(each)
            if IObjectManager.providedBy(obj):
                yield each
            elif type(obj).__module__.startswith("BTrees."):
                pending += self._referrers(each)


def _equal(old: Any, new: Any) -> bool:
    """Are two values of an attribute equal, for sure?"""
    if old is new or old == new:
        return True
    if type(old) is not type(new):
        return False
    if isinstance(old, list | tuple):
        return len(old) == len(new) and all(map(_equal, old, new))
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_equal(old[k], new[k]) for k in old)
    return type(old).__module__ == _hooks and _equal(vars(old), vars(new))
