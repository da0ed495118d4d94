"""The pack: what nobody edits of the control data of one directory, in one file.

A pack is a line that says what it is and how long the index is, the index, and
the contents one after the other::

    zsync base 1 <bytes of the index>
    {"Original/a.txt":[0,12,"<digest>"],...}

The index gives for each name, sorted, where its content begins after the index,
its size and its digest.  Equal contents are stored once, in the order of the
first name.  Nothing is compressed: the same state gives the same bytes with
every version of every library, and no reading inflates.

A pack lies in a working copy that others may have made: sizes are checked
before anything is read by them, and names are those that the writer makes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import IO
from typing import NamedTuple

from zope.fssync import paths
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import UnsafeData
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits

__all__ = ["Index", "Member", "digest", "pack_chunks", "read_index", "stored"]

_magic = b"zsync base 1 "
#: More than the first line ever has.
_first_line = 64


class Member(NamedTuple):
    """Where a content is in its pack; ``offset`` counts from its beginning."""

    offset: int
    size: int
    digest: str


Index = dict[str, Member]


def digest(content: bytes) -> str:
    """What stands for a content wherever contents are compared unread."""
    # Not imported before: what nobody has changed needs no digest.
    from hashlib import blake2b

    return blake2b(content, digest_size=16).hexdigest()


def read_index(
    stream: IO[bytes], size: int, source: str, limits: Limits = DEFAULT
) -> Index:
    """The index of the pack in ``stream``, which has ``size`` bytes.

    ``source`` names the file in errors: `MetadataDamaged` for what is not a
    pack, `PathRefused` for an unsafe name.
    """
    try:
        return _read(stream, size, limits)
    except UnsafeData as error:
        error.msg = f"{error.msg}, in {paths.printable(source)}"
        raise
    except (ValueError, TypeError, RecursionError) as error:
        raise MetadataDamaged(
            f"damaged originals in {paths.printable(source)}: {error}",
            path=source,
            advice="Restore the file, or remove it and run 'zsync update'.",
        ) from error


def _read(stream: IO[bytes], size: int, limits: Limits) -> Index:
    line = stream.readline(_first_line)
    number = line.removeprefix(_magic).removesuffix(b"\n")
    if not line.startswith(_magic) or not number.isdigit() or line[-1:] != b"\n":
        raise ValueError("the first line is not that of a pack")
    length = int(number)
    if length > limits.entries_size:
        raise LimitExceeded(f"index of more than {limits.entries_size} bytes")
    start = len(line) + length
    if start > size:
        raise ValueError("the file ends before its index")
    found = json.loads(stream.read(length))
    if not isinstance(found, dict):
        raise ValueError("the index is no mapping")
    room = size - start
    return {name: _member(name, place, start, room) for name, place in found.items()}


def _member(name: str, place: list, start: int, room: int) -> Member:
    offset, size, digest = place
    if type(offset) is not int or type(size) is not int or type(digest) is not str:
        raise ValueError(f"wrong kinds of values for {name!a}")
    if offset < 0 or size < 0 or offset + size > room:
        raise ValueError(f"the content of {name!a} lies outside of the file")
    _check_name(name)
    return Member(start + offset, size, digest)


def _check_name(name: str) -> None:
    for part in name.split("/"):
        if part != paths.CONTROL:
            paths.check_name(part)


def pack_chunks(
    index: Mapping[str, tuple[int, str]], contents: Iterable[bytes]
) -> Iterator[bytes]:
    """The bytes of a pack with members of these sizes and digests.

    ``contents`` gives, in the order of `stored`, what is to be stored.
    """
    offsets: dict[str, int] = {}
    end = 0
    places = {}
    for name in sorted(index):
        size, digest = index[name]
        if digest not in offsets:
            offsets[digest] = end
            end += size
        places[name] = [offsets[digest], size, digest]
    text = json.dumps(places, separators=(",", ":")).encode("ascii")
    yield b"%s%d\n%s\n" % (_magic, len(text) + 1, text)
    yield from contents


def stored(index: Mapping[str, tuple[int, str]]) -> list[str]:
    """The names whose contents are stored, in order; the others equal one of them."""
    seen: set[str] = set()
    names = []
    for name in sorted(index):
        if index[name][1] not in seen:
            seen.add(index[name][1])
            names.append(name)
    return names
