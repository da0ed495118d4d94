"""Find the objects that changed records belong to.

A host knows which objects are items of the tree, and which references lead to them.
Time and memory are limited; beyond the limits `HistoryUnavailable` is raised.
"""

from __future__ import annotations

from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from ZODB.POSException import POSKeyError
from ZODB.utils import z64

from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.recent import Transaction
from zope.app.fssync.server.changes.referrers import IReferrers
from zope.app.fssync.server.changes.referrers import LateReferrers
from zope.app.fssync.server.changes.roundtrips import ahead_in
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.limits import CHANGED_RECORDS
from zope.fssync.limits import LARGE_RECORD
from zope.fssync.limits import TRACED_RECORDS
from zope.fssync.task.delta import Changed

__all__ = ["OWN", "Owned", "RecordTracer", "Way"]

#: The containers of an object up to the root: the oid of each, and the key in it.
Way = tuple[tuple[bytes, Any], ...]

#: A bit set for the relation of a record to its object: it is the object itself.
#: Hosts define further bits.
OWN = 1


class Owned(NamedTuple):
    """The relations of records to the item that they belong to.

    ``how`` are the bits of all of them; ``first`` is the first of the traced records
    that led to the item.
    """

    how: int
    first: bytes

    def also(self, how: int) -> Owned:
        """Return it with further bits."""
        return self._replace(how=self.how | how)


