"""The pack holds what it was given, and no more than its bytes can say."""

from __future__ import annotations

import json
import random
import tempfile
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zope.app.fssync.client.workingcopy.compression import compressed
from zope.app.fssync.client.workingcopy.pack import Pack
from zope.app.fssync.client.workingcopy.packer import digest
from zope.app.fssync.client.workingcopy.packindex import HEAD
from zope.app.fssync.client.workingcopy.packindex import Block
from zope.app.fssync.client.workingcopy.packindex import Index
from zope.app.fssync.client.workingcopy.packindex import read_index
from zope.app.fssync.client.workingcopy.pristine import Base
from zope.app.fssync.client.workingcopy.tests.packs import contents_of
from zope.app.fssync.client.workingcopy.tests.packs import first_version
from zope.app.fssync.client.workingcopy.tests.packs import packed
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.files import Tree
from zope.fssync.limits import BLOCK_SIZE
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits

NOISE = random.Random(3).randbytes(3 * BLOCK_SIZE)

CONTENTS = {
    "Original/b": b"bb",
    "Original/a": b"",
    "Extra/b/@@Zope/Original/x": b"bb",
    "Original/\xe9": b"\x00\n\xff" * 1000,
    "Original/noise": NOISE[:BLOCK_SIZE],
    "Original/text": b"text\n" * 10_000,
    "Received": NOISE,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Base"


def index_of(path: Path, limits: Limits = DEFAULT) -> Index:
    with path.open("rb") as stream:
        return read_index(stream, path.stat().st_size, "Base", limits)


def sums(contents: dict[str, bytes]) -> set[tuple[str, int, str]]:
    return {(name, len(data), digest(data)) for name, data in contents.items()}


@pytest.mark.parametrize("pack", [packed, first_version])
@pytest.mark.parametrize("contents", [CONTENTS, {}, {"Original/a": b""}])
def test_packed_contents_are_found(path: Path, pack, contents) -> None:
    path.write_bytes(pack(contents))
    found = Pack(Tree(), str(path))
    assert contents_of(path) == contents
    assert sums(contents) == {
        (name, size, key) for name, (_, size, key) in found.members.items()
    }
    for name, member in found.members.items():
        with found.open(member) as stream:
            assert stream.read() == contents[name]


def test_a_pack_that_is_missing_is_empty(path: Path) -> None:
    assert Pack(Tree(), str(path)).members == {}


def test_equal_contents_are_stored_once() -> None:
    one = packed({"Original/a": NOISE})
    two = packed({"Original/a": NOISE, "Original/b": NOISE})
    assert len(two) < len(one) + 100


def test_contents_that_shrink_are_deflated_and_others_not(path: Path) -> None:
    path.write_bytes(packed({"Original/a": b"line of text\n" * 4000}))
    assert path.stat().st_size < 1000
    noise = packed({"Original/a": NOISE[:BLOCK_SIZE]})
    assert NOISE[:BLOCK_SIZE] in noise
    assert len(noise) < BLOCK_SIZE + 200


def test_one_block_is_inflated_for_one_content(path: Path) -> None:
    contents = {f"Original/{n}": b"%d\n" % n * 3000 for n in range(100)}
    path.write_bytes(packed(contents))
    blocks = index_of(path).blocks
    assert len(blocks) > 10
    for _, member in index_of(path).members.items():
        within = [b for b in blocks if b.offset <= member.offset < b.offset + b.size]
        assert member.offset + member.size <= within[0].offset + within[0].size
    damage = blocks[3]
    data = bytearray(path.read_bytes())
    data[damage.place : damage.place + damage.stored] = bytes(damage.stored)
    path.write_bytes(data)
    pack = Pack(Tree(), str(path))
    lost = []
    for name, member in pack.members.items():
        try:
            assert b"".join(pack.pieces(member)) == contents[name]
        except MetadataDamaged:
            lost.append(member)
    assert sum(member.size for member in lost) == damage.size


@pytest.mark.slow
def test_a_large_pack_is_not_held_in_memory(path: Path) -> None:
    noise = random.Random(4)
    contents = {
        f"Original/{n}": noise.randbytes(BLOCK_SIZE // 2) * 2 for n in range(300)
    }
    contents["Received"] = b"".join(contents.values())
    path.write_bytes(packed(contents))
    assert path.stat().st_size > 15 << 20
    keys = {name: digest(content) for name, content in contents.items()}
    del contents
    tracemalloc.start()
    pack = Pack(Tree(), str(path))
    for name, member in pack.members.items():
        with pack.open(member) as stream:
            if name != "Received":
                assert digest(stream.read()) == keys[name]
            while stream.read(BLOCK_SIZE):
                pass
    rewritten(path, {"Original/7": b"new"})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


def test_a_held_pack_is_readable_after_it_was_replaced(path: Path) -> None:
    noise = random.Random(4)
    contents = {f"Original/{n}": noise.randbytes(BLOCK_SIZE) for n in range(40)}
    path.write_bytes(packed(contents))
    pack = Pack(Tree(), str(path))
    with pack.held():
        path.unlink()
        for name, member in pack.members.items():
            assert b"".join(pack.pieces(member)) == contents[name]


def rewritten(path: Path, changes: dict[str, bytes | None]) -> None:
    """Change the pack at a path as a working copy does."""
    base = Base(Tree(), str(path.parent))
    for name, content in changes.items():
        if content is None:
            base.remove(name)
        else:
            base.write(name, content)
    base.flush()


def blocks_in(path: Path) -> set[bytes]:
    data = path.read_bytes()
    return {data[b.place : b.place + b.stored] for b in index_of(path).blocks}


def test_a_change_copies_the_blocks_that_it_does_not_touch(path: Path) -> None:
    contents = {f"Original/{n:03}": b"%d\n" % n * 900 for n in range(200)}
    path.write_bytes(packed(contents))
    before = blocks_in(path)
    changes = {"Original/007": b"new", "Original/100": None, "Original/a": b"more"}
    rewritten(path, changes)
    whole = {**contents, **changes}
    assert contents_of(path) == {n: data for n, data in whole.items() if data}
    # At most two of each change.
    assert len(before) > 12
    assert len(before - blocks_in(path)) <= 6


def test_a_block_that_stays_is_not_looked_into(path: Path) -> None:
    contents = {f"Original/{n:03}": b"%d\n" % n * 900 for n in range(200)}
    path.write_bytes(packed(contents))
    spoiled = spoil(path, index_of(path).blocks[9])
    rewritten(path, {"Original/000": b"new", "Original/199": b"new"})
    assert spoiled in blocks_in(path)


def test_a_content_that_is_written_anew_is_not_taken_from_the_old_pack(
    path: Path,
) -> None:
    contents = {f"Original/{n:03}": b"%d\n" % n * 900 for n in range(200)}
    path.write_bytes(packed(contents))
    for block in index_of(path).blocks:
        spoil(path, block)
    base = Base(Tree(), str(path.parent))
    for name, content in contents.items():
        base.remove(name)
        base.write(name, content)
    base.flush()
    assert path.read_bytes() == packed(contents)


def spoil(path: Path, block: Block) -> bytes:
    data = bytearray(path.read_bytes())
    data[block.place : block.place + block.stored] = bytes(block.stored)
    path.write_bytes(data)
    return bytes(block.stored)


def otherwise(contents: dict[str, bytes]) -> bytes:
    """A pack as others may write it, each content in a block of its own."""
    found = {digest(data): data for data in contents.values()}
    blocks = [compressed(data) for data in found.values() if data]
    sizes = [len(data) for data in found.values() if data]
    keys = list(found)
    index = [
        [list(each) for each in zip(map(len, blocks), sizes, strict=True)],
        [[len(data), key] for key, data in found.items()],
        {name: keys.index(digest(data)) for name, data in contents.items()},
    ]
    return with_index(index, b"".join(blocks))


places = st.sampled_from(
    [f"Original/{n}" for n in range(9)]
    + [f"Extra/{name}/@@Zope/Entries.xml" for name in ("a", "a b", "a-b", "\xe9")]
    + ["Received"]
)
datas = st.one_of(
    st.sampled_from([b"", b"x"]),
    st.builds(
        lambda n, size: b"%d\n" % n * size,
        st.integers(0, 3),
        st.integers(1, BLOCK_SIZE),
    ),
    st.builds(lambda size: NOISE[:size], st.integers(0, len(NOISE))),
)


@pytest.mark.slow
@given(
    st.dictionaries(places, datas),
    st.lists(st.dictionaries(places, st.none() | datas, max_size=3), max_size=4),
    st.sampled_from([packed, first_version, otherwise]),
)
def test_a_changed_pack_has_the_bytes_of_a_new_one(before, steps, pack) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "Base")
        path.write_bytes(pack(before))
        assert contents_of(path) == before
        for step in steps:
            changes = {n: d for n, d in step.items() if d is not None or n in before}
            after = {**before, **changes}
            after = {n: d for n, d in after.items() if d is not None}
            rewritten(path, changes)
            assert contents_of(path) == after
            if after and after != before:
                pack = packed
            if pack is packed and after:
                assert path.read_bytes() == packed(after)
            before = after


@pytest.mark.slow
@given(st.lists(st.sets(st.integers(0, 150)), max_size=3), st.randoms())
def test_many_small_contents_have_the_blocks_of_a_new_pack(steps, chance) -> None:
    contents = {f"Original/{n}": b"%d\n" % n * n * 9 for n in range(0, 300, 2)}
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "Base")
        path.write_bytes(packed(contents))
        for step in steps:
            changes: dict[str, bytes | None] = {}
            for number in step:
                name = f"Original/{number}"
                if name in contents and chance.random() < 0.5:
                    changes[name] = None
                else:
                    changes[name] = b"%d!\n" % number * chance.randrange(2000)
            rewritten(path, changes)
            contents = {
                n: d for n, d in {**contents, **changes}.items() if d is not None
            }
            assert path.read_bytes() == packed(contents)


