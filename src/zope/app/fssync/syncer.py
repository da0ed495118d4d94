"""The way from the web to the synchronizers: permissions, and whole trees.

Whoever asks gets a security proxy over a synchronizer of the bare object, or
nothing: objects are never touched around it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import IO
from typing import Any

from zope.proxy import removeAllProxies
from zope.security.checker import ProxyFactory
from zope.security.management import checkPermission
from zope.security.proxy import removeSecurityProxy

from zope.fssync.errors import MissingSynchronizer
from zope.fssync.repository import FileSystemRepository
from zope.fssync.repository import SnarfRepository
from zope.fssync.synchronizer import dottedname
from zope.fssync.synchronizer import queryFactory
from zope.fssync.task import Checkout

__all__ = ["checkout", "getSynchronizer", "toFS", "toSNARF"]


def getSynchronizer(obj: Any, raise_error: bool = True, context: Any = None) -> Any:
    """Return the synchronizer of an object, None if the caller may not have it.

    The permission is that of the registered factory, checked in the place of
    the object; ``context`` is that place for what has none of its own, or
    claims another one: annotations, extras and new objects.
    """
    klass = removeSecurityProxy(obj).__class__
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
    place = _place(obj, context)
    if not checkPermission(checker.get_permissions["__call__"], place):
        return None
    synchronizer = factory(removeAllProxies(obj))
    if getattr(synchronizer, "__parent__", None) is None:
        # Its attributes are checked in the place of the object too.
        synchronizer.__parent__ = place
    return ProxyFactory(synchronizer)


def _place(obj: Any, context: Any) -> Any:
    obj = removeSecurityProxy(obj)
    context = removeSecurityProxy(context)
    if context is None:
        return obj
    parent = removeSecurityProxy(getattr(obj, "__parent__", None))
    return obj if parent is context else context


def checkout(
    obj: Any,
    name: str,
    stream: IO[bytes],
    checkpoint: Callable[[], object] | None = None,
) -> Checkout:
    """Write an object to a stream as an archive and return the finished task.

    The names suit the most restricted file system that is known: it ignores
    case and decomposes characters.
    """
    repository = SnarfRepository(stream, case_insensitive=True, enforce_nfd=True)
    task = Checkout(
        getSynchronizer, repository, checkpoint=checkpoint, bare=removeSecurityProxy
    )
    task.perform(obj, name)
    return task


def toFS(obj: Any, name: str, location: str) -> None:
    """Write an object to the directory ``location``."""
    task = Checkout(getSynchronizer, FileSystemRepository(), bare=removeSecurityProxy)
    task.perform(obj, name, location)


def toSNARF(obj: Any, name: str) -> IO[bytes]:
    """Return a temporary file with the archive of an object."""
    stream = tempfile.TemporaryFile()  # noqa: SIM115
    checkout(obj, name, stream)
    return stream