class RecordTracer:
    """Base of the tracers of hosts: finds the objects that changed below ``context``.

    Records stored after the transaction ``tid`` are traced to the items of the tree
    that they belong to.  An item is an object that its container has under its name,
    and all its containers up to the root are items.  Raises `HistoryUnavailable` if
    a change may concern any object.
    """

    #: Whether moves can be traced for objects that others refer to by path.
    traces_moves = False

    def __init__(
        self,
        context: Any,
        history: History,
        tid: bytes,
        index: IReferrers | None = None,
    ) -> None:
        self.context = context
        self.connection = context._p_jar
        self.tid = tid
        self.now = history.now
        self.index = LateReferrers(self.connection, history) if index is None else index
        #: The oids of the containers above the context.
        self.outside = {
            oid
            for each in self.ancestors()
            if (oid := getattr(each, "_p_oid", None)) is not None
        }
        #: By oid: the oid of the container and the key of an item, None for no item.
        self._places: dict[bytes, tuple[bytes, Any] | None] = {}

    @classmethod
    def changes(
        cls,
        context: Any,
        history: History,
        tid: bytes,
        references: bool,
        without: str | None = None,
    ) -> Changed:
        """Return what changed in ``context`` after ``tid``; see `IHost`."""
        newest = history.changed_since(tid, CHANGED_RECORDS, without)
        # To load an object whose creation was undone would log an error.
        newest = {oid: each for oid, each in newest.items() if each.records[oid]}
        if not newest:
            return Changed()
        if references and not cls.traces_moves:
            raise HistoryUnavailable("an object may have moved that others refer to")
        return cls(context, history, tid).changed(newest, references)

    def changed(self, newest: Mapping[bytes, Transaction], references: bool) -> Changed:
        """Return the changes in the context.

        ``newest`` has the changed records, and the newest transaction of each.
        """
        result = Changed()
        oids = sorted(newest, key=lambda oid: newest[oid].tid, reverse=True)
        telling = self.telling(oids, self.tid)
        for oid, (how, first) in self.owners(telling, stored=True).items():
            obj = self.get(oid)
            deep = self.is_deep(oid, obj, how)
            if oid in self.outside:
                if deep:
                    raise HistoryUnavailable("what is above the object has changed")
                continue
            if references and how & OWN:
                raise HistoryUnavailable(
                    "an object may have moved that others refer to"
                )
            keys = self.keys(oid)
            if keys is None:
                continue
            is_directory = not deep and self.is_directory(obj)
            if not keys and not is_directory:
                raise HistoryUnavailable("the object itself has changed")
            found = result.at(keys)
            found.last = newest[first]
            if is_directory:
                self.mark_directory(found, obj, how)
            else:
                found.marks.add(TREE)
        return result

    def concerns(self, data: bytes) -> bool:
        """Return False if the data of a record show that it is of no item.

        Nothing that is one may be reached from it alone.
        """
        return True

    def telling(self, oids: list[bytes], tid: bytes) -> list[bytes]:
        """Return the records without those whose changes after ``tid`` tell nothing.

        These are what hosts keep with an object and no client has.
        """
        return oids

    def ancestors(self) -> Iterable[Any]:
        """Return the objects above the context that are stored."""
        raise NotImplementedError

    def decides(self, obj: Any) -> bool:
        """Return whether an object decides how others are looked up."""
        raise NotImplementedError

    def is_root(self, obj: Any) -> bool:
        """Return whether an object is the root of the tree."""
        raise NotImplementedError

    def find_place(self, oid: bytes, obj: Any) -> tuple[bytes, Any] | None:
        """Return the oid of the container and the key of an item, None for no item."""
        raise NotImplementedError

    def steps(self, oid: bytes, obj: Any, how: int) -> Iterable[tuple[bytes, int]]:
        """Return the oids that refer to a record that is no item, and their bits."""
        raise NotImplementedError

    def is_deep(self, oid: bytes, obj: Any, how: int) -> bool:
        """Return whether everything in an item may have changed with it."""
        raise NotImplementedError

    def is_directory(self, obj: Any) -> bool:
        """Return whether an item becomes a directory."""
        return True

    def mark_directory(self, changed: Changed, obj: Any, how: int) -> None:
        """Mark the changed parts of a directory for which `is_deep` is False."""
        changed.marks |= {NODE, LIST}

    def listed(self, obj: Any) -> dict[bytes, Any]:
        """Return the oids and keys of the items in the list of a container.

        Empty if the record of an item itself changes when it is added or removed.
        """
        return {}

    def above(self, obj: Any) -> Any:
        """Return the container that an object itself names, or None."""
        raise NotImplementedError

    def in_place(self, oid: bytes) -> Any:
        """Return an object if it is an item, with its containers; else None."""
        found = obj = self.get(oid)
        while obj is not None and not self.is_root(obj):
            place = self.place(oid, obj)
            if place is None:
                return None
            oid, _ = place
            obj = self.get(oid)
        return None if obj is None else found

    def is_item(self, obj: Any) -> bool:
        """Return whether an object is an item of the tree, its root or the context."""
        return (
            obj._p_oid == self.context._p_oid
            or self.place(obj._p_oid, obj) is not None
            or self.is_root(obj)
        )

    def place(self, oid: bytes, obj: Any = None) -> tuple[bytes, Any] | None:
        """Return the remembered result of `find_place`."""
        if oid not in self._places:
            # An object in a cycle has no place.
            self._places[oid] = None
            obj = self.get(oid) if obj is None else obj
            self._places[oid] = self.find_place(oid, obj)
        return self._places[oid]

    def keys(self, oid: bytes) -> tuple[Any, ...] | None:
        """Return the keys that lead from the context to an item, or None."""
        keys: list[Any] = []
        while oid != self.context._p_oid:
            place = self.place(oid)
            if place is None:
                return None
            oid, key = place
            keys.append(key)
        return tuple(reversed(keys))

    def way(self, folders: Iterable[bytes] = ()) -> Way | None:
        """Return the containers of the context, None if they lead to no root.

        Those in ``folders`` are looked at first.
        """
        oid = self.context._p_oid
        found: dict[bytes, Any] = {}
        while (place := self.place_near(oid, folders)) is not None:
            oid, key = place
            if oid in found:
                return None
            found[oid] = key
        top = self.get(oid)
        return tuple(found.items()) if top is not None and self.is_root(top) else None

    def place_near(
        self, oid: bytes, folders: Iterable[bytes]
    ) -> tuple[bytes, Any] | None:
        """Return the place of an item, which is likely to be one of ``folders``."""
        return self.place(oid)

    def owners(
        self,
        oids: list[bytes],
        strict: bool = True,
        made: Container[bytes] = (),
        stored: bool = False,
    ) -> dict[bytes, Owned]:
        """Return the oids of the items that records belong to.

        Registrations may concern all objects: they raise an error if ``strict``, else
        their records are skipped.  The referrers of a record that was ``made`` since
        are not traced: they have changed as well, and are among ``oids``.  With
        ``stored`` the storage is known to have the records.
        """
        owners: dict[bytes, Owned] = {}
        seen: dict[bytes, int] = {}
        for first in ahead_in(self.connection, oids):
            pending = [(first, OWN)]
            while pending:
                oid, how = pending.pop()
                if seen.get(oid, 0) | how == seen.get(oid, 0):
                    # `steps` may have loaded it once more.
                    _release(self.connection._cache.get(oid))
                    continue
                seen[oid] = seen.get(oid, 0) | how
                if len(seen) > TRACED_RECORDS:
                    raise HistoryUnavailable("too many records")
                obj = self.get(oid, stored and oid == first)
                if obj is None:
                    continue
                if self.decides(obj):
                    if strict:
                        raise HistoryUnavailable("registrations have changed")
                    continue
                if self.is_item(obj):
                    owners[oid] = owners.get(oid, Owned(0, first)).also(how)
                elif oid not in made:
                    pending += self.steps(oid, obj, how)
                _release(obj)
        return owners

    def get(self, oid: bytes, is_stored: bool = False) -> Any:
        """Return the object of a record, None if it does not exist."""
        if oid == z64:
            return None
        is_checked = is_stored or self.connection._cache.get(oid) is None
        try:
            obj = self.connection.get(oid)
            if not is_checked and obj._p_changed is None:
                # A connection would log an error for a ghost whose record is gone.
                self.connection._storage.load(oid)
            obj._p_activate()
        except POSKeyError:
            # The creation of the object was undone.
            return None
        return obj


def _release(obj: Any) -> None:
    """Drop the state of a large object, so that many of them do not fill the memory."""
    if obj is not None and obj._p_estimated_size > LARGE_RECORD:
        obj._p_deactivate()
