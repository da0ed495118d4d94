"""From one layout of a working copy to the other: `upgrade` and `downgrade`.

A few thousand files at a time become real together.  Both layouts are read all
the while, so that an interruption leaves a working copy which is as good as
before, and the same command goes on where it ended.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterator
from os.path import join

from zope.app.fssync.client.workingcopy.compact import CompactChanges
from zope.app.fssync.client.workingcopy.compact import packed_holder
from zope.app.fssync.client.workingcopy.layout import COMPACT
from zope.app.fssync.client.workingcopy.layout import PLAIN
from zope.app.fssync.client.workingcopy.layout import write_layout
from zope.app.fssync.client.workingcopy.pristine import Base
from zope.fssync import paths
from zope.fssync.files import chunks

__all__ = ["convert"]

_batch = 2000


def convert(changes: CompactChanges, root: str, layout: int) -> None:
    """Give the working copy ``root`` another layout, or the rest of it."""
    converter = _Converter(changes, root)
    if layout == COMPACT:
        # Noted first: until all is done both layouts are to be expected.
        changes.compact = True
        write_layout(changes, root, layout)
        converter.each_directory(converter.pack)
    else:
        changes.compact = False
        converter.each_directory(converter.unpack)
        write_layout(changes, root, PLAIN)


class _Converter:
    def __init__(self, changes: CompactChanges, root: str) -> None:
        self.changes = changes
        self.root = root
        self.moved = 0

    def each_directory(self, method: Callable[[str], None]) -> None:
        for directory in self._directories():
            method(directory)
            if self.moved >= _batch:
                self.changes.apply()
                self.changes.restart()
                self.moved = 0

    def _directories(self) -> Iterator[str]:
        """The directories with control data, other working copies apart."""
        stack = [self.root]
        while stack:
            directory = stack.pop()
            names = self.changes.listdir(directory)
            if paths.CONTROL in names:
                control = join(directory, paths.CONTROL)
                own = self.changes.isfile(join(control, paths.ROOT))
                if own and directory != self.root:
                    continue
                yield directory
            stack.extend(
                path
                for path in (join(directory, name) for name in names)
                if os.path.basename(path) != paths.CONTROL and self.changes.isdir(path)
            )

    def pack(self, directory: str) -> None:
        """Bring the files that are packed now into the pack."""
        control = join(directory, paths.CONTROL)
        for what in (paths.ORIGINAL, paths.EXTRA, paths.ANNOTATIONS):
            if self.changes.tree.isdir(join(control, what)):
                self._pack_below(control, what)

    def _pack_below(self, control: str, name: str) -> None:
        disk = self.changes.tree
        path = join(control, *name.split("/"))
        packed = packed_holder(name) is not None
        for child in disk.listdir(path):
            below = join(path, child)
            if disk.isdir(below):
                self._pack_below(control, f"{name}/{child}")
            elif packed and disk.isfile(below):
                with self.changes.open(below) as stream:
                    self.changes.write(below, chunks(stream))
                self.moved += 1
        if packed:
            disk.rmdir(path)

    def unpack(self, directory: str) -> None:
        """Make files of the members of the pack."""
        base = self.changes.base(directory)
        for name in sorted(base.index):
            holder = packed_holder(name)
            if holder is None or name == paths.RECEIVED or self._is_left(base, holder):
                base.remove(name)
                continue
            path = join(base.control, *name.split("/"))
            if self.changes.tree.exists(path):
                base.remove(name)
            else:
                self.changes.write(path, base.pieces(name))
            self.moved += 1

    def _is_left(self, base: Base, holder: str) -> bool:
        """Is the directory gone that this belonged to?"""
        return not self.changes.tree.isdir(join(base.control, *holder.split("/")))
