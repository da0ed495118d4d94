"""The way from the web to the synchronizers, in whatever host: whole trees.

Permissions are checked by the `IHost` of this process, on behalf of the caller of
the current request: objects are never touched around it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from typing import IO
from typing import Any

from zope.component import getUtility

from zope.app.fssync.server.broken import DatabaseDamaged
from zope.app.fssync.server.interfaces import IAccess
from zope.app.fssync.server.interfaces import IHost
from zope.fssync.errors import UnsafeData
from zope.fssync.interfaces import IArchiveRepository
from zope.fssync.interfaces import IRepository
from zope.fssync.limits import CHECKOUT_PASSES
from zope.fssync.repository import FileSystemRepository
from zope.fssync.repository import SnarfRepository
from zope.fssync.task import Checkout
from zope.fssync.task.delta import Changed
from zope.fssync.task.delta import CheckoutChanges
from zope.fssync.terminal import escape

__all__ = [
    "checkout",
    "checkout_changes",
    "deadly",
    "getSynchronizer",
    "hooks",
    "toFS",
    "toSNARF",
    "unreadable",
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
    host = getUtility(IHost)

    def make(**more: Any) -> Checkout:
        task = Checkout(
            access or host.access(),
            _portable(stream),
            identity=host.identity,
            **hooks(obj),
            **more,
        )
        task.perform(obj, name)
        return task

    return _unbroken(make, stream)


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
    gone = list(gone)

    def make(**more: Any) -> CheckoutChanges:
        task = CheckoutChanges(
            access,
            _portable(stream),
            identity=host.identity,
            sent=sent,
            **hooks(obj),
            **more,
        )
        task.perform_changes(obj, name, changed, gone)
        return task

    return _unbroken(make, stream)


def deadly() -> tuple[type[BaseException], ...]:
    """Return the exceptions that end a checkout, and do not only leave out a part.

    What cannot be written, as its data are, is refused with the reason.
    """
    host = getUtility(IHost)
    return (*host.fatal, *host.denials, UnsafeData, OSError)


def _unbroken(make: Callable[..., Checkout], stream: IO[bytes]) -> Checkout:
    """Make a checkout, and once more without what turned out to be broken."""
    start = stream.tell()
    without: set[str] = set()
    for _ in range(CHECKOUT_PASSES):
        stream.seek(start)
        stream.truncate()
        task = make(fatal=deadly(), without=frozenset(without))
        if not task.broken:
            return task
        without |= task.broken
    raise unreadable(sorted(without))


def unreadable(failed: Sequence[str]) -> DatabaseDamaged:
    """Return the error that names objects whose synchronizers fail."""
    return DatabaseDamaged(
        f"{', '.join(map(escape, failed[:CHECKOUT_PASSES]))} cannot be "
        "read: the synchronizer failed, the log of the server tells more",
        path=failed[0],
    )


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
