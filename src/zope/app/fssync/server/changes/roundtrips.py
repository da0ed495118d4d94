"""Ask a ZEO server many things in one round trip.

Its client waits for the answer to each question, or fills its cache with what it
fetches beforehand: neither suits who reads a whole database, or its last transactions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from typing import NamedTuple
from typing import TypeVar

from ZODB.BaseStorage import DataRecord
from ZODB.POSException import POSKeyError
from ZODB.utils import p64
from ZODB.utils import u64

from zope.fssync.limits import BATCH_SIZE
from zope.fssync.limits import BATCHED_RECORDS
from zope.fssync.limits import PREFETCHED_RECORDS

__all__ = [
    "Transactions",
    "ahead_in",
    "can_ask",
    "current",
    "histories",
    "loaded",
    "serials",
]

_T = TypeVar("_T")

#: The oid of a record, its data, and the transaction that has stored them.
Found = tuple[bytes, bytes, bytes]

#: The oid of a record and the last transaction to consider.
Wanted = tuple[bytes, bytes]

#: Transactions, and after each of them its records, as the server tells them; and where
#: they end, None after the last one.
_More = tuple[list[tuple[Any, ...]], "_Place | None"]

#: The name of a method of the server, and its arguments.
Question = tuple[str, tuple[Any, ...]]


def can_ask(storage: Any) -> bool:
    """Return whether a storage is the client of a ZEO server that can be asked so."""
    server = getattr(storage, "_server", None)
    return hasattr(server, "io_call") and hasattr(server, "client")


def current(storage: Any, now: bytes) -> Iterator[Found | None]:
    """Yield the records as they are after the transaction ``now``, by their oids.

    The server names the record that follows another one.  Those with the next numbers
    are asked for with it: how many depends on how many were there before, and on their
    size.  Ends with None if the server cannot name what follows.
    """
    oid, read, size = p64(0), -1, 1
    while True:
        begin = max(u64(oid), read + 1)
        wanted = [(p64(number), now) for number in range(begin, begin + size)]
        named, *answers = _ask(
            storage, [("record_iternext", (oid,)), *map(_load, wanted)]
        )
        # Records that were made after ``now`` are there, without data.
        there = [
            each
            for (each, _), answer in zip(wanted, answers, strict=True)
            if not isinstance(answer, POSKeyError)
        ]
        found = list(_found(zip(wanted, answers, strict=True)))
        yield from found
        if there:
            oid = there[-1]
            read = u64(oid)
        elif isinstance(named, POSKeyError):
            # The creation of this one was undone.
            if size == BATCHED_RECORDS and read >= u64(oid):
                yield None
                return
            read, size = max(read, u64(oid)), BATCHED_RECORDS
            continue
        else:
            *_, following = named
            if following is None:
                return
            oid = following
        size = _next_size(size, len(there), sum(len(data) for _, data, _ in found))


def _next_size(size: int, there: int, taken: int) -> int:
    """Return how many records to ask for, after those that were there.

    ``taken`` is the number of their bytes.
    """
    if taken > BATCH_SIZE or 8 * there < size:
        return max(size // 2, 1)
    if taken < BATCH_SIZE // 2 and 4 * there > size:
        return min(size * 2, BATCHED_RECORDS)
    return size


def loaded(storage: Any, wanted: Sequence[Wanted]) -> Iterator[Found]:
    """Yield records as they are after a transaction each, if they are there."""
    yield from _found(_asked(storage, wanted, _load))


def histories(
    storage: Any, oids: Sequence[bytes], size: int
) -> Iterator[tuple[bytes, list[dict[str, Any]]]]:
    """Yield records with their last revisions, none if a record is gone."""
    for oid, answer in _asked(storage, oids, lambda oid: ("history", (oid, size))):
        yield oid, [] if isinstance(answer, POSKeyError) else list(answer)


def serials(
    storage: Any, wanted: Sequence[Wanted]
) -> Iterator[tuple[Wanted, bytes | None]]:
    """Yield the data of records as transactions stored them, None if they are gone."""
    for each, answer in _asked(storage, wanted, lambda each: ("loadSerial", each)):
        yield each, None if isinstance(answer, POSKeyError) else answer


def _asked(
    storage: Any, wanted: Sequence[_T], question: Callable[[_T], Question]
) -> Iterator[tuple[_T, Any]]:
    """Yield what is asked for with its answers, some in each round trip."""
    for begin in range(0, len(wanted), BATCHED_RECORDS):
        some = wanted[begin : begin + BATCHED_RECORDS]
        yield from zip(some, _ask(storage, map(question, some)), strict=True)


def ahead_in(connection: Any, oids: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the oids of objects that are loaded with a connection.

    Several that are not in the memory are fetched at once, where the storage can.
    """
    several, known = iter(oids), connection._cache.get
    storage = connection._storage
    before = getattr(storage, "_before", None)
    is_old = before is not None and can_ask(storage._storage)
    while some := list(islice(several, PREFETCHED_RECORDS)):
        ghosts = [
            oid for oid in some if getattr(known(oid), "_p_changed", None) is None
        ]
        if is_old:
            storage._storage.prefetch(ghosts, before)
        elif len(ghosts) > 1:
            connection.prefetch(ghosts)
        yield from some


