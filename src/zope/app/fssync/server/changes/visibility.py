"""What a caller may know of changes: only of what they may read today.

Of an object that was removed they may know if they may read its container.
"""

from __future__ import annotations

from typing import Any

from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.logentry import Change
from zope.app.fssync.server.changes.logentry import Keys
from zope.app.fssync.server.changes.tracer import RecordTracer
from zope.app.fssync.server.changes.whereabouts import Moved
from zope.fssync.task.walk import child

__all__ = ["Visibility"]

#: Stands for an object that is not there today.
_gone = object()


class Visibility:
    """What the caller of ``access`` may know of changes of ``published`` and below it.

    ``below`` traces records to objects below ``published``, ``anywhere`` to all others.
    ``above`` are the containers of today, by oid.
    """

    def __init__(
        self,
        published: Any,
        access: Any,
        below: RecordTracer,
        anywhere: RecordTracer,
        above: dict[bytes, Any],
    ) -> None:
        self._published = published
        self._access = access
        self._below = below
        self._anywhere = anywhere
        self._above = above
        self._readable: dict[Keys, Any] = {}

    def change(self, oid: bytes, change: Change) -> Change | None:
        """Return what the caller may know of a change, None for nothing.

        If one end of a move is withheld, it is a removal or an addition.
        """
        came = change
        if change.before is not None:
            went = Change("D", change.before)
            if not self._may_know(change):
                return went if self._may_know(went) else None
            if not self._may_know(went):
                came = Change("A", change.keys)
        if came.letter != "D" and not self._may_read_today(oid):
            return None
        return came if self._may_know(came) else None

    def origin(self, move: Moved | None) -> tuple[str, ...] | None:
        """Return from where the object came, None if the caller may not know."""
        if move is None:
            return None
        named = [self._may_read(oid) for oid in move.containers]
        if False in named:
            return None
        if named[-1] is None:
            # It was removed: a caller who may read its container may know.
            above = map(self._may_read, move.above)
            if not next((each for each in above if each is not None), False):
                return None
        return move.origin

    def _may_read_today(self, oid: bytes) -> bool:
        """Return True unless an object is withheld at its place of today.

        An object that is elsewhere today counts as withheld.
        """
        keys = self._below.keys(oid)
        if keys is not None:
            return self._find(keys) is not None
        return self._anywhere.in_place(oid) is None

    def _may_read(self, oid: bytes) -> bool | None:
        """Return whether the caller may read a container; None if it is not there."""
        obj = self._above.get(oid)
        if obj is None:
            try:
                obj = self._anywhere.in_place(oid)
            except HistoryUnavailable:
                return False
        return None if obj is None else self._access(obj, False) is not None

    def _may_know(self, change: Change) -> bool:
        keys = change.keys
        if change.letter == "D":
            # It was removed: a caller who may read its container may know.
            keys = keys[:-1]
            while keys and self._find(keys) is _gone:
                keys = keys[:-1]
            return self._find(keys) is not None
        found = self._find(keys)
        if found is _gone:
            return self._may_know(Change("D", keys))
        return found is not None

    def _find(self, keys: Keys) -> Any:
        """Return an object of today, None if withheld, `_gone` if none is there."""
        if keys not in self._readable:
            self._readable[keys] = self._look_up(keys)
        found = self._readable[keys]
        return found if found is None or found is _gone else found[0]

    def _look_up(self, keys: Keys) -> Any:
        if not keys:
            synchronizer = self._access(self._published, False)
            return None if synchronizer is None else (self._published, synchronizer)
        self._find(keys[:-1])
        above = self._readable[keys[:-1]]
        if above is None or above is _gone:
            return above
        owner, synchronizer = above
        try:
            obj = child(synchronizer, keys[-1])
        except (LookupError, TypeError, AttributeError):
            return _gone
        found = self._access(obj, False, owner)
        return None if found is None else (obj, found)
