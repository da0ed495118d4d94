"""Write a pack content by content, with a block and the index in memory.

Where a block ends depends on the contents alone, and as far as possible on each of
them by itself, so that a changed content changes only the blocks around it.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import chain

from zope.app.fssync.client.workingcopy.compression import compressed
from zope.app.fssync.client.workingcopy.packindex import HEAD
from zope.app.fssync.client.workingcopy.packindex import Content
from zope.app.fssync.client.workingcopy.packindex import dump_index
from zope.fssync.files import blake2b
from zope.fssync.files import write_new
from zope.fssync.limits import BLOCK_SIZE
from zope.fssync.limits import LEAST_BLOCK
from zope.fssync.limits import MEAN_BLOCK
from zope.fssync.limits import MOST_BLOCK
from zope.fssync.limits import WRITTEN_PACK
from zope.fssync.streams import chunks

__all__ = ["Packer", "digest", "digest_of", "place"]


def digest(content: bytes) -> str:
    """Return the digest of a content; equal digests mean equal contents."""
    return digest_of([content])


def digest_of(pieces: Iterable[bytes]) -> str:
    """The `digest` of a content in pieces."""
    made = blake2b(digest_size=16)
    for piece in pieces:
        made.update(piece)
    return made.hexdigest()


def place(name: str) -> str:
    """Return the sort key of a member: the order in which a checkout sends them.

    Names are compared part by part; no part holds a zero.
    """
    return name.replace("/", "\0")


def _new(contents: list[Content]) -> None:
    """Return None: no other pack has the block."""


class Packer:
    """Gives the bytes of a pack: `begin`, what each `add` gives, and `end`.

    ``stored``, called with the contents of a block, may return the bytes of it
    that another pack has, deflated.  The contents are not read then.
    """

    def __init__(self, stored: Callable[[list[Content]], bytes | None] = _new) -> None:
        self._stored = stored
        self._names: dict[str, int] = {}
        #: The numbers of the contents.
        self._numbers: dict[Content, int] = {}
        self._blocks: list[tuple[int, int]] = []
        #: The contents of the block that has not ended yet, and their size.
        self._waiting: dict[Content, Iterable[bytes]] = {}
        self._size = 0

    def __bool__(self) -> bool:
        """Return True if there is any member."""
        return bool(self._names)

    def begin(self) -> bytes:
        return HEAD

    def add(
        self, name: str, size: int, key: str, pieces: Iterable[bytes]
    ) -> Iterable[bytes]:
        """Add a member, ``key`` being the digest of its content.

        Members are added in the order of their `place`.  ``pieces`` are asked
        for when the block ends, and not where an equal content is stored.
        """
        content = (size, key)
        number = self._numbers.get(content)
        if number is not None:
            self._names[name] = number
            return ()
        self._names[name] = self._numbers[content] = len(self._numbers)
        if size > BLOCK_SIZE:
            return chain(self._close(), map(self._made, _cut(pieces)))
        return self._put(content, pieces) if size else ()

    def _put(self, content: Content, pieces: Iterable[bytes]) -> list[bytes]:
        size, key = content
        made = self._close() if self._size + size > MOST_BLOCK else []
        self._waiting[content] = pieces
        self._size += size
        if self._size >= LEAST_BLOCK and _ends_block(size, key):
            made += self._close()
        return made

    def _close(self) -> list[bytes]:
        if not self._waiting:
            return []
        stored = self._stored(list(self._waiting))
        if stored is None:
            pieces = chain.from_iterable(self._waiting.values())
            stored = self._made(b"".join(pieces))
        else:
            self._blocks.append((len(stored), self._size))
        self._waiting.clear()
        self._size = 0
        return [stored]

    def _made(self, block: bytes) -> bytes:
        stored = compressed(block)
        self._blocks.append((len(stored), len(block)))
        return stored

    def digests(self) -> Iterator[tuple[str, str]]:
        """The names of what was added, each with its digest."""
        keys = [key for _, key in self._numbers]
        for name, number in self._names.items():
            yield name, keys[number]

    def end(self) -> Iterator[bytes]:
        """The last block, and the index."""
        yield from self._close()
        yield dump_index(self._blocks, self._numbers, self._names)


class SpooledPack:
    """A pack whose members come in any order, in a temporary file if it is large."""

    def __init__(self) -> None:
        # Imported here: only a checkout needs it.
        import tempfile

        self._packer = Packer()
        #: Whether members were added in the order of their `place`.
        self.is_sorted = True
        self._last = ""
        self._made = tempfile.SpooledTemporaryFile(WRITTEN_PACK)  # noqa: SIM115
        self._made.write(self._packer.begin())

    def add_all(self, contents: Iterable[tuple[str, bytes]]) -> None:
        """Add members: names, each with its content."""
        for name, content in contents:
            before, self._last = self._last, place(name)
            self.is_sorted = self.is_sorted and before < self._last
            made = self._packer.add(name, len(content), digest(content), [content])
            self._made.writelines(made)

    def digests(self) -> Iterator[tuple[str, str]]:
        return self._packer.digests()

    def write(self, path: str) -> None:
        """Write the pack to a new file, unless it is empty."""
        if self._packer:
            self._made.writelines(self._packer.end())
            self._made.seek(0)
            write_new(path, chunks(self._made))
        self._made.close()


def _ends_block(size: int, key: str) -> bool:
    """Return True if a block ends with this content: more likely for a larger one.

    Digests are compared as text: there may be anything in those that were read.
    """
    return size >= MEAN_BLOCK or key < "%08x" % ((size << 32) // MEAN_BLOCK)


def _cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A content in parts of the size of a block."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= BLOCK_SIZE:
            yield bytes(waiting[:BLOCK_SIZE])
            del waiting[:BLOCK_SIZE]
    if waiting:
        yield bytes(waiting)
