"""Chains of chunks, with and without a database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import transaction
from ZODB import DB
from zope.app.file.file import FileChunk

from zope.app.fssync.content.chunkchain import extend
from zope.fssync.limits import SAVEPOINT_CHUNKS


@pytest.fixture
def first() -> Iterator[FileChunk]:
    """The first chunk of a file in a database."""
    database = DB(None)
    root = database.open().root()
    root["first"] = FileChunk(b"0")
    transaction.commit()
    yield root["first"]
    transaction.abort()
    database.close()


def pieces(chunk: Any) -> list[bytes]:
    found = []
    while chunk is not None:
        found.append(chunk._data)
        chunk = chunk.next
    return found


def test_each_piece_is_a_chunk_and_the_first_is_not_counted() -> None:
    first = FileChunk(b"a")
    assert extend(first, iter([b"bc", b"d"]), FileChunk, None) == 3
    assert pieces(first) == [b"a", b"bc", b"d"]
    assert extend(FileChunk(b"a"), [], FileChunk, None) == 0


@pytest.mark.parametrize("count", [1, SAVEPOINT_CHUNKS, 2 * SAVEPOINT_CHUNKS + 1])
def test_a_database_holds_all_of_them_and_memory_a_few(
    first: FileChunk, count: int
) -> None:
    made: list[FileChunk] = []

    def make(data: bytes) -> FileChunk:
        made.append(FileChunk(data))
        return made[-1]

    extend(first, (b"%d" % number for number in range(count)), make, first._p_jar)
    in_memory = sum(chunk._p_changed is not None for chunk in made)
    assert in_memory <= SAVEPOINT_CHUNKS
    transaction.commit()
    assert pieces(first) == [b"0", *(b"%d" % number for number in range(count))]


def test_aborted_objects_are_gone(first: FileChunk) -> None:
    extend(first, [b"1"] * (SAVEPOINT_CHUNKS + 1), FileChunk, first._p_jar)
    transaction.abort()
    assert pieces(first) == [b"0"]
