"""The base of one directory: its pack, and what waits to be written to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from zope.app.fssync.workingcopy.pack import Index
from zope.app.fssync.workingcopy.pack import Member
from zope.app.fssync.workingcopy.pack import digest
from zope.app.fssync.workingcopy.pack import pack_chunks
from zope.app.fssync.workingcopy.pack import read_index
from zope.app.fssync.workingcopy.pack import stored
from zope.fssync.fileinterfaces import IFileTree

__all__ = ["BASE", "Base"]

#: The name of the pack in a control directory.
BASE = "Base"

#: A pack up to this size is read at once.
_whole = 1 << 20


class Base:
    """The members of the pack in the control directory ``control``, by name.

    Names have slashes.  What is written waits in memory until `flush`.
    """

    def __init__(self, files: IFileTree, control: str) -> None:
        self.files = files
        self.control = control
        self.path = os.path.join(control, BASE)
        self.changed = False
        #: What waits.
        self._contents: dict[str, bytes] = {}
        #: All bytes of the pack, unless it is large.
        self._whole: bytes | None = None
        self.index: Index = self._load()
        self._children: dict[str, dict[str, int]] | None = None

    def _load(self) -> Index:
        if self.files.kind(self.path) is None:
            return {}
        size = self.files.size(self.path)
        with self.files.open(self.path) as stream:
            index = read_index(stream, size, self.path)
            if size <= _whole:
                stream.seek(0)
                self._whole = stream.read(size)
        return index

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes, but for what waits."""
        return len(self._whole or b"") + 300 * len(self.index)

    # Looking

    def kind(self, name: str) -> str | None:
        if name in self.index:
            return "file"
        return "dir" if name in self._directories() else None

    def listdir(self, name: str) -> list[str]:
        return list(self._directories().get(name, ()))

    def read(self, name: str) -> bytes:
        content = self._contents.get(name)
        if content is not None:
            return content
        offset, size, _ = self.index[name]
        if self._whole is not None:
            return self._whole[offset : offset + size]
        with self.files.open(self.path) as stream:
            stream.seek(offset)
            return stream.read(size)

    def _directories(self) -> dict[str, dict[str, int]]:
        """The children of each directory, and how many members make each."""
        if self._children is None:
            self._children = {}
            for name in self.index:
                self._count(name, 1)
        return self._children

    def _count(self, name: str, more: int) -> None:
        children = self._children
        assert children is not None
        while name:
            name, _, child = name.rpartition("/")
            below = children.setdefault(name, {})
            below[child] = below.get(child, 0) + more
            if not below[child]:
                del below[child]
                if not below:
                    del children[name]

    # Changing

    def write(self, name: str, content: bytes) -> None:
        member = Member(0, len(content), digest(content))
        before = self.index.get(name)
        if before is not None and before[1:] == member[1:]:
            return
        if before is None and self._children is not None:
            self._count(name, 1)
        self.index[name] = member
        self._contents[name] = content
        self.changed = True

    def remove(self, name: str) -> None:
        del self.index[name]
        self._contents.pop(name, None)
        if self._children is not None:
            self._count(name, -1)
        self.changed = True

    def remove_below(self, directory: str) -> None:
        """Remove all members in a directory."""
        start = f"{directory}/" if directory else ""
        if directory in self._directories():
            for name in [name for name in self.index if name.startswith(start)]:
                self.remove(name)

    def flush(self) -> None:
        """Write what waits; a pack without members is removed."""
        if not self.changed:
            return
        if self.index:
            self._write()
        elif self.files.kind(self.path) is not None:
            self.files.remove(self.path)
        self._contents.clear()
        self.changed, self._whole = False, None
        self.index = self._load()

    def _write(self) -> None:
        places = {name: member[1:] for name, member in self.index.items()}
        names = stored(places)
        if self._whole is not None or self._contents.keys() >= set(names):
            chunks = pack_chunks(places, map(self.read, names))
            self.files.write(self.path, chunks)
            return
        # Opened first, since writing may take the old file away.
        with self.files.open(self.path) as stream:
            chunks = pack_chunks(places, self._copied(names, stream))
            self.files.write(self.path, chunks)

    def _copied(self, names: list[str], stream: BinaryIO) -> Iterator[bytes]:
        for name in names:
            content = self._contents.get(name)
            if content is None:
                offset, size, _ = self.index[name]
                stream.seek(offset)
                content = stream.read(size)
            yield content
