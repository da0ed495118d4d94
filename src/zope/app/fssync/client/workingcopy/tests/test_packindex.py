"""The index of a pack says where each content is, and only what can be true."""

from __future__ import annotations

import io
import tracemalloc
from contextlib import suppress

import pytest

from zope.app.fssync.client.workingcopy.packindex import HEAD
from zope.app.fssync.client.workingcopy.packindex import Block
from zope.app.fssync.client.workingcopy.packindex import Index
from zope.app.fssync.client.workingcopy.packindex import Member
from zope.app.fssync.client.workingcopy.packindex import dump_index
from zope.app.fssync.client.workingcopy.packindex import read_index
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import MetadataDamaged
from zope.fssync.limits import INDEX_RATIO
from zope.fssync.limits import Limits


def read(data: bytes, limits: Limits | None = None) -> Index:
    return read_index(io.BytesIO(data), len(data), "Base", limits or Limits())


def pack(
    blocks: list[tuple[int, int]],
    contents: list[tuple[int, str]],
    names: dict[str, int],
) -> bytes:
    stored = b"x" * sum(stored for stored, _ in blocks)
    return HEAD + stored + dump_index(blocks, contents, names)


def test_members_and_blocks_follow_on_each_other() -> None:
    data = pack([(5, 8), (2, 2)], [(3, "a"), (7, "b")], {"one": 0, "two": 1, "too": 1})
    index = read(data)
    assert index.members == {
        "one": Member(0, 3, "a"),
        "two": Member(3, 7, "b"),
        "too": Member(3, 7, "b"),
    }
    start = len(HEAD)
    assert index.blocks == [Block(0, 8, start, 5), Block(8, 2, start + 5, 2)]


def test_an_empty_pack_has_neither() -> None:
    assert read(pack([], [], {})) == Index({}, [])


@pytest.mark.parametrize(
    ("blocks", "contents", "names"),
    [
        ([(5, 4)], [(4, "a")], {"one": 0}),
        ([(5, 8)], [(7, "a")], {"one": 0}),
        ([(5, 8)], [(8, "a")], {"one": 1}),
        ([(5, 8)], [(8, "a")], {"one": -1}),
        ([(0, 0)], [], {}),
    ],
)
def test_impossible_values_are_damage(
    blocks: list[tuple[int, int]],
    contents: list[tuple[int, str]],
    names: dict[str, int],
) -> None:
    with pytest.raises(MetadataDamaged, match="damaged originals in Base"):
        read(pack(blocks, contents, names))


def test_every_shorter_file_is_damaged() -> None:
    data = pack([(5, 8)], [(8, "a")], {"one": 0})
    assert read(data).members
    for size in range(len(data)):
        with pytest.raises(MetadataDamaged):
            read(data[:size])


def test_large_indexes_are_not_read() -> None:
    data = pack([(5, 8)], [(8, "a")], {"one": 0})
    with pytest.raises(LimitExceeded, match="index of more than 8 bytes"):
        read(data, Limits(entries_size=8))


def lists(count: int) -> bytes:
    """An index of lists that hold nothing, which takes as many objects."""
    length = 3 * count + len(b"[[]]")
    return b"%s[%s[]]%015d %015d\n" % (HEAD, b"[]," * count, length, length)


@pytest.mark.parametrize(
    "data",
    [
        pack(
            [],
            [(0, f"{n:032x}") for n in range(20_000)],
            {f"f{n}": n for n in range(20_000)},
        ),
        pack([], [(0, "a")], {f"f{n}": 0 for n in range(20_000)}),
        lists(200_000),
    ],
)
def test_an_index_takes_a_bounded_multiple_of_its_size_in_memory(data: bytes) -> None:
    tracemalloc.start()
    try:
        with suppress(MetadataDamaged):
            read(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < (1 << 20) + 10 * INDEX_RATIO * len(data)
