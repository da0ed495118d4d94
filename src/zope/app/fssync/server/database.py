"""What the tasks need to know of the ZODB: how to keep memory flat.

`zope.fssync` knows no database; it calls the hooks of `Database`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import transaction
from BTrees.OOBTree import OOBTree
from persistent.interfaces import IPersistent
from transaction.interfaces import TransientError
from ZODB.POSException import StorageError
from zope.container.contained import ContainedProxyBase
from zope.container.contained import getProxiedObject
from zope.interface import implementer
from zope.security.management import queryInteraction
from zope.security.proxy import removeSecurityProxy

from zope.app.fssync.server.interfaces import IDatabase
from zope.fssync.limits import TIDY_DECISIONS
from zope.fssync.limits import TIDY_INTERVAL

__all__ = ["FATAL", "Database"]

#: Errors that end a request: the publisher repeats it, or the storage is gone.
FATAL = (TransientError, StorageError)


@implementer(IDatabase)
class Database:
    """The database connection of an object, as the hooks of a task.

    ``interval`` is how many objects are visited between two clean-ups,
    ``decisions`` for how many of them permissions are remembered.
    """

    interval = TIDY_INTERVAL
    decisions = TIDY_DECISIONS

    def __init__(self, obj: Any, writing: bool = False) -> None:
        self._connection = getattr(removeSecurityProxy(obj), "_p_jar", None)
        self._writing = writing
        self._visited = 0
        self._relied: set[Any] = set()

    def checkpoint(self) -> None:
        """Give back the memory of objects that are done with."""
        self._visited += 1
        if self._visited % self.interval == 0 and self._connection is not None:
            if self._writing:
                # Changed objects leave memory only when they have been stored.
                transaction.savepoint(optimistic=True)
            self._connection.cacheGC()
        if self._visited % self.decisions == 0:
            # The security policy of the toolkit remembers every object.
            invalidate = getattr(queryInteraction(), "invalidate_cache", None)
            if invalidate is not None:
                invalidate()

    def rely(self, obj: Any, whole: bool = False) -> None:
        """See `IDatabase`."""
        if whole:
            for part in _annotations(removeSecurityProxy(obj)):
                _read_current(part)
        while obj is not None:
            obj = removeSecurityProxy(obj)
            oid = getattr(obj, "_p_oid", None)
            if oid in self._relied:
                return
            if oid is not None:
                self._relied.add(oid)
            _read_current(obj)
            if isinstance(obj, ContainedProxyBase):
                _read_current(getProxiedObject(obj))
            obj = getattr(obj, "__parent__", None)

    def adopt(self, container: Any, obj: Any) -> None:
        """Let a new object be stored in pieces, before it is in a container."""
        if (
            self._connection is not None
            and IPersistent.providedBy(obj)
            and obj._p_jar is None
        ):
            self._connection.add(obj)


def _annotations(obj: Any) -> Iterator[Any]:
    """Iterate over what the annotations of an object are stored in."""
    found = getattr(obj, "__annotations__", None)
    if isinstance(found, OOBTree):
        yield found
        bucket = getattr(found, "_firstbucket", None)
        while bucket is not None:
            yield bucket
            bucket = bucket._next
        yield from found.values()


def _read_current(obj: Any) -> None:
    if IPersistent.providedBy(obj) and obj._p_jar is not None:
        # Only what is loaded knows which revision it is.
        obj._p_activate()
        obj._p_jar.readCurrent(obj)
