"""Makes a pack, content by content; never holds more than a block and the index."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator

from zope.app.fssync.workingcopy.compression import compressed
from zope.app.fssync.workingcopy.packindex import HEAD
from zope.app.fssync.workingcopy.packindex import Member
from zope.app.fssync.workingcopy.packindex import dump_index

__all__ = ["BLOCK", "Packer", "digest", "digest_of"]

#: A block holds so much of smaller contents, which are never cut.
BLOCK = 1 << 16


def digest(content: bytes) -> str:
    """What stands for a content wherever contents are compared unread."""
    return digest_of([content])


def digest_of(pieces: Iterable[bytes]) -> str:
    """The `digest` of a content in pieces."""
    # Not imported before: what nobody has changed needs no digest.
    from hashlib import blake2b

    made = blake2b(digest_size=16)
    for piece in pieces:
        made.update(piece)
    return made.hexdigest()


class Packer:
    """Gives the bytes of a pack: `begin`, what each `add` gives, and `end`."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        #: The numbers of the contents that are stored, by size and digest.
        self._numbers: dict[tuple[int, str], int] = {}
        self._blocks: list[tuple[int, int]] = []
        self._waiting: list[bytes] = []
        self._size = 0

    def __bool__(self) -> bool:
        """Is there anything in it?"""
        return bool(self._names)

    def begin(self) -> bytes:
        return HEAD

    def copy(self, stored: bytes, members: Iterable[Member]) -> Iterator[bytes]:
        """Take over a block of another pack, which holds these and nothing else.

        They have no names yet: each has to be added.
        """
        contents = [(member.size, member.digest) for member in members]
        known = not self._numbers.keys().isdisjoint(contents)
        if known or len(set(contents)) < len(contents):
            return
        yield from self._close()
        for content in contents:
            self._numbers[content] = len(self._numbers)
        self._blocks.append((len(stored), sum(size for size, _ in contents)))
        yield stored

    def add(
        self, name: str, size: int, key: str, pieces: Iterable[bytes]
    ) -> Iterator[bytes]:
        """Add a member, ``key`` being the digest of its content.

        ``pieces`` are not asked for where an equal content is stored.
        """
        content = (size, key)
        if content not in self._numbers:
            self._numbers[content] = len(self._numbers)
            if self._size + size > BLOCK:
                yield from self._close()
            for piece in pieces:
                for start in range(0, len(piece), BLOCK):
                    yield from self._put(piece[start : start + BLOCK])
        self._names[name] = self._numbers[content]

    def _put(self, piece: bytes) -> Iterator[bytes]:
        if self._size + len(piece) > BLOCK:
            yield from self._close()
        self._waiting.append(piece)
        self._size += len(piece)

    def _close(self) -> Iterator[bytes]:
        if self._waiting:
            stored = compressed(b"".join(self._waiting))
            self._blocks.append((len(stored), self._size))
            self._waiting.clear()
            self._size = 0
            yield stored

    def digests(self) -> Iterator[tuple[str, str]]:
        """The names of what was added, each with its digest."""
        keys = [key for _, key in self._numbers]
        for name, number in self._names.items():
            yield name, keys[number]

    def end(self) -> Iterator[bytes]:
        """The last block, and the index."""
        yield from self._close()
        yield dump_index(self._blocks, self._numbers, self._names)