def test_a_block_is_not_copied_beside_one_with_the_same_contents(path: Path) -> None:
    data = b"text\n" * 9000
    stored, key = zlib.compress(data), digest(data)
    sizes, contents = [[len(stored), len(data)]] * 2, [[len(data), key]] * 2
    names = {"Original/a": 0, "Original/b": 1}
    path.write_bytes(with_index([sizes, contents, names], stored * 2))
    rewritten(path, {"Original/c": b"new"})
    assert contents_of(path) == {
        "Original/a": data,
        "Original/b": data,
        "Original/c": b"new",
    }


# What is no pack


def ended(index: bytes, blocks: bytes = b"", size: int | None = None) -> bytes:
    length = len(index) if size is None else size
    return b"%s%s%s%015d %015d\n" % (HEAD, blocks, index, len(index), length)


def with_index(index: object, blocks: bytes = b"content") -> bytes:
    return ended(json.dumps(index).encode(), blocks)


def one(
    sizes: object = ((7, 7),), contents: object = ((7, "x"),), number: object = 0
) -> bytes:
    return with_index([sizes, contents, {"Original/a": number}])


def of_the_first(index: object, contents: bytes = b"content") -> bytes:
    text = index if isinstance(index, bytes) else json.dumps(index).encode()
    return b"zsync base 1 %d\n%s%s" % (len(text), text, contents)


