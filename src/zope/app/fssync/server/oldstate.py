"""Write an object as it was after a transaction to an archive."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from typing import NamedTuple

from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.past import reading
from zope.app.fssync.server.checkout import checkout
from zope.app.fssync.server.checkout import unreadable
from zope.fssync.errors import NoLongerThere
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.messages import _
from zope.fssync.repository import SnarfRepository
from zope.fssync.sparse import EMPTY
from zope.fssync.sparse import Sparse

__all__ = ["NAME", "OldState", "old_state", "transaction_before"]

#: The default name of the object in the archive: its own name would show where it was.
NAME = "object"


class OldState(NamedTuple):
    """An archive; ``is_whole`` is True if nothing is withheld from the caller."""

    archive: SnarfRepository
    is_whole: bool


@contextmanager
def old_state(
    context: Any, host: Any, at: bytes, path: str, deep: bool, name: str = NAME
) -> Iterator[OldState | None]:
    """Yield the object that was at a path below ``context`` after a transaction.

    None if there was none, or the caller may not read it.  ``deep`` includes all below
    it.  ``name`` is its name in the archive.  Raises `HistoryUnavailable`.
    """
    with tempfile.SpooledTemporaryFile(SPOOL_SIZE) as stream:
        sparse = None if deep else _shallow()
        yield _read(context, host, at, path, sparse, name, stream)


def _read(
    context: Any,
    host: Any,
    at: bytes,
    path: str,
    sparse: Sparse | None,
    name: str,
    stream: Any,
) -> OldState | None:
    history = History(host.bare(context)._p_jar)
    try:
        with reading(context, host, history, at, path) as obj:
            access = host.access(reading=True)
            if access(obj, False) is None:
                return None
            task = checkout(obj, name, stream, access, sparse)
    except NoLongerThere:
        return None
    if access.damaged:
        raise HistoryUnavailable(_("parts of it were packed away since"))
    if task.failed:
        raise unreadable(task.failed)
    whole = not (task.withheld or task.unnamed)
    return OldState(SnarfRepository(stream), whole)


def transaction_before(tid: bytes) -> bytes:
    """Return the id just below that of a transaction, to read the state before it."""
    return (int.from_bytes(tid) - 1).to_bytes(8)


def _shallow() -> Sparse:
    sparse = Sparse()
    sparse.set((), EMPTY)
    return sparse
