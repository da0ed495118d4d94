"""The way from the web to the synchronizers: permissions, and whole trees.

Whoever asks gets a security proxy over a synchronizer of the bare object, or
nothing: objects are never touched around it.
"""

from __future__ import annotations

import tempfile
from typing import IO
from typing import Any

from zope.component import getSiteManager
from zope.container.contained import ContainedProxyBase
from zope.container.contained import getProxiedObject
from zope.interface import implementer
from zope.interface import providedBy
from zope.proxy import removeAllProxies
from zope.security.checker import ProxyFactory
from zope.security.checker import _available_by_default
from zope.security.checker import selectChecker
from zope.security.interfaces import IChecker
from zope.security.management import checkPermission
from zope.security.proxy import removeSecurityProxy

from zope.app.fssync.database import Database
from zope.fssync.errors import MissingSynchronizer
from zope.fssync.interfaces import IEntryId
from zope.fssync.repository import FileSystemRepository
from zope.fssync.repository import SnarfRepository
from zope.fssync.synchronizer import dottedname
from zope.fssync.synchronizer import queryFactory
from zope.fssync.task import Checkout

__all__ = ["Access", "checkout", "getSynchronizer", "toFS", "toSNARF"]

# Attributes of container proxies, read as the C code would: in zope.container
# 7.3 the ordinary way loses some memory each time, as zope.security 8.4 does in
# looking up what is available by default.
_get_parent = ContainedProxyBase.__dict__["__parent__"].__get__
_get_name = ContainedProxyBase.__dict__["__name__"].__get__


class Access:
    """The lookup of synchronizers, for one caller and one run of a task.

    Permissions are those of the registered factories, checked in the place of
    each object.
    """

    #: Places that are remembered: security decisions are cached for each.
    size = 2048

    def __init__(self) -> None:
        self._places: dict[int, tuple[Any, Any]] = {}

    def __call__(self, obj: Any, raise_error: bool = True, context: Any = None) -> Any:
        """See `getSynchronizer`."""
        klass = _class(removeSecurityProxy(obj))
        factory = queryFactory(klass)
        if factory is None:
            if raise_error:
                raise MissingSynchronizer(
                    f"no synchronizer is registered for {dottedname(klass)}"
                )
            return None
        checker = getattr(factory, "__Security_checker__", None)
        if checker is None:
            return factory(obj)
        place = self._place(obj, context)
        if not checkPermission(checker.get_permissions["__call__"], place):
            return None
        synchronizer = factory(removeAllProxies(obj))
        checker = selectChecker(synchronizer)
        if checker is None:
            return synchronizer
        return ProxyFactory(synchronizer, PlacedChecker(checker, place))

    def _place(self, obj: Any, context: Any) -> Any:
        obj = removeSecurityProxy(obj)
        context = removeSecurityProxy(context)
        if context is not None and removeSecurityProxy(_parent(obj)) is not context:
            # An object may claim a place where the caller has more rights.
            obj = context
        if not isinstance(obj, ContainedProxyBase):
            return obj
        known = self._places.get(id(obj))
        if known is None:
            if len(self._places) >= self.size:
                self._places.clear()
            known = self._places[id(obj)] = (obj, Place(obj))
        return known[1]


@implementer(IChecker)
class PlacedChecker:
    """Checks access to a synchronizer as if it were to its object.

    A synchronizer has no place of its own, where rights could be granted.
    """

    def __init__(self, checker: Any, place: Any) -> None:
        self._checker = checker
        self._place = place

    def check(self, obj: Any, name: str) -> None:
        """See `IChecker`."""
        self._checker.check(self._place, name)

    def check_getattr(self, obj: Any, name: str) -> None:
        """See `IChecker`."""
        if name not in _available_by_default:
            self._checker.check_getattr(self._place, name)

    def check_setattr(self, obj: Any, name: str) -> None:
        """See `IChecker`."""
        self._checker.check_setattr(self._place, name)

    def proxy(self, value: Any) -> Any:
        """See `IChecker`."""
        return self._checker.proxy(value)


def _class(obj: Any) -> type:
    """The class of an object, also in a container's wrapper."""
    inner = getProxiedObject(obj) if isinstance(obj, ContainedProxyBase) else obj
    return inner.__class__


def _parent(obj: Any) -> Any:
    if isinstance(obj, ContainedProxyBase):
        obj._p_activate()
        return _get_parent(obj)
    return getattr(obj, "__parent__", None)


class Place:
    """Stands for a contained object where its permissions are looked up.

    Containers wrap objects that do not know their place.  To find out what such
    a wrapper provides takes longer than all the rest.
    """

    def __init__(self, wrapper: Any) -> None:
        self.__parent__ = _parent(wrapper)
        # Activated by now, which the way around attributes does not do.
        self.__name__ = _get_name(wrapper)
        self._object = getProxiedObject(wrapper)
        self._adapters: dict[Any, Any] = {}

    def __conform__(self, interface: Any) -> Any:
        # Every permission asks for the same maps of grants.
        if interface not in self._adapters:
            adapter = getSiteManager().queryAdapter(self, interface)
            self._adapters[interface] = adapter
        return self._adapters[interface]

    @property
    def __providedBy__(self) -> Any:
        return providedBy(self._object)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._object, name)


def getSynchronizer(obj: Any, raise_error: bool = True, context: Any = None) -> Any:
    """Return the synchronizer of an object, None if the caller may not have it.

    The permission is that of the registered factory, checked in the place of
    the object; ``context`` is that place for what has none of its own, or
    claims another one: annotations, extras and new objects.
    """
    return Access()(obj, raise_error, context)


def identity(obj: Any) -> str | None:
    """Return the id of an object in its entry."""
    obj = removeSecurityProxy(obj)
    if not isinstance(obj, ContainedProxyBase):
        return IEntryId(obj, None)
    provided = providedBy(getProxiedObject(obj))
    adapter = getSiteManager().adapters.lookup1(provided, IEntryId)
    return None if adapter is None else adapter(Place(obj))


def hooks(obj: Any) -> dict[str, Any]:
    """Return what connects a reading task with the host."""
    return {"checkpoint": Database(obj).checkpoint, "bare": removeSecurityProxy}


def checkout(
    obj: Any, name: str, stream: IO[bytes], access: Access | None = None
) -> Checkout:
    """Write an object to a stream as an archive and return the finished task.

    The names suit the most restricted file system that is known: it ignores
    case and decomposes characters.
    """
    repository = SnarfRepository(stream, case_insensitive=True, enforce_nfd=True)
    lookup = access or Access()
    task = Checkout(lookup, repository, identity=identity, **hooks(obj))
    task.perform(obj, name)
    return task


def toFS(obj: Any, name: str, location: str) -> None:
    """Write an object to the directory ``location``."""
    task = Checkout(Access(), FileSystemRepository(), identity=identity, **hooks(obj))
    task.perform(obj, name, location)


def toSNARF(obj: Any, name: str) -> IO[bytes]:
    """Return a temporary file with the archive of an object."""
    stream = tempfile.TemporaryFile()  # noqa: SIM115
    checkout(obj, name, stream)
    return stream
