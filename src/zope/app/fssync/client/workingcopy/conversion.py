"""Convert a working copy directory by directory, a few thousand files at a time.

After each of these steps both layouts are readable, so that an interruption leaves a
working copy that is as good as before.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from os.path import join
from typing import NamedTuple

from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges
from zope.app.fssync.client.workingcopy.left import Left
from zope.app.fssync.client.workingcopy.left import remove_all
from zope.fssync import paths
from zope.fssync.files import Signature
from zope.fssync.files import signature
from zope.fssync.limits import CONVERTED_DIRECTORIES

__all__ = ["Conversion", "ReadFile"]


class Conversion:
    """The conversion of one working copy, which is made in steps."""

    def __init__(self, changes: CompactChanges, root: str) -> None:
        self.changes = changes
        self.root = root
        self.left = Left(changes.tree, root)

    def each_directory(
        self, method: Callable[[str], int], deepest_first: bool = False
    ) -> None:
        """Call a method, which returns how many files it has moved, with each."""
        moved = 0
        directories: Iterable[str] = self._directories()
        if deepest_first:
            directories = reversed(list(directories))
        for directory in directories:
            moved += method(directory)
            if moved >= CONVERTED_DIRECTORIES:
                self.settle()
                moved = 0

    def settle(self) -> None:
        """Make the changes that are planned so far."""
        self.left.note()
        self.changes.apply()
        self.changes.journal.kept.extend(remove_all(self.root))
        self.changes.restart()

    def _directories(self) -> Iterator[str]:
        """Yield the directories with control data, except other working copies."""
        stack = [self.root]
        while stack:
            directory = stack.pop()
            names = self.changes.listdir(directory)
            if self.changes.place(directory).home not in (None, self.root):
                continue
            if paths.CONTROL in names:
                control = join(directory, paths.CONTROL)
                own = self.changes.isfile(join(control, paths.ROOT))
                if own and directory != self.root:
                    continue
                yield directory
            stack.extend(
                path
                for path in (join(directory, name) for name in names)
                if os.path.basename(path) not in (paths.CONTROL, paths.DATA)
                and self.changes.tree.kind(path) == "dir"
            )

    def read(self, path: str, most: int) -> ReadFile:
        """Read a file on the disk, unless it has more than ``most`` bytes."""
        with self.changes.tree.open(path) as stream:
            look = signature(os.fstat(stream.fileno()))
            content = stream.read(most + 1)
        return ReadFile(path, look, content if len(content) <= most else None)


class ReadFile(NamedTuple):
    """A file that was read: its path, its signature before, and its content.

    The content of a large file is None.
    """

    path: str
    look: Signature
    content: bytes | None
