"""Check out an object and all below it, in any host.

The `IHost` of the process checks the permissions of the caller of the current request.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from collections.abc import Set
from typing import IO
from typing import Any

from zope.component import getUtility

from zope.app.fssync.server.broken import DatabaseDamaged
from zope.app.fssync.server.interfaces import IAccess
from zope.app.fssync.server.interfaces import IHost
from zope.fssync.interfaces import IArchiveRepository
from zope.fssync.limits import CHECKOUT_PASSES
from zope.fssync.messages import _
from zope.fssync.repository import FileSystemRepository
from zope.fssync.repository import SnarfRepository
from zope.fssync.sparse import Sparse
from zope.fssync.task import Checkout
from zope.fssync.task.delta import Changed
from zope.fssync.task.delta import CheckoutChanges
from zope.fssync.terminal import escape

__all__ = [
    "checkout",
    "checkout_changes",
    "getSynchronizer",
    "toFS",
    "toSNARF",
    "unreadable",
]


def getSynchronizer(obj: Any, raise_error: bool = True, context: Any = None) -> Any:
    """Return the synchronizer of an object, None if it is withheld.

    Use an `IAccess` for many objects: it is faster.
    """
    return getUtility(IHost).access()(obj, raise_error, context)


def checkout(
    obj: Any,
    name: str,
    stream: IO[bytes],
    access: IAccess | None = None,
    sparse: Sparse | None = None,
) -> Checkout:
    """Write an object to a stream as an archive and return the finished task.

    The names suit the most restricted file system that is known: it ignores
    case and decomposes characters.  What ``sparse`` leaves out is not written.
    """
    host = getUtility(IHost)

    def make(without: Set[str]) -> Checkout:
        task = Checkout(
            access or host.access(),
            _portable(stream),
            hooks=host.database(obj),
            without=without,
            sparse=sparse,
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
    sparse: Sparse | None = None,
) -> Checkout:
    """Write the changes of an object to a stream, as an archive of changes.

    See `zope.fssync.task.delta.CheckoutChanges`.
    """
    host = getUtility(IHost)
    gone = list(gone)

    def make(without: Set[str]) -> CheckoutChanges:
        task = CheckoutChanges(
            access,
            _portable(stream),
            hooks=host.database(obj),
            sent=sent,
            without=without,
            sparse=sparse,
        )
        task.perform_changes(obj, name, changed, gone)
        return task

    return _unbroken(make, stream)


def _unbroken(make: Callable[[Set[str]], Checkout], stream: IO[bytes]) -> Checkout:
    """Make a checkout; repeat it without the objects whose synchronizers fail."""
    start = stream.tell()
    without: set[str] = set()
    for _pass in range(CHECKOUT_PASSES):
        stream.seek(start)
        stream.truncate()
        task = make(without)
        if not task.broken:
            return task
        without |= task.broken
    raise unreadable(sorted(without))


def unreadable(failed: Sequence[str]) -> DatabaseDamaged:
    """Return an error that names the objects whose synchronizers fail."""
    return DatabaseDamaged(
        _(
            "${names} cannot be read: the synchronizer failed, the log of"
            " the server tells more",
            mapping={"names": ", ".join(map(escape, failed[:CHECKOUT_PASSES]))},
        ),
        path=failed[0],
    )


def _portable(stream: IO[bytes]) -> SnarfRepository:
    return SnarfRepository(stream, case_insensitive=True, enforce_nfd=True)


def toFS(obj: Any, name: str, location: str) -> None:
    """Write an object to the directory ``location``."""
    host = getUtility(IHost)
    hooks = host.database(obj)
    # Callers cannot see that an object is left out.
    hooks.fatal_reading = (Exception,)
    task = Checkout(host.access(), FileSystemRepository(), hooks=hooks)
    task.perform(obj, name, location)


def toSNARF(obj: Any, name: str) -> IO[bytes]:
    """Return a temporary file with the archive of an object."""
    stream = tempfile.TemporaryFile()  # noqa: SIM115
    checkout(obj, name, stream)
    return stream
