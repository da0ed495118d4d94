"""The paths that a transaction changed below an object, and where that object was.

The objects are looked up in the database as it was before and after the transaction.
"""

from __future__ import annotations

from collections.abc import Container
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from typing import NamedTuple

from ZODB.POSException import POSKeyError
from ZODB.utils import p64
from ZODB.utils import u64

from zope.app.fssync.server.changes.historical import Backwards
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.logentry import Change
from zope.app.fssync.server.changes.logentry import Keys
from zope.app.fssync.server.changes.reachable import Reachable
from zope.app.fssync.server.changes.reachable import Tracing
from zope.app.fssync.server.changes.tracer import RecordTracer
from zope.app.fssync.server.changes.tracer import Way
from zope.app.fssync.server.changes.whereabouts import Whereabouts

__all__ = ["ChangedPaths", "Places", "changes_between"]


class Places(NamedTuple):
    """The keys of items by oid: of those that changed, and of what these list.

    ``told`` are the records whose changes matter.  ``way`` leads to the object itself,
    if it was looked up.
    """

    items: dict[bytes, Keys]
    listed: dict[bytes, Keys]
    told: list[bytes]
    way: Way | None = None

    def keys(self, oid: bytes) -> Keys | None:
        """Return the keys of an item, None if it has no place."""
        return self.items.get(oid, self.listed.get(oid))


#: The places in a state that is packed away.
_UNKNOWN = Places({}, {}, [])


class ChangedPaths:
    """The places of objects at and below ``oid``, around transactions.

    ``whereabouts`` collects the containers that the object has had.
    """

    def __init__(
        self,
        oid: bytes,
        history: History,
        tracing: Tracing,
        reachable: Reachable,
        whereabouts: Whereabouts,
        past: Backwards,
    ) -> None:
        self._oid = oid
        self._history = history
        self._tracing = tracing
        self._reachable = reachable
        self._whereabouts = whereabouts
        self._past = past

    def find_place(self, before: bytes) -> bool:
        """Look up where the object was before a transaction; return if it was found.

        It may have been in a container to which nothing leads today.
        """
        self._past.go_to(p64(u64(before) - 1))
        with self._then([], before, True) as tracer:
            way = None if tracer is None else self._way(tracer)
            self._whereabouts.was(way, before)
            return tracer is None or way is not None

    def around(
        self,
        tid: bytes,
        oids: list[bytes],
        made: Container[bytes],
        placed: list[bytes],
    ) -> tuple[Places, Places]:
        """Return the places before and after a transaction.

        ``made`` are the records that it has made.  Where the object itself was is
        looked up if it changed ``placed``: the object, or containers of it.
        """
        try:
            after = self._places(oids, tid, False, made, placed)
            old = [oid for oid in after.told if oid not in made]
            before = self._places(old, tid, True, (), placed)
        except POSKeyError:
            # It was packed away meanwhile: its changes are not known.
            return _UNKNOWN, _UNKNOWN
        return before, after

    def _places(
        self,
        oids: list[bytes],
        tid: bytes,
        before: bool,
        made: Container[bytes],
        placed: list[bytes],
    ) -> Places:
        """Return the places of the items that records belonged to."""
        found = Places({}, {}, oids)
        # The place of the object depends on other records of its containers, too.
        changed = None if placed else oids
        with self._then(changed, tid, before) as tracer:
            if tracer is None:
                return found
            if placed:
                found = found._replace(way=self._way_then(tracer, tid, before))
            if not before:
                oids = tracer.telling(oids, p64(u64(tid) - 1))
                found = found._replace(told=oids)
            try:
                owners = list(tracer.owners(oids, strict=False, made=made))
            except HistoryUnavailable:
                owners = oids
            for owner in owners:
                keys = tracer.keys(owner)
                if keys is not None:
                    found.items[owner] = keys
                    listed = tracer.listed(tracer.get(owner))
                    found.listed.update(
                        (oid, (*keys, key)) for oid, key in listed.items()
                    )
        return found

    def _way_then(self, tracer: RecordTracer, tid: bytes, before: bool) -> Way | None:
        """Return where the object was before or after a transaction."""
        way = self._way(tracer)
        if way is None and before:
            # The object was moved: the transaction has changed its container, too.
            changed = self._history.records(tid, tid).get(tid, ())
            for oid, references in self._history.before(changed, tid):
                self._reachable.containers_index.add(oid, references or ())
            way = self._way(tracer)
        self._whereabouts.was(way, tid)
        return way

    def _way(self, tracer: RecordTracer) -> Way | None:
        # The tracer knows of records below the object only.
        above = self._tracing(tracer.context, self._reachable.containers_index)
        try:
            return above.way(self._whereabouts.containers)
        except HistoryUnavailable:
            return None

    @contextmanager
    def _then(
        self, changed: list[bytes] | None, tid: bytes, before: bool
    ) -> Iterator[RecordTracer | None]:
        """Trace in the database as it was before or after a transaction.

        ``changed`` are the records that matter of those that it changed, None for all.
        Yields None if the object was not there.
        """
        with self._past.opened(tid, before, changed) as connection:
            context = self._context(connection)
            if context is None:
                yield None
            else:
                yield self._tracing(context, self._reachable.index)

    def _context(self, connection: Any) -> Any:
        try:
            # A connection would log that a ghost has no record yet.
            connection._storage.load(self._oid)
            context = connection.get(self._oid)
            context._p_activate()
        except POSKeyError:
            return None
        return context


def changes_between(before: Places, after: Places) -> Iterator[tuple[bytes, Change]]:
    """Yield what was done to items between two states, with their oids."""
    own = before.items.keys() | after.items.keys()
    for oid in own | before.listed.keys() | after.listed.keys():
        change = _change(before.keys(oid), after.keys(oid), oid in own)
        if change is not None:
            yield oid, change


def _change(before: Keys | None, after: Keys | None, own: bool) -> Change | None:
    """Return what happened to an item; ``own`` is whether a record of it changed."""
    if after is None:
        assert before is not None
        return Change("D", before)
    if before is None:
        return Change("A", after)
    if before != after:
        # The items of a folder move with it.
        is_moved = own or before[-1] != after[-1]
        return Change("R", after, before) if is_moved else None
    return Change("M", after) if own else None