def _load(wanted: Wanted) -> Question:
    oid, tid = wanted
    return "loadBefore", (oid, p64(u64(tid) + 1))


def _found(answered: Iterable[tuple[Wanted, Any]]) -> Iterator[Found]:
    for (oid, _), answer in answered:
        if answer is not None and not isinstance(answer, POSKeyError):
            data, tid, _following = answer
            yield oid, data, tid


class Transactions:
    """The transactions between two, the oldest first, with their records if asked for.

    They are as those of the iterator of a storage: a transaction has its records until
    the next one is asked for.  All is asked over one connection, since another one
    knows nothing of the iterator: raises `ClientDisconnected` if that is lost.
    """

    def __init__(
        self,
        storage: Any,
        start: bytes | None,
        stop: bytes | None,
        with_records: bool = True,
    ) -> None:
        self._server = storage._server
        self._protocol: Any = self._server.io_call(_connected(self._server))
        begun = _call(self._protocol, "iterator_start", start, stop)
        self._place: _Place | None = _Place(self._server.io_call(begun))
        self._with_records = with_records
        #: What has come: transactions, and after each of them its records.
        self._told: deque[_Transaction | DataRecord] = deque()
        self._size = 1

    def __iter__(self) -> Iterator[_Transaction]:
        while self._has_more():
            each = self._told.popleft()
            if isinstance(each, _Transaction):
                yield each

    def records(self) -> Iterator[DataRecord]:
        """Yield the records of the transaction that was yielded last."""
        while self._has_more() and not isinstance(self._told[0], _Transaction):
            yield self._told.popleft()

    def _has_more(self) -> bool:
        """Return whether something follows, once it has come."""
        while not self._told and self._place is not None:
            follow = _following if self._with_records else _transactions
            following = follow(self._protocol, self._place, self._size)
            told, self._place = self._server.io_call(following)
            self._told += (
                DataRecord(*each[1:]) if each[0] is None else _Transaction(self, *each)
                for each in told
            )
            self._size = min(self._size * 4, BATCHED_RECORDS)
        return bool(self._told)

    def close(self) -> None:
        """Let the server forget what was not read to its end."""
        if self._place is not None:
            numbers = [each for each in self._place if each is not None]
            self._server.io_call(_forgotten(self._protocol, numbers), wait=False)


class _Place(NamedTuple):
    """Iterators of the server: over transactions, and the records of the last one."""

    transactions: int
    records: int | None = None


@dataclass(frozen=True, slots=True)
class _Transaction:
    """A transaction; iteration yields its records."""

    transactions: Transactions
    tid: bytes
    status: Any
    user: bytes
    description: bytes
    extension: Any

    def __iter__(self) -> Iterator[DataRecord]:
        return self.transactions.records()


# What follows runs in the thread of the connections, which others wait for as well: one
# who hands over several questions switches between threads once, and not for each.


async def _connected(server: Any) -> Any:
    client = server.client
    if not client.operational:
        await client.await_operational_co(server.timeout)
    return client.protocol


async def _call(protocol: Any, name: str, *arguments: Any) -> Any:
    return await protocol.call_sync(name, arguments)


async def _transactions(protocol: Any, place: _Place, count: int) -> _More:
    """Return the next transactions, at most so many, and where they end."""
    told = list[tuple[Any, ...]]()
    while len(told) < count:
        each = await protocol.call_sync("iterator_next", (place.transactions,))
        if each is None:
            return told, None
        told.append(each)
    return told, place


async def _following(protocol: Any, place: _Place, count: int) -> _More:
    """Return transactions and their records, about so many of both, and where they end.

    A record has None before it.  The server has an error in its log if it is asked for
    what follows the last one.
    """
    told, taken = list[tuple[Any, ...]](), 0
    number, records = place
    while len(told) < count and taken < BATCH_SIZE:
        if records is None:
            each = await protocol.call_sync("iterator_next", (number,))
            if each is None:
                return told, None
            told.append(each)
            begun = number, each[0]
            records = await protocol.call_sync("iterator_record_start", begun)
        found = await protocol.call_sync("iterator_record_next", (records,))
        if found is None:
            records = None
            continue
        told.append((None, *found))
        taken += len(found[2] or b"")
    return told, _Place(number, records)


async def _forgotten(protocol: Any, numbers: list[int]) -> None:
    if not protocol.closed:
        protocol.call_async("iterator_gc", (numbers,))


def _ask(storage: Any, questions: Iterable[Question]) -> list[Any]:
    """Return the answers of the server, an error for a record that is not there."""
    server = storage._server
    answers: list[Any] = server.io_call(_answers(server, questions))
    return answers


async def _answers(server: Any, questions: Iterable[Question]) -> list[Any]:
    protocol = await _connected(server)
    # All are sent before the first answer is awaited.
    pending = [protocol.call_sync(*each) for each in questions]
    answers, failed = list[Any](), None
    for each in pending:
        try:
            answers.append(await each)
        except POSKeyError as error:
            answers.append(error)
        except Exception as error:
            # The other answers come as well.
            failed = failed or error
    if failed is not None:
        raise failed
    return answers
