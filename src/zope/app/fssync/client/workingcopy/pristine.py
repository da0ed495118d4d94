"""The base of one directory: its pack, and what waits to be written to it."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING
from typing import BinaryIO

from zope.app.fssync.client.workingcopy.pack import Pack
from zope.app.fssync.client.workingcopy.packer import Packer
from zope.app.fssync.client.workingcopy.packer import digest
from zope.app.fssync.client.workingcopy.packer import digest_of
from zope.app.fssync.client.workingcopy.packer import place
from zope.app.fssync.client.workingcopy.packindex import Content
from zope.app.fssync.client.workingcopy.packindex import Member
from zope.app.fssync.client.workingcopy.place import BASE
from zope.fssync import paths
from zope.fssync.errors import MetadataDamaged

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree

__all__ = ["Base", "is_pristine"]


def is_pristine(path: str) -> bool:
    """Does a file hold pristine copies?  The path has slashes."""
    *_, above, directory, name = ["", "", *path.split("/")]
    return (directory, name) == (paths.CONTROL, BASE) or (
        (above, directory) == (paths.CONTROL, paths.ORIGINAL)
    )


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

    @cached_property
    def _pack(self) -> Pack:
        return Pack(self.files, self.path)

    @cached_property
    def index(self) -> dict[str, Member]:
        """The members of the pack, and those that wait."""
        return self._pack.members

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes, but for what waits."""
        return self._pack.weight

    # Looking

    def kind(self, name: str) -> str | None:
        if name in self.index:
            return "file"
        return "dir" if name in self.directories else None

    def listdir(self, name: str) -> list[str]:
        return list(self.directories.get(name, ()))

    def open(self, name: str) -> BinaryIO:
        content = self._contents.get(name)
        if content is not None:
            return io.BytesIO(content)
        return self._pack.open(self.index[name])

    def pieces(self, name: str) -> Iterable[bytes]:
        content = self._contents.get(name)
        return self._pack.pieces(self.index[name]) if content is None else [content]

    def is_spoiled(self, name: str) -> bool:
        """Return True if the content is not the one that was written."""
        try:
            return digest_of(self.pieces(name)) != self.index[name].digest
        except MetadataDamaged:
            # Of the other blocks all may be well.
            return True

    @cached_property
    def directories(self) -> dict[str, dict[str, None]]:
        """The children of each directory that has any."""
        children: dict[str, dict[str, None]] = {}
        for name in self.index:
            self._add_child(children, name)
        return children

    @staticmethod
    def _add_child(children: dict[str, dict[str, None]], name: str) -> None:
        while name:
            name, _, child = name.rpartition("/")
            if name in children:
                # So have those above it.
                children[name][child] = None
                return
            children[name] = {child: None}

    @staticmethod
    def _remove_child(children: dict[str, dict[str, None]], name: str) -> None:
        while name:
            name, _, child = name.rpartition("/")
            below = children.get(name, {})
            below.pop(child, None)
            if below:
                return
            children.pop(name, None)

    # Changing

    def write(self, name: str, content: bytes) -> None:
        member = Member(0, len(content), digest(content))
        before = self.index.get(name)
        if before is not None and before[1:] == member[1:]:
            return
        if before is None and "directories" in vars(self):
            self._add_child(self.directories, name)
        self.index[name] = member
        self._contents[name] = content
        self.changed = True

    def remove(self, name: str) -> None:
        del self.index[name]
        self._contents.pop(name, None)
        if "directories" in vars(self):
            self._remove_child(self.directories, name)
        self.changed = True

    def remove_below(self, directory: str) -> None:
        """Remove all members in a directory."""
        start = f"{directory}/" if directory else ""
        if directory in self.directories:
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
        self.changed = False
        # The new pack is read when it is first needed.
        del self.index, self._pack

    def rewrite(self) -> None:
        """Write the pack anew, in the order in which it should be."""
        self.changed = True
        self.flush()

    def _write(self) -> None:
        # Writing may take the old file away.
        with self._pack.held():
            self.files.write(self.path, self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        packer = Packer(self._finder())
        yield packer.begin()
        for name in sorted(self.index, key=place):
            _, size, key = self.index[name]
            yield from packer.add(name, size, key, self.pieces(name))
        yield from packer.end()

    def _finder(self) -> Callable[[list[Content]], bytes | None]:
        """Return a function that finds blocks in the old pack for the new one.

        Only those of contents that still count: another may be damaged.
        """
        there = {
            member[1:]: member
            for name, member in self.index.items()
            if name not in self._contents
        }

        def stored(contents: list[Content]) -> bytes | None:
            members = [there[content] for content in contents if content in there]
            return self._pack.stored(members) if len(members) == len(contents) else None

        return stored
