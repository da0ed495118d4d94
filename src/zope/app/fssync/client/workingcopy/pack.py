"""Read the contents of a pack, and inflate its blocks on demand.

A pack of up to a megabyte is read at once.  Of a larger one only the blocks that were
used last stay in memory.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from typing import BinaryIO

from zope.app.fssync.client.workingcopy.compression import expanded
from zope.app.fssync.client.workingcopy.packindex import Block
from zope.app.fssync.client.workingcopy.packindex import Index
from zope.app.fssync.client.workingcopy.packindex import Member
from zope.app.fssync.client.workingcopy.packindex import damaged
from zope.app.fssync.client.workingcopy.packindex import read_index
from zope.fssync.limits import CHUNK
from zope.fssync.limits import KEPT_BLOCKS
from zope.fssync.limits import WHOLE_PACK
from zope.fssync.streams import RawReader

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree

__all__ = ["Pack"]


class Pack:
    """The pack at ``path``; a missing file is a pack without members."""

    def __init__(self, files: IFileTree, path: str) -> None:
        self.files = files
        self.path = path
        #: The content of the file; None if the file is opened for each read.
        self._stream: BinaryIO | None = io.BytesIO()
        self._size = 0
        index = Index({}, [])
        if files.kind(path) is not None:
            index = self._load()
        self.members = index.members
        self._blocks = index.blocks
        self._offsets = [block.offset for block in index.blocks]
        #: Inflated blocks by offset, the most recently used last.
        self._kept: dict[int, bytes] = {}
        self._kept_size = 0

    def _load(self) -> Index:
        size = self.files.size(self.path)
        with self.files.open(self.path) as stream:
            if size > WHOLE_PACK:
                self._stream = None
                return read_index(stream, size, self.path)
            data = stream.read(size)
        self._size = len(data)
        self._stream = io.BytesIO(data)
        return read_index(self._stream, len(data), self.path)

    @property
    def weight(self) -> int:
        """An estimate of the memory that the pack may take, in bytes."""
        inflated = sum(b.size for b in self._blocks if b.stored < b.size)
        return self._size + min(inflated, KEPT_BLOCKS) + 300 * len(self.members)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the present file open, even if another one replaces it."""
        before = self._stream
        with self._opened() as stream:
            self._stream = stream
            try:
                yield
            finally:
                self._stream = before

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        if self._stream is not None:
            yield self._stream
        else:
            with self.files.open(self.path) as stream:
                yield stream

    def open(self, member: Member) -> BinaryIO:
        """Return a stream of a content; a large one is read in pieces."""
        if member.size <= CHUNK:
            return io.BytesIO(b"".join(self.pieces(member)))
        pieces = self.pieces(member)
        return io.BufferedReader(RawReader(lambda size: next(pieces, b"")), CHUNK)

    def pieces(self, member: Member) -> Iterator[bytes]:
        """Yield a content in pieces."""
        offset, rest = member.offset, member.size
        while rest:
            block = self._block(offset)
            start = offset - block.offset
            if block.stored == block.size:
                length = min(rest, block.size - start, CHUNK)
                piece = self._read(block.place + start, length)
            else:
                piece = self._inflated(block)[start : start + rest]
            yield piece
            offset += len(piece)
            rest -= len(piece)

    def stored(self, members: list[Member]) -> bytes | None:
        """Return the deflated block of exactly these members, in this order.

        Return None if there is no such block, or if it is not deflated.
        """
        offset = members[0].offset
        block = self._block(offset)
        if offset != block.offset or block.stored == block.size:
            return None
        for member in members:
            if member.offset != offset:
                return None
            offset += member.size
        whole = offset == block.offset + block.size
        return self._read(block.place, block.stored) if whole else None

    def _block(self, offset: int) -> Block:
        return self._blocks[bisect_right(self._offsets, offset) - 1]

    def _read(self, place: int, length: int) -> bytes:
        with self._opened() as stream:
            stream.seek(place)
            data = stream.read(length)
        if len(data) < length:
            raise damaged(self.path, ValueError("the file ends within a content"))
        return data

    def _inflated(self, block: Block) -> bytes:
        content = self._kept.pop(block.offset, None)
        if content is None:
            stored = self._read(block.place, block.stored)
            try:
                content = expanded(stored, block.size)
            except ValueError as error:
                raise damaged(self.path, error) from error
            self._kept_size += len(content)
        self._kept[block.offset] = content
        while self._kept_size > KEPT_BLOCKS and len(self._kept) > 1:
            self._kept_size -= len(self._kept.pop(next(iter(self._kept))))
        return content
