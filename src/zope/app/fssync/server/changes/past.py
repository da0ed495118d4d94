"""Read an object as it was after a transaction, with the permissions of today.

The database is opened as it was after the transaction, and the objects are read by
their synchronizers.  Every permission is looked up where the object is today: grants of
the past give nothing.  An object that was removed since needs the permissions of its
nearest container that exists, and those that it had itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from typing import NamedTuple

from zope.app.fssync.server.changes.historical import opened
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.referrers import LateReferrers
from zope.app.fssync.server.changes.tracer import RecordTracer
from zope.fssync.errors import NoLongerThere
from zope.fssync.limits import REMEMBERED_DECISIONS
from zope.fssync.task.walk import child
from zope.fssync.terminal import escape

__all__ = ["Past", "Today", "Where", "reading"]


class Where(NamedTuple):
    """Where to look up the permissions on an object of the past.

    ``place`` is the same object today or, if that is ``gone``, the nearest of its
    containers.
    """

    place: Any
    gone: bool


class Today:
    """Find the places that objects of the past have today."""

    def __init__(self, tracer: RecordTracer) -> None:
        self._now = tracer.connection
        self._tracer = tracer
        self._known: dict[bytes, Where | None] = {}

    def __call__(self, obj: Any, past: Any) -> Where | None:
        """Return the place of an object of the connection ``past``, None if unknown."""
        jar = getattr(obj, "_p_jar", None)
        if obj is None or jar is self._now:
            return Where(obj, False)
        if jar is None:
            # A part that is stored in the record of its owner.
            above = self._tracer.above(obj)
            return None if above is None else self(above, past)
        if jar is not past:
            return None
        if obj._p_oid not in self._known:
            if len(self._known) >= REMEMBERED_DECISIONS:
                self._known.clear()
            self._known[obj._p_oid] = self._find(obj, past)
        return self._known[obj._p_oid]

    def _find(self, obj: Any, past: Any) -> Where | None:
        place = self._tracer.in_place(obj._p_oid)
        if place is not None:
            return Where(place, False)
        above = self._tracer.above(obj)
        where = None if above is None else self(above, past)
        return None if where is None else Where(where.place, True)


class Past:
    """The old states of ``context``, for one caller."""

    def __init__(self, context: Any, host: Any, history: History) -> None:
        self._bare = host.bare(context)
        self._host = host
        self._history = history
        index = LateReferrers(self._bare._p_jar, history)
        self._tracer = host.tracer(self._bare, history, history.now, index)
        self._name = host.name(context) or "root"

    @contextmanager
    def at(self, tid: bytes, path: str = "") -> Iterator[Any]:
        """Yield the context, or an object below it, as it was after a transaction.

        Like `reading`, but the caller has checked that the state is kept.
        """
        time = min(tid, self._history.now)
        with (
            opened(self._bare._p_jar.db(), at=time) as past,
            self.of(past, path) as obj,
        ):
            yield obj

    @contextmanager
    def of(self, past: Any, path: str = "") -> Iterator[Any]:
        """Yield the context, or an object below it, of a connection to the past."""
        host, today = self._host, Today(self._tracer)
        obj = host.old(self._bare, past)
        if obj is None:
            raise _absent(self._name)
        with host.reading_past(lambda each: today(each, past)):
            yield _below(obj, host, path)


@contextmanager
def reading(
    context: Any, host: Any, history: History, tid: bytes, path: str = ""
) -> Iterator[Any]:
    """Yield ``context``, or an object below it, as it was after a transaction.

    In the block all access is checked, with the permissions of today.  ``path`` is the
    path of the object at that time, relative to the context.  Raises
    `HistoryUnavailable` if the state is not kept, and `NoLongerThere` if there was no
    such object or the caller may not read it.
    """
    history.check_kept(tid)
    with Past(context, host, history).at(tid, path) as obj:
        yield obj


def _below(obj: Any, host: Any, path: str) -> Any:
    """Return the object at a path; raise `NoLongerThere` for a withheld one, too."""
    access, owner = host.access(reading=True), None
    synchronizer = access(obj, False, owner)
    for name in filter(None, path.split("/")):
        owner, obj = obj, _item(synchronizer, name)
        if obj is None:
            raise _absent(name)
        obj = host.bare(obj)
        synchronizer = access(obj, False, owner)
        if synchronizer is None:
            raise _absent(name)
    return obj


def _item(synchronizer: Any, name: str) -> Any:
    """Return the item with this key as text, None if it is absent or withheld."""
    try:
        keys = [key for key, _ in synchronizer.iteritems() if str(key) == name]
        return child(synchronizer, keys[0])
    except (LookupError, TypeError, AttributeError):
        return None


def _absent(name: str) -> NoLongerThere:
    return NoLongerThere(
        f"'{escape(name)}' was not there at that time, or you may not read it",
        path=name,
        advice="'zsync log -v' tells when it came.",
    )
