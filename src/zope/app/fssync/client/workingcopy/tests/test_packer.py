"""A pack is written content by content."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from zope.app.fssync.client.workingcopy.packer import Packer
from zope.app.fssync.client.workingcopy.packer import SpooledPack
from zope.app.fssync.client.workingcopy.packer import digest
from zope.app.fssync.client.workingcopy.packer import digest_of
from zope.app.fssync.client.workingcopy.packer import place
from zope.app.fssync.client.workingcopy.packindex import HEAD
from zope.fssync.limits import BLOCK_SIZE
from zope.fssync.limits import MOST_BLOCK

NOISE = random.Random(1).randbytes(4 * MOST_BLOCK)


def test_digests_do_not_depend_on_the_pieces() -> None:
    assert digest_of([b"a", b"", b"bc"]) == digest(b"abc")
    assert digest(b"") != digest(b"\0")


def add(packer: Packer, name: str, content: bytes) -> Iterable[bytes]:
    return packer.add(name, len(content), digest(content), [content])


def test_names_are_compared_part_by_part() -> None:
    names = ["a", "a/b", "a/b/c", "a!", "a!/b", "b"]
    names.reverse()
    assert sorted(names, key=place) == names[::-1]


def test_a_pack_without_members_is_false() -> None:
    packer = Packer()
    assert not packer
    add(packer, "a", b"")
    assert packer


def test_a_spooled_pack_knows_whether_names_came_in_order() -> None:
    pack = SpooledPack()
    for name in ("a", "a/b", "a!"):
        pack.add_all([(name, b"x")])
        assert pack.is_sorted
    pack.add_all([("a/c", b"x")])
    assert not pack.is_sorted
    # It never becomes true again.
    pack.add_all([("z", b"x")])
    assert not pack.is_sorted


def test_a_spooled_pack_is_written_unless_it_is_empty(tmp_path: Path) -> None:
    SpooledPack().write(str(tmp_path / "none"))
    assert not (tmp_path / "none").exists()
    pack = SpooledPack()
    pack.add_all([("a", b"x")])
    pack.write(str(tmp_path / "pack"))
    assert dict(pack.digests()) == {"a": digest(b"x")}
    assert (tmp_path / "pack").read_bytes().startswith(HEAD)


def test_equal_contents_are_asked_for_once() -> None:
    packer = Packer()
    add(packer, "a", b"x")
    assert list(packer.add("b", 1, digest(b"x"), iter([]))) == []
    assert dict(packer.digests()) == {"a": digest(b"x"), "b": digest(b"x")}


def test_a_large_content_is_blocks_of_its_own() -> None:
    packer = Packer()
    small, large = b"small", NOISE[: 2 * BLOCK_SIZE + 1]
    assert list(add(packer, "a", small)) == []
    made = list(add(packer, "b", large))
    assert [len(block) for block in made] == [5, BLOCK_SIZE, BLOCK_SIZE, 1]
    assert b"".join(made) == small + large


def test_blocks_have_a_size_at_the_most() -> None:
    packer = Packer()
    made: list[bytes] = []
    size = 1000
    for number in range(len(NOISE) // size):
        content = NOISE[number * size : (number + 1) * size]
        made += add(packer, f"{number:06}", content)
    assert len(made) > 4
    assert max(map(len, made)) <= MOST_BLOCK


def test_a_block_that_another_pack_has_is_not_read() -> None:
    packer = Packer(lambda contents: b"stored")
    pieces = iter([b"never read"])
    packer.add("a", 10, "digest", pieces)
    block, _ = packer.end()
    assert block == b"stored"
    assert next(pieces) == b"never read"
