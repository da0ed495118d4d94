"""The way from the web to the synchronizers, in whatever host: whole trees.

Permissions are checked by the `IHost` of this process, on behalf of the caller of
the current request: objects are never touched around it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from typing import IO
from typing import Any

from zope.component import getUtility

from zope.app.fssync.server.interfaces import IAccess
from zope.app.fssync.server.interfaces import IHost
from zope.fssync.interfaces import IArchiveRepository
from zope.fssync.interfaces import IRepository
from zope.fssync.repository import FileSystemRepository
from zope.fssync.repository import SnarfRepository
from zope.fssync.task import Checkout
from zope.fssync.task.delta import Changed
from zope.fssync.task.delta import CheckoutChanges

__all__ = [
    "checkout",
    "checkout_changes",
    "getSynchronizer",
    "hooks",
    "toFS",
    "toSNARF",
]


def getSynchronizer(obj: Any, raise_error: bool = True, context: Any = None) -> Any:
    """Return the synchronizer of an object, None if the caller may not have it.

    See `IAccess`, which is the better choice for many objects.
    """
    return getUtility(IHost).access()(obj, raise_error, context)


def hooks(obj: Any) -> dict[str, Any]:
    """Return what connects a reading task with the host."""
    host = getUtility(IHost)
    return {"checkpoint": host.database(obj).checkpoint, "bare": host.bare}


def checkout(
    obj: Any, name: str, stream: IO[bytes], access: IAccess | None = None
) -> Checkout:
    """Write an object to a stream as an archive and return the finished task.

    The names suit the most restricted file system that is known: it ignores
    case and decomposes characters.
    """
    task = _checkout(obj, _portable(stream), access)
    task.perform(obj, name)
    return task


def checkout_changes(
    obj: Any,
    name: str,
    stream: IO[bytes],
    access: IAccess,
    changed: Changed,
    gone: Iterable[str] = (),
    sent: IArchiveRepository | None = None,
) -> Checkout:
    """Write what changed of an object to a stream, as an archive of changes.

    See `zope.fssync.task.delta.CheckoutChanges`.
    """
    host = getUtility(IHost)
    task = CheckoutChanges(
        access, _portable(stream), identity=host.identity, sent=sent, **hooks(obj)
    )
    task.perform_changes(obj, name, changed, gone)
    return task


def _portable(stream: IO[bytes]) -> SnarfRepository:
    return SnarfRepository(stream, case_insensitive=True, enforce_nfd=True)


def toFS(obj: Any, name: str, location: str) -> None:
    """Write an object to the directory ``location``."""
    _checkout(obj, FileSystemRepository()).perform(obj, name, location)


def toSNARF(obj: Any, name: str) -> IO[bytes]:
    """Return a temporary file with the archive of an object."""
    stream = tempfile.TemporaryFile()  # noqa: SIM115
    checkout(obj, name, stream)
    return stream


def _checkout(
    obj: Any, repository: IRepository, access: IAccess | None = None
) -> Checkout:
    host = getUtility(IHost)
    lookup = access or host.access()
    return Checkout(lookup, repository, identity=host.identity, **hooks(obj))
