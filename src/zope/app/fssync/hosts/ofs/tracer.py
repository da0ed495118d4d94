"""Find the objects of a tree of Zope that changed between two states.

Objects of Zope do not store their place: a changed record is traced by the records that
refer to it, up to the object that a folder has under its id.  All records below that
belong to this object.

A folder stores its settings in one record with the list of its items.  If more than
the list has changed, as a role or an owner, everything below the folder counts as
changed.  Changes that may concern any object raise `HistoryUnavailable`.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from Acquisition import aq_base
from Acquisition import aq_inner
from Acquisition import aq_parent
from OFS.interfaces import IApplication
from OFS.interfaces import IItem
from OFS.interfaces import IObjectManager
from ZODB.POSException import POSKeyError
from ZODB.serialize import referencesf
from ZODB.utils import p64
from ZODB.utils import u64

from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.referrers import IReferrers
from zope.app.fssync.server.changes.tracer import RecordTracer
from zope.fssync.limits import REMEMBERED_REFERENCES
from zope.fssync.limits import TRACED_RECORDS

__all__ = ["ZopeTracer", "equal"]

#: The modules of objects that hold registrations.
_registries = ("zope.component.", "zope.interface.", "five.localsitemanager.")

#: The attributes of a folder that have the list of its items.
_list = frozenset(("_objects", "_tree", "_count", "_mt_index"))

#: The module of the hooks for traversal.  User folders and virtual host monsters store
#: them in the folder.  They do not define equality.
_hooks = "ZPublisher.BeforeTraverse"


class ZopeTracer(RecordTracer):
    """See `RecordTracer`: folders know their items."""

    def __init__(
        self,
        context: Any,
        history: History,
        tid: bytes,
        index: IReferrers | None = None,
    ) -> None:
        self._chain = getattr(context, "aq_chain", [context])
        #: The root in the acquisition chain of the context, which has the request.
        self._root = next(filter(IApplication.providedBy, self._chain), None)
        super().__init__(aq_base(context), history, tid, index)
        #: By oid: the remembered references of a record.
        self._references: dict[bytes, frozenset[bytes]] = {}

    def ancestors(self) -> Iterator[Any]:
        """See `RecordTracer`."""
        return map(aq_base, self._chain[1:])

    def decides(self, obj: Any) -> bool:
        """See `RecordTracer`."""
        return f"{type(obj).__module__}.".startswith(_registries)

    def is_root(self, obj: Any) -> bool:
        """See `RecordTracer`."""
        root: Any = self.connection.root().get("Application")
        return root is not None and bool(root._p_oid == obj._p_oid)

    def above(self, obj: Any) -> Any:
        """See `RecordTracer`."""
        return aq_parent(aq_inner(obj))

    def in_place(self, oid: bytes) -> Any:
        """See `RecordTracer`."""
        obj = self.get(oid)
        if obj is None or self.is_root(obj):
            return self._root if obj is not None else None
        place = self.place(oid, obj)
        folder = None if place is None else self.in_place(place[0])
        return None if folder is None else folder._getOb(obj.getId(), None)

    def steps(self, oid: bytes, obj: Any, how: int) -> Iterator[tuple[bytes, int]]:
        """See `RecordTracer`: yields all records that refer to the record now."""
        for referrer in self._referrers(oid):
            yield referrer, how

    def is_deep(self, oid: bytes, obj: Any, how: int) -> bool:
        """See `RecordTracer`: True if more than the list of items has changed."""
        if not IObjectManager.providedBy(obj):
            return True
        old = self.old_state(oid, self.tid)
        new = vars(obj)
        if not isinstance(old, dict):
            return True
        items = {each["id"] for each in old.get("_objects", ())}
        items.update(each["id"] for each in new.get("_objects", ()))
        names = {name for name in old.keys() | new.keys() if name[:3] != "_v_"}
        return not all(
            equal(old.get(name), new.get(name)) for name in names - items - _list
        )

    def listed(self, obj: Any) -> dict[bytes, Any]:
        """See `RecordTracer`: an item's own record does not change with the list."""
        if not IObjectManager.providedBy(obj):
            return {}
        items = {name: aq_base(obj._getOb(name, None)) for name in obj.objectIds()}
        oids = {name: getattr(item, "_p_oid", None) for name, item in items.items()}
        return {oid: name for name, oid in oids.items() if oid is not None}

    def find_place(self, oid: bytes, obj: Any) -> tuple[bytes, Any] | None:
        """See `RecordTracer`: a folder has the object under its id."""
        if not IItem.providedBy(obj) or self.is_root(obj):
            return None
        name = obj.getId()
        for folder in self._folders(oid):
            if self._has(self.get(folder), name, oid):
                return folder, name
        return None

    @staticmethod
    def _has(folder: Any, name: str, oid: bytes) -> bool:
        """Return whether a folder has an object under a name."""
        if not IObjectManager.providedBy(folder):
            return False
        found = folder._getOb(name, None)
        return bool(getattr(aq_base(found), "_p_oid", None) == oid)

    def place_near(
        self, oid: bytes, folders: Iterable[bytes]
    ) -> tuple[bytes, Any] | None:
        """See `RecordTracer`: needs no index for an object in one of the folders."""
        obj = self.get(oid)
        if not IItem.providedBy(obj) or self.is_root(obj):
            return None
        name = obj.getId()
        for each in folders:
            if self._has(self.get(each), name, oid):
                return each, name
        return self.place(oid, obj)

    def _referrers(self, oid: bytes) -> Iterator[bytes]:
        """Yield the referrers of a record now; the index has former ones as well."""
        for referrer in self.index.of(oid, self.now):
            if oid in self._references_of(referrer):
                yield referrer

    def _references_of(self, oid: bytes) -> frozenset[bytes]:
        """Return the current references of a record, none if it does not exist."""
        if oid not in self._references:
            if len(self._references) >= REMEMBERED_REFERENCES:
                self._references.clear()
            try:
                data, _ = self.connection._storage.load(oid)
            except POSKeyError:
                data = None
            found = frozenset(referencesf(data)) if data else frozenset()
            self._references[oid] = found
        return self._references[oid]

    def old_state(self, oid: bytes, tid: bytes) -> Any:
        """Return the state of a record after a transaction, None if there was none."""
        storage = self.connection.db().storage
        try:
            found = storage.loadBefore(oid, p64(u64(tid) + 1))
        except POSKeyError:
            return None
        # References are resolved to the objects of the connection.
        return None if found is None else self.connection._reader.getState(found[0])

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


def equal(old: Any, new: Any) -> bool:
    """Return True if two values of an attribute are certainly equal."""
    if old is new or old == new:
        return True
    if type(old) is not type(new):
        return False
    if isinstance(old, list | tuple):
        return len(old) == len(new) and all(map(equal, old, new))
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(equal(old[k], new[k]) for k in old)
    return type(old).__module__ == _hooks and equal(vars(old), vars(new))
