"""Let a process catch up with the transactions of other processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from transaction.interfaces import TransientError
from ZODB.utils import p64

from zope.fssync.limits import CATCH_UP_PAUSE

__all__ = ["catch_up"]


def catch_up(connection: Any, tid: bytes) -> None:
    """Raise `TransientError` if this process does not see a transaction yet.

    The publisher repeats the request then.  An answer from the older state would
    revert the working copy to it.  A ZEO server answers a ping after it has sent all
    invalidations; without ``server-sync`` its client sends none by itself.
    """
    sync: Callable[..., Any] | None = getattr(connection._storage, "sync", None)
    if sync is not None:
        sync(True)
    ping: Callable[[], Any] | None = getattr(connection.db().storage, "ping", None)
    if ping is not None:
        ping()
    if connection.db().lastTransaction() >= tid:
        raise _unseen(tid)
    original, replica = _last_of_both(connection._storage)
    # What this process has stored it knows of before its replica does.
    if original >= tid or replica < original:
        time.sleep(CATCH_UP_PAUSE)
        raise _unseen(tid)


def _last_of_both(storage: Any) -> tuple[bytes, bytes]:
    """Return the last transaction of the original and that of its replica.

    They are empty where the storage does not read from a replica.
    """
    adapter: Any = getattr(storage, "_adapter", None)
    if not getattr(getattr(adapter, "connmanager", None), "ro_replica_selector", None):
        return b"", b""
    last = adapter.txncontrol.get_tid
    with storage._store_connection_pool.borrowing() as original:
        return p64(last(original.cursor)), p64(last(storage._load_connection.cursor))


def _unseen(tid: bytes) -> TransientError:
    return TransientError(f"this connection does not yet see transaction {tid.hex()}")
