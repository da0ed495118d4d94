"""The format of packs.  A pack holds the control data of one directory in one file.

Files that people edit are not in it.  A pack consists of a first line, blocks, the
index, and a line with the length of the index, deflated and inflated, in numbers of a
fixed width::

    zsync base 2
    <blocks><index><bytes of the index in the file> <bytes of the index>

The contents follow one another and are cut into blocks.  A block is deflated if that
makes it smaller.  The index is JSON: the sizes of each block in the file and inflated;
size and digest of each content; for each name the number of its content.  Equal
contents are stored once.

Packs of the same members have the same bytes, if they are deflated by the same
zlib.  The names are sorted part by part, and so are the contents, by the first of
their names.  A block ends before it would hold more than 128 KiB.  Once it holds 16
KiB it ends after a content whose digest says so: the first 32 bits of the digest, as a
fraction of 2**32, are less than the size of the content as a fraction of 32 KiB.  A
content of more than 64 KiB is cut into blocks of that size, which hold nothing else.
Readers rely on none of this: other writers have ended blocks elsewhere.

Packs of the first version are read as well.  Their index comes first and has offset,
size and digest of each name; nothing is deflated.

Others may have made the working copy: a reader checks each size before it reads so
many bytes, and accepts no name that the writer would not make.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO
from typing import Any
from typing import NamedTuple

from zope.app.fssync.client.workingcopy.compression import compressed
from zope.app.fssync.client.workingcopy.compression import expanded
from zope.app.fssync.client.workingcopy.indexjson import load_json
from zope.fssync import paths
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import UnsafeData
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import INDEX_RATIO
from zope.fssync.limits import SIZES
from zope.fssync.limits import Limits
from zope.fssync.patterns import late
from zope.fssync.terminal import escape

__all__ = [
    "HEAD",
    "Block",
    "Content",
    "Index",
    "Member",
    "damaged",
    "dump_index",
    "read_index",
]

HEAD = b"zsync base 2\n"

#: A content, by its size and its digest.
Content = tuple[int, str]

_end = late(rb"([0-9]{15}) ([0-9]{15})\n")
_end_size = 32

_first = b"zsync base 1 "
#: The most bytes that are read of the first line.
_first_line = 64


class Member(NamedTuple):
    """A content; ``offset`` is where it begins in all contents of the pack."""

    offset: int
    size: int
    digest: str


class Block(NamedTuple):
    """A part of the file, with the contents from ``offset`` on.

    It begins at ``place`` of the file and has ``stored`` bytes there, which are
    ``size`` bytes when they are inflated.
    """

    offset: int
    size: int
    place: int
    stored: int


class Index(NamedTuple):
    """The members of a pack, and the blocks that hold them."""

    members: dict[str, Member]
    blocks: list[Block]


def damaged(source: str, error: Exception) -> MetadataDamaged:
    """Return the error for a file ``source`` that is no pack."""
    return MetadataDamaged(
        f"damaged originals in {escape(source)}: {error}",
        path=source,
        advice="Restore the file, or remove it and run 'zsync update'.",
    )


def read_index(
    stream: IO[bytes], size: int, source: str, limits: Limits = DEFAULT
) -> Index:
    """Return the index of the pack in ``stream``, which has ``size`` bytes.

    ``source`` names the file in errors.  Raises `MetadataDamaged` for a file that is
    no pack, and `PathRefused` for an unsafe name.
    """
    try:
        return _read(stream, size, limits)
    except UnsafeData as error:
        error.msg = f"{error.msg}, in {escape(source)}"
        raise
    except (ValueError, TypeError, IndexError, RecursionError) as error:
        raise damaged(source, error) from error


def _read(stream: IO[bytes], size: int, limits: Limits) -> Index:
    line = stream.readline(_first_line)
    if line != HEAD:
        return _read_first(stream, line, size, limits)
    last = size - _end_size
    stream.seek(max(last, 0))
    end = _end.fullmatch(stream.read(_end_size))
    if end is None:
        raise ValueError("the file has no end")
    stored, length = int(end[1]), int(end[2])
    start = last - stored
    if start < len(HEAD) or stored > length:
        raise ValueError("the index is no part of the file")
    _check_index(length, limits)
    stream.seek(start)
    sizes, contents, names = load_json(
        expanded(stream.read(stored), length, INDEX_RATIO)
    )
    blocks = _blocks(sizes, start, limits)
    members = _contents(contents, blocks[-1], limits)
    _check_names(names)
    return Index(
        {name: members[_whole(number)] for name, number in names.items()}, blocks[:-1]
    )


def _check_index(size: int, limits: Limits) -> None:
    # Before it is read, let alone inflated.
    most = min(SIZES.index_size, limits.entries_size)
    if size > most:
        raise LimitExceeded(f"index of more than {most} bytes")


def _whole(number: Any) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(f"not a size or a number: {escape(repr(number))}")
    return number


def _blocks(sizes: list[Any], start: int, limits: Limits) -> list[Block]:
    """Return the blocks, and an empty one at the end of all contents."""
    blocks = []
    offset, place = 0, len(HEAD)
    for stored, size in sizes:
        if not 0 < _whole(stored) <= _whole(size):
            raise ValueError("a deflated block is larger than its content")
        if size > limits.deflated_size:
            raise LimitExceeded(f"block of more than {limits.deflated_size} bytes")
        blocks.append(Block(offset, size, place, stored))
        offset += size
        place += stored
    if place != start:
        raise ValueError("the blocks end elsewhere than the index begins")
    return [*blocks, Block(offset, 0, place, 0)]


def _contents(contents: list[Any], end: Block, limits: Limits) -> list[Member]:
    members = []
    offset = 0
    for size, digest in contents:
        if type(digest) is not str:
            raise ValueError("a digest that is no text")
        if _whole(size) > limits.entries_size:
            raise LimitExceeded(f"content of more than {limits.entries_size} bytes")
        members.append(Member(offset, size, digest))
        offset += size
    if offset != end.offset:
        raise ValueError("the contents have another size than the blocks")
    return members


def _check_names(names: Any) -> None:
    if not isinstance(names, dict):
        raise ValueError("the index has no names")
    # Most parts are in many names.
    for part in set("/".join(names).split("/")) if names else ():
        if part != paths.CONTROL:
            paths.check_name(part)


def _read_first(stream: IO[bytes], line: bytes, size: int, limits: Limits) -> Index:
    """Return the index of a pack of the first version."""
    number = line.removeprefix(_first).removesuffix(b"\n")
    if not line.startswith(_first) or not number.isdigit() or line[-1:] != b"\n":
        raise ValueError("the first line is not that of a pack")
    length = int(number)
    _check_index(length, limits)
    start = len(line) + length
    if start > size:
        raise ValueError("the file ends before its index")
    names = load_json(stream.read(length))
    _check_names(names)
    room = size - start
    members = {name: _member(place, room) for name, place in names.items()}
    return Index(members, [Block(0, room, start, room)] if room else [])


def _member(place: Any, room: int) -> Member:
    offset, size, digest = place
    if _whole(offset) + _whole(size) > room or type(digest) is not str:
        raise ValueError("a content lies outside of the file")
    return Member(offset, size, digest)


def dump_index(
    blocks: Iterable[tuple[int, int]],
    contents: Iterable[Content],
    names: dict[str, int],
) -> bytes:
    """Return the bytes that follow the blocks.

    ``blocks`` has the sizes of each in the file and inflated, ``contents`` sizes
    and digests, ``names`` the numbers of their contents, in the order of these.
    """
    text = json.dumps([list(blocks), list(contents), names], separators=(",", ":"))
    data = text.encode("ascii")
    stored = compressed(data, INDEX_RATIO)
    return b"%s%015d %015d\n" % (stored, len(stored), len(data))
