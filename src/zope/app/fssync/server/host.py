"""The base classes of hosts: the lookup of synchronizers, and common methods."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any
from typing import ClassVar

from persistent import Persistent
from ZODB.POSException import POSKeyError
from zope.container.contained import ContainedProxyBase
from zope.container.contained import getProxiedObject
from zope.exceptions.interfaces import UserError
from zope.interface import Invalid
from zope.interface import implementer

from zope.app.fssync.server.broken import is_broken
from zope.app.fssync.server.broken import note_blob
from zope.app.fssync.server.broken import note_lost
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.tracer import RecordTracer
from zope.app.fssync.server.changes.versions import Version
from zope.app.fssync.server.database import FATAL
from zope.app.fssync.server.database import Database
from zope.app.fssync.server.interfaces import IAccess
from zope.app.fssync.server.interfaces import IHost
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import MissingSynchronizer
from zope.fssync.interfaces import IDefaultSynchronizer
from zope.fssync.limits import REMEMBERED_DECISIONS
from zope.fssync.messages import _
from zope.fssync.pickle import holds_blob
from zope.fssync.picklecontext import current
from zope.fssync.synchronizer import dottedname
from zope.fssync.task.delta import Changed

__all__ = ["BaseAccess", "BaseHost"]


# To read the attribute would cost memory, see hosts.toolkit.wrappers.
_jar_of_wrapper = Persistent.__dict__["_p_jar"].__get__


def _connection(stored: Any) -> Any:
    """Return the connection of an object that is stored by itself; a class is not."""
    if isinstance(stored, ContainedProxyBase):
        return _jar_of_wrapper(stored)
    return None if isinstance(stored, type) else getattr(stored, "_p_jar", None)


def load(obj: Any) -> None:
    """Load an object without security proxies, with the wrapper of its container."""
    if isinstance(obj, ContainedProxyBase):
        # To read an attribute would cost memory, see hosts.toolkit.wrappers.
        Persistent._p_activate(obj)
        obj = getProxiedObject(obj)
    if isinstance(obj, Persistent):
        obj._p_activate()


@implementer(IAccess)
class BaseAccess:
    """See `IAccess`; subclasses find synchronizers and check permissions.

    The result of `permitted`, unless it is None, is passed to the later methods.
    """

    #: The number of places or decisions that are remembered.
    size = REMEMBERED_DECISIONS

    def __init__(self, reading: bool = False) -> None:
        self.self_contained = True
        self.damaged = 0
        self.unwritable = False
        self.closed = False
        self.top: Any = None
        self._reading = reading
        #: The classes of synchronizers that are self-contained.
        self._self_contained: set[type] = set()
        #: The classes of objects that can still be imported.
        self._there: set[type] = set()

    def __call__(self, obj: Any, raise_error: bool = True, context: Any = None) -> Any:
        """See `IAccess`."""
        stored = self.stored(obj)
        try:
            load(stored)
        except POSKeyError as error:
            note_lost(self.inner(stored), error)
            self.damaged += 1
            return None
        if context is not None and self._is_mounted(stored, context):
            return None
        inner = self.inner(stored)
        klass = inner.__class__
        kind = self.kind(inner)
        if kind is None:
            if raise_error:
                raise MissingSynchronizer(
                    _(
                        "no synchronizer is registered for ${class}",
                        mapping={"class": dottedname(klass)},
                    )
                )
            return None
        permitted = self.permitted(kind, obj, context)
        if permitted is None:
            return None
        if klass not in self._there:
            if is_broken(klass):
                self.damaged += 1
                return None
            self._there.add(klass)
        synchronizer = self.synchronizer(kind, obj, permitted)
        if self.self_contained and type(synchronizer) not in self._self_contained:
            self.self_contained = self.is_self_contained(synchronizer)
            self._self_contained.add(type(synchronizer))
        if IDefaultSynchronizer.providedBy(synchronizer) and not self.may_pickle(
            synchronizer, obj, permitted
        ):
            return None
        return self.guarded(kind, synchronizer, obj, permitted)

    def twin(self) -> BaseAccess:
        """See `IAccess`."""
        return type(self)(self._reading)

    def _is_mounted(self, stored: Any, context: Any) -> bool:
        """Return True if an object is in another database than its container.

        It is not checked out: a copy of it would be an ordinary object.
        """
        jar, above = _connection(stored), _connection(self.stored(context))
        if jar is above or jar is None or above is None:
            return False
        asked = self.top is not None and self.stored(self.top) is stored
        return jar.db() is not above.db() and not asked

    def allows(self, permission: str, obj: Any) -> bool:
        """See `IAccess`."""
        raise NotImplementedError

    def required(self, obj: Any) -> dict[str, str]:
        """See `IAccess`."""
        raise NotImplementedError

    def settle(self, obj: Any, context: Any) -> None:
        """See `IAccess`: rights are in annotations, which are protected."""

    @staticmethod
    def stored(obj: Any) -> Any:
        """Return an object without wrappers, without loading it."""
        raise NotImplementedError

    @staticmethod
    def inner(obj: Any) -> Any:
        """Return a stored object without the wrapper of its container."""
        return obj

    def kind(self, obj: Any) -> Any:
        """Return the registration for an object without any wrapper, or None."""
        raise NotImplementedError

    def permitted(self, kind: Any, obj: Any, context: Any) -> Any:
        """Return the rights of the caller if they may read the object, else None."""
        raise NotImplementedError

    def synchronizer(self, kind: Any, obj: Any, permitted: Any) -> Any:
        """Return the synchronizer without any permission checks."""
        raise NotImplementedError

    def guarded(self, kind: Any, synchronizer: Any, obj: Any, permitted: Any) -> Any:
        """Return a synchronizer that checks permissions on each use."""
        raise NotImplementedError

    def is_self_contained(self, synchronizer: Any) -> bool:
        """Return whether the class of a synchronizer declares that it is."""
        return bool(vars(type(synchronizer)).get("self_contained", False))

    def may_pickle(self, synchronizer: Any, obj: Any, permitted: Any) -> bool:
        """Return whether an object can be pickled as a whole; log it if not."""
        context = current()
        if not context.is_part or context.blobs_beside:
            return True
        # The pickle of a part holds no blob if the part has no files beside it.
        part = self.stored(synchronizer.getObject())
        if not holds_blob(part):
            return True
        note_blob(part, obj)
        self.unwritable = True
        return False


@implementer(IHost)
class BaseHost:
    """See `IHost`; a host adds `name`, `parent`, `contained` and so on."""

    denials: tuple[type[BaseException], ...] = (AccessDenied,)
    refusals: tuple[type[BaseException], ...] = (UserError, Invalid)
    fatal: tuple[type[BaseException], ...] = FATAL

    #: The classes of the objects that the host returns.
    accessor: ClassVar[type[BaseAccess]]
    tracer: ClassVar[type[RecordTracer]]

    def access(self, reading: bool = False) -> BaseAccess:
        """See `IHost`."""
        return self.accessor(reading)

    def database(self, obj: Any, writing: bool = False, access: Any = None) -> Database:
        """See `IHost`."""
        return Database(self, obj, writing, access)

    def rehearse(self, obj: Any) -> None:
        """See `IHost`: most hosts do nothing else than in earnest."""

    def versions(self, obj: Any) -> list[Version]:
        """See `IHost`: most objects keep none."""
        return []

    def detached(self, obj: Any) -> Any:
        """See `IHost`."""
        raise NotImplementedError

    def bare(self, obj: Any) -> Any:
        """See `IHost`."""
        raise NotImplementedError

    def name(self, obj: Any) -> str:
        """See `IHost`."""
        raise NotImplementedError

    def parent(self, obj: Any) -> Any:
        """See `IHost`."""
        raise NotImplementedError

    def contained(self, obj: Any) -> bool:
        """See `IHost`."""
        raise NotImplementedError

    def identity(self, obj: Any) -> str | None:
        """See `IHost`."""
        raise NotImplementedError

    def old(self, obj: Any, connection: Any) -> Any:
        """See `IHost`."""
        raise NotImplementedError

    def reading_past(self, today: Any) -> Any:
        """See `IHost`."""
        raise NotImplementedError

    def factories(self, obj: Any) -> Iterable[tuple[str, str]]:
        """See `IHost`."""
        raise NotImplementedError

    def may_add(self, synchronizer: Any, obj: Any, made: Any) -> bool:
        """See `IHost`."""
        raise NotImplementedError

    def move(self, obj: Any, source: Any, key: Any, target: Any, name: Any) -> bool:
        """See `ITaskHooks`."""
        return False

    def changes(
        self,
        obj: Any,
        history: History,
        tid: bytes,
        references: bool,
        without: str | None = None,
    ) -> Changed:
        """See `IHost`."""
        return self.tracer.changes(self.bare(obj), history, tid, references, without)

    def fingerprint(self) -> str | None:
        """See `IHost`."""
        rights = self.rights()
        if rights is None:
            return None
        return hashlib.sha256(json.dumps(rights).encode()).hexdigest()

    def rights(self) -> list[Any] | None:
        """Return the data that the fingerprint covers, as JSON, None if unknown."""
        raise NotImplementedError
