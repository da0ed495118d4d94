"""The hooks of a task for the ZODB: memory, conflicts, permissions of parts.

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

from zope.app.fssync.server.drivers import driver_errors
from zope.app.fssync.server.faults import Fault
from zope.app.fssync.server.faults import faults_of
from zope.app.fssync.server.interfaces import IDatabase
from zope.app.fssync.server.precedence import PRECEDENCE
from zope.app.fssync.server.protection import Protection
from zope.fssync.cached import cached_property
from zope.fssync.errors import UnsafeData
from zope.fssync.limits import TIDY_DECISIONS
from zope.fssync.limits import TIDY_INTERVAL

__all__ = ["FATAL", "Database"]

#: Errors that end a request: the publisher repeats it, or the storage has failed.
FATAL = (TransientError, StorageError)


@implementer(IDatabase)
class Database:
    """See `IDatabase`.

    ``interval`` is the number of objects between two cleanups of the cache,
    ``decisions`` the number of objects whose permissions are remembered.
    """

    interval = TIDY_INTERVAL
    decisions = TIDY_DECISIONS

    def __init__(
        self, host: Any, obj: Any, writing: bool = False, access: Any = None
    ) -> None:
        self.bare = host.bare
        self.move = host.move
        self._inner = host.accessor.inner
        self.identity = host.identity
        self._connection = getattr(removeSecurityProxy(obj), "_p_jar", None)
        self.fatal = host.fatal
        if self._connection is not None:
            self.fatal = (*host.fatal, *driver_errors(self._connection))
        # Data that cannot be written end the checkout: the response has the reason.
        self.fatal_reading = (*self.fatal, *host.denials, UnsafeData, OSError)
        self._host, self._access = host, access
        self._writing = writing
        self.visited = 0
        self._relied: set[Any] = set()
        #: The faults that `check` found.
        self.faults: list[Fault] = []

    @cached_property
    def protect(self) -> Protection:
        """See `ITaskHooks`."""
        return Protection(self._host.access() if self._access is None else self._access)

    def class_of(self, obj: Any) -> type:
        """See `ITaskHooks`."""
        found: type = self._inner(obj).__class__
        return found

    def checkpoint(self) -> None:
        """See `IDatabase`."""
        self.visited += 1
        self.pause()
        if self.visited % self.interval == 0 and self._connection is not None:
            if self._writing:
                # Only stored objects can leave the cache.
                transaction.savepoint(optimistic=True)
            self._connection.cacheGC()
        if self.visited % self.decisions == 0:
            # The security policy of the toolkit remembers every object.
            invalidate = getattr(queryInteraction(), "invalidate_cache", None)
            if invalidate is not None:
                invalidate()

    def pause(self) -> None:
        """See `IDatabase`."""
        PRECEDENCE.step()

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
        """See `IDatabase`."""
        if (
            self._connection is not None
            and IPersistent.providedBy(obj)
            and obj._p_jar is None
        ):
            self._connection.add(obj)

    def check(self, obj: Any, path: str) -> None:
        """See `IDatabase`."""
        self.faults += faults_of(removeSecurityProxy(obj), path)

    def doom(self) -> None:
        """See `IDatabase`."""
        transaction.doom()


def _annotations(obj: Any) -> Iterator[Any]:
    """Iterate over the persistent objects that store the annotations of an object."""
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
        # A ghost has no serial that could be compared.
        obj._p_activate()
        obj._p_jar.readCurrent(obj)
