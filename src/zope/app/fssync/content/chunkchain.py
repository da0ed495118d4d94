"""Bodies of files as chains of chunks, each a database record.

However long a chain becomes, only a few of its chunks are in memory.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

import transaction

from zope.fssync.limits import SAVEPOINT_CHUNKS

__all__ = ["extend"]


def extend(
    chunk: Any, pieces: Iterable[bytes], make: Callable[[bytes], Any], jar: Any
) -> int:
    """Let a chunk be followed by one of each piece; return how many bytes these have.

    ``jar`` is the connection that stores them, None where all stay in memory.
    """
    size = 0
    batch = []
    for data in pieces:
        following = make(data)
        size += len(data)
        if jar is not None:
            jar.add(following)
            # Else a reader could drop the last one before it was ever stored.
            following._p_changed = True
            batch.append(chunk)
        chunk.next = following
        chunk = following
        if len(batch) == SAVEPOINT_CHUNKS:
            _store(batch)
    return size


def _store(batch: list[Any]) -> None:
    """Put finished chunks into the transaction's own storage, out of memory."""
    transaction.savepoint(optimistic=True)
    for chunk in batch:
        chunk._p_deactivate()
    batch.clear()
    # The writer of ZODB refers to itself, and holds each record twice until it is
    # collected.
    gc.collect(0)
