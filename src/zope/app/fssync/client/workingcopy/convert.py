"""Convert a working copy between the layout of 3.6.0 and the compact one.

Upgraded files have the names of their objects, downgraded ones those that servers of
3.6.0 send.  A few thousand files are converted at a time.  Both layouts are readable
in between, so that an interruption leaves a working copy that is as good as before,
and the same command continues where it ended.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from os.path import join

from zope.app.fssync.client.workingcopy.compact import CompactChanges
from zope.app.fssync.client.workingcopy.compact import packed_holder
from zope.app.fssync.client.workingcopy.index import index_path
from zope.app.fssync.client.workingcopy.layout import COMPACT
from zope.app.fssync.client.workingcopy.layout import PLAIN
from zope.app.fssync.client.workingcopy.layout import write_layout
from zope.app.fssync.client.workingcopy.pristine import Base
from zope.app.fssync.client.workingcopy.renaming import Renaming
from zope.fssync import paths
from zope.fssync.files import chunks
from zope.fssync.limits import CONVERTED_DIRECTORIES

__all__ = ["downgrade", "upgrade"]


def upgrade(changes: CompactChanges, root: str) -> list[str]:
    """Bring the working copy ``root``, or the rest of it, into the compact layout.

    Return the paths of files that could not be renamed, since the name is taken.
    """
    converter = _Converter(changes, root)
    # Noted first: until all is done both layouts are to be expected.
    changes.compact = True
    write_layout(changes, root, COMPACT)
    converter.each_directory(converter.pack)
    return _rename(converter, Renaming(changes, paths.file_name))


def downgrade(changes: CompactChanges, root: str) -> list[str]:
    """Bring the working copy ``root``, or the rest of it, into the layout of 3.6.0.

    Return the paths of files that could not be renamed, since the name is taken.
    """
    converter = _Converter(changes, root)
    changes.compact = False
    converter.each_directory(converter.unpack)
    write_layout(changes, root, PLAIN)
    return _rename(converter, Renaming(changes, _decomposed))


def _rename(converter: _Converter, renaming: Renaming) -> list[str]:
    converter.each_directory(renaming.rename_in, deepest_first=True)
    index = index_path(converter.root)
    # It is derived, and knows the old names.
    if renaming.renamed and converter.changes.exists(index):
        converter.changes.remove(index)
    return renaming.taken


def _decomposed(name: str, key: str) -> str:
    """Return the name of a file in the layout of 3.6.0."""
    return paths.nfd(name)


class _Converter:
    def __init__(self, changes: CompactChanges, root: str) -> None:
        self.changes = changes
        self.root = root

    def each_directory(
        self, method: Callable[[str], int], deepest_first: bool = False
    ) -> None:
        """Call a method, which returns how many files it has moved."""
        moved = 0
        directories: Iterable[str] = self._directories()
        if deepest_first:
            directories = reversed(list(directories))
        for directory in directories:
            moved += method(directory)
            if moved >= CONVERTED_DIRECTORIES:
                self.changes.apply()
                self.changes.restart()
                moved = 0

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

    def pack(self, directory: str) -> int:
        """Bring the files that are packed now into the pack."""
        control = join(directory, paths.CONTROL)
        return sum(
            self._pack_below(control, what)
            for what in (paths.ORIGINAL, paths.EXTRA, paths.ANNOTATIONS)
            if self.changes.tree.isdir(join(control, what))
        )

    def _pack_below(self, control: str, name: str) -> int:
        moved = 0
        disk = self.changes.tree
        path = join(control, *name.split("/"))
        packed = packed_holder(name) is not None
        for child in disk.listdir(path):
            below = join(path, child)
            if disk.isdir(below):
                moved += self._pack_below(control, f"{name}/{child}")
            elif packed and disk.isfile(below):
                with self.changes.open(below) as stream:
                    self.changes.write(below, chunks(stream))
                moved += 1
        if packed:
            disk.rmdir(path)
        return moved

    def unpack(self, directory: str) -> int:
        """Make files of the members of the pack."""
        moved = 0
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
            moved += 1
        return moved

    def _is_left(self, base: Base, holder: str) -> bool:
        """Return True if the directory of a packed name is gone."""
        return not self.changes.tree.isdir(join(base.control, *holder.split("/")))