def test_the_bytes_that_are_spoiled_below_are_those_of_a_pack(path: Path) -> None:
    path.write_bytes(one())
    assert contents_of(path) == {"Original/a": b"content"}


WHOLE = packed(CONTENTS)
SMALL = zlib.compress(b"x" * 1000)

DAMAGED = [
    b"",
    HEAD,
    b"zsync base 3\n" + WHOLE[len(HEAD) :],
    WHOLE[:-1],
    WHOLE[:-33] + WHOLE[-32:],
    HEAD + WHOLE[len(HEAD) + 1 :],
    HEAD + b"x" + WHOLE[len(HEAD) :],
    HEAD + b"%015d %015d\n" % (10**14, 10**14),
    HEAD + b"%015d %015d\n" % (0, 0),
    HEAD + b"%15d %15d\n" % (0, 0),
    ended(b""),
    ended(b"[]"),
    ended(b"{"),
    ended(b"\xff\xff"),
    ended(b"[" * 100_000),
    ended(b"{}", size=1),
    ended(b"{}", size=3),
    ended(SMALL, size=999),
    ended(SMALL, size=1001),
    ended(SMALL[:-1], size=1000),
    ended(SMALL + b"x", size=1000),
    with_index([[[7, 7]], [[7, "x"]]]),
    with_index([[[7, 7]], [[7, "x"]], None]),
    with_index([[[7, 7]], [[7, "x"]], ["Original/a"]]),
    one(None),
    one([7, 7]),
    one([[7]]),
    one([[7, 7, 7]]),
    one([["7", "7"]]),
    one([[True, 7], [6, 6]]),
    one([[7.0, 7]]),
    one([[0, 7], [7, 7]]),
    one([[7, 6]]),
    one([[-7, 7]]),
    one([[6, 7]]),
    one([[8, 8]]),
    one([[7, 8]]),
    one([[7, 7]], None),
    one([[7, 7]], []),
    one([[7, 7]], [[6, "x"]]),
    one([[7, 7]], [[8, "x"]]),
    one([[7, 7]], [[-1, "x"], [8, "x"]]),
    one([[7, 7]], [[7, 7]]),
    one([[7, 7]], [["7", "x"]]),
    one(number=1),
    one(number=-1),
    one(number=True),
    one(number="0"),
    one(number=None),
    b"zsync base 1 2\n",
    b"zsync base 1 -2\n{}",
    b"zsync base 1 " + b"9" * 70 + b"\n{}",
    b"zsync base 1 99\n{}",
    of_the_first(b"[]"),
    of_the_first(b"{"),
    of_the_first(b"\xff\xff"),
    of_the_first(b"[" * 100_000),
    of_the_first({"Original/a": None}),
    of_the_first({"Original/a": [0, 1]}),
    of_the_first({"Original/a": [0, 1, 2]}),
    of_the_first({"Original/a": [0, 1.0, "x"]}),
    of_the_first({"Original/a": [True, 1, "x"]}),
    of_the_first({"Original/a": [-1, 1, "x"]}),
    of_the_first({"Original/a": [0, -1, "x"]}),
    of_the_first({"Original/a": [0, 8, "x"]}),
    of_the_first({"Original/a": [7, 1, "x"]}),
    of_the_first({"Original/a": [10**30, 1, "x"]}),
]


