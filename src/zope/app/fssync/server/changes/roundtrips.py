"""Ask a ZEO server many things in one round trip.

Its client waits for the answer to each question, or fills its cache with what it
fetches beforehand: neither suits who reads a whole database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from ZODB.POSException import POSKeyError
from ZODB.utils import p64
from ZODB.utils import u64

from zope.fssync.limits import BATCH_SIZE
from zope.fssync.limits import BATCHED_RECORDS

__all__ = ["can_ask", "current", "loaded"]

#: The oid of a record, its data, and the transaction that has stored them.
Found = tuple[bytes, bytes, bytes]

#: The name of a method of the server, and its arguments.
Question = tuple[str, tuple[Any, ...]]


def can_ask(storage: Any) -> bool:
    """Return whether a storage is the client of a ZEO server that can be asked so."""
    server = getattr(storage, "_server", None)
    return hasattr(server, "io_call") and hasattr(server, "call_sync_co")


def current(storage: Any, now: bytes) -> Iterator[Found | None]:
    """Yield the records as they are after the transaction ``now``, by their oids.

    The server names the record that follows another one.  Those with the next numbers
    are asked for with it: how many depends on how many were there before, and on their
    size.  Ends with None if the server cannot name what follows.
    """
    oid, read, size = p64(0), -1, 1
    while True:
        guessed = [(p64(u64(oid) + number), now) for number in range(1, size + 1)]
        named, *others = _ask(
            storage, [("record_iternext", (oid,)), *map(_load, guessed)]
        )
        following = None
        if named is not None:
            first, tid, data, following = named
            if u64(first) > read:
                read = u64(first)
                if tid <= now:
                    yield first, data, tid
                else:
                    yield from loaded(storage, [(first, now)])
        found = list(_found(guessed, others))
        yield from (each for each in found if u64(each[0]) > read)
        if found:
            oid = max(oid, found[-1][0])
            read = max(read, u64(oid))
        elif named is None:
            # The creation of this one was undone.
            if size == BATCHED_RECORDS:
                yield None
                return
            size = BATCHED_RECORDS
            continue
        elif following is None:
            return
        else:
            oid = following
        size = _next_size(size, found)


def _next_size(size: int, found: Sequence[Found]) -> int:
    """Return how many records to ask for, after so many of them were there."""
    taken = sum(len(data) for _, data, _ in found)
    if taken > BATCH_SIZE or 8 * len(found) < size:
        return max(size // 2, 1)
    if taken < BATCH_SIZE // 2 and 4 * len(found) > size:
        return min(size * 2, BATCHED_RECORDS)
    return size


def loaded(storage: Any, wanted: Sequence[tuple[bytes, bytes]]) -> Iterator[Found]:
    """Yield records as they are after a transaction each, if they are there."""
    for begin in range(0, len(wanted), BATCHED_RECORDS):
        some = wanted[begin : begin + BATCHED_RECORDS]
        yield from _found(some, _ask(storage, [_load(each) for each in some]))


def _load(wanted: tuple[bytes, bytes]) -> Question:
    oid, tid = wanted
    return "loadBefore", (oid, p64(u64(tid) + 1))


def _found(
    wanted: Sequence[tuple[bytes, bytes]], answers: list[Any]
) -> Iterator[Found]:
    for (oid, _), answer in zip(wanted, answers, strict=True):
        if answer is not None:
            data, tid, _following = answer
            yield oid, data, tid


def _ask(storage: Any, questions: Sequence[Question]) -> list[Any]:
    """Return the answers of the server, None for a record that is not there."""
    server = storage._server
    answers = server.io_call(_answers(server, questions))
    for each in answers:
        if isinstance(each, BaseException) and not isinstance(each, POSKeyError):
            raise each
    return [None if isinstance(each, POSKeyError) else each for each in answers]


async def _answers(server: Any, questions: Sequence[Question]) -> list[Any]:
    calls = (
        server.call_sync_co(name, arguments, server.timeout)
        for name, arguments in questions
    )
    return await asyncio.gather(*calls, return_exceptions=True)