@pytest.mark.parametrize("data", DAMAGED, ids=range(len(DAMAGED)))
def test_files_that_are_no_pack_are_damaged(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(MetadataDamaged, match="Base"):
        index_of(path)


@pytest.mark.parametrize(
    "name", ["", "/a", "a/", "Original/../x", "Original/.", "a//b", "Original/\n"]
)
@pytest.mark.parametrize("pack", [packed, first_version])
def test_unsafe_names_are_refused(path: Path, name: str, pack) -> None:
    path.write_bytes(pack({name: b"content"}))
    with pytest.raises(PathRefused, match="in Base"):
        index_of(path)


@pytest.mark.parametrize("size", [999, 1001, 5000, 1 << 20])
def test_a_block_that_lies_about_its_size_is_damaged(path: Path, size: int) -> None:
    index = [[[len(SMALL), size]], [[size, "x"]], {"Original/a": 0}]
    path.write_bytes(with_index(index, SMALL))
    with pytest.raises(MetadataDamaged, match="Base"):
        contents_of(path)


@pytest.mark.parametrize("block", [SMALL[:-1] + b"?", SMALL[:-5] + b"12345", b"7" * 9])
def test_a_spoiled_block_is_damaged(path: Path, block: bytes) -> None:
    index = [[[len(block), 1000]], [[1000, "x"]], {"Original/a": 0}]
    path.write_bytes(with_index(index, block))
    with pytest.raises(MetadataDamaged, match="Base"):
        contents_of(path)


def test_a_pack_that_becomes_shorter_is_damaged(path: Path) -> None:
    path.write_bytes(packed({"Original/a": NOISE * 10}))
    pack = Pack(Tree(), str(path))
    path.write_bytes(path.read_bytes()[: 10 * BLOCK_SIZE])
    with pytest.raises(MetadataDamaged, match="ends within a content"):
        b"".join(pack.pieces(pack.members["Original/a"]))


@pytest.mark.slow
def test_bombs_are_refused(path: Path) -> None:
    block = zlib.compress(bytes(50 << 20))
    index = [[[len(block), 50 << 20]], [[50 << 20, "x"]], {"Original/a": 0}]
    path.write_bytes(with_index(index, block))
    with pytest.raises(LimitExceeded, match="in Base"):
        index_of(path)
    names = zlib.compress(b"[[],[],{%s}]" % (b" " * (50 << 20)))
    path.write_bytes(ended(names, size=(50 << 20) + 10))
    tracemalloc.start()
    with pytest.raises(LimitExceeded, match="in Base"):
        index_of(path)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_sizes_have_limits(path: Path) -> None:
    for data in (one(), of_the_first({"Original/a": [0, 1, "x"]})):
        path.write_bytes(data)
        assert index_of(path).members
        with pytest.raises(LimitExceeded):
            index_of(path, Limits(entries_size=10))
    path.write_bytes(one())
    with pytest.raises(LimitExceeded):
        index_of(path, Limits(deflated_size=6))
    contents = [
        [[BLOCK_SIZE, BLOCK_SIZE]] * 9,
        [[9 * BLOCK_SIZE, "x"]],
        {"Original/a": 0},
    ]
    path.write_bytes(with_index(contents, bytes(9 * BLOCK_SIZE)))
    with pytest.raises(LimitExceeded, match="content of more"):
        index_of(path, Limits(entries_size=8 * BLOCK_SIZE))
