"""Copies of files and objects inside a working copy.

``sync`` is what registers the copies: an object with ``add``, ``basicadd``,
``metadata``, ``files`` and ``fsmerger``, such as the client's `FSSync`.
"""

from __future__ import annotations

from collections.abc import Callable
from os.path import join
from typing import Any

from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import PathRefused
from zope.fssync.streams import chunks
from zope.fssync.terminal import escape

__all__ = ["FileCopier", "ObjectCopier", "SpecialCopier"]


class FileCopier:
    """Copies ordinary files into a working copy, to be added."""

    def __init__(self, sync: Any) -> None:
        self.sync = sync
        self.files = sync.files
        self._top: str | None = None

    def copy(self, source: str, target: str, children: bool = True) -> None:
        """Copy a file, or a directory with all it holds if ``children``."""
        if self.files.kind(source) == "other":
            raise PathRefused(
                f"not a regular file: {escape(source)}",
                path=source,
                advice="Links and special files are not copied.",
            )
        if self.files.isfile(source):
            with self.files.open(source) as stream:
                self.files.write(target, chunks(stream))
            self.addEntry(source, target)
        elif self.files.isdir(source):
            # Listed first, since the target may lie in the source, or deeper.
            names = self.listDirectory(source) if children else []
            names = [n for n in names if not self._is_ignored(source, target, n)]
            self.files.mkdir(target)
            self.addEntry(source, target)
            self._top = self._top or self.files.realdir(target)
            for name in names:
                path = join(source, name)
                if not self._is_top(path):
                    self.copy(path, join(target, name))

    def _is_top(self, path: str) -> bool:
        """Return True if a path is the copy that is being made."""
        found: bool = self.files.isdir(path) and self.files.realdir(path) == self._top
        return found

    def addEntry(self, source: str, target: str) -> None:
        self.sync.add(target)

    def listDirectory(self, dir: str) -> list[str]:
        return [name for name in self.files.listdir(dir) if name != paths.CONTROL]

    def _is_ignored(self, source: str, target: str, name: str) -> bool:
        """Return True if the ignore rules at the new place leave a file out."""
        is_directory = self.files.isdir(join(source, name))
        found: bool = self.sync.fsmerger.ignore(join(target, name), is_directory)
        return found


class ObjectCopier(FileCopier):
    """Copies registered objects with their type, extras and annotations."""

    def addEntry(self, source: str, target: str) -> None:
        type, factory = self.sync.metadata.gettypeinfo(source)
        self._syncadd(target, type, factory)
        self._copyspecials(source, target, fsutil.getextra)
        self._copyspecials(source, target, fsutil.getannotations)

    def _syncadd(self, target: str, type: str | None, factory: str | None) -> None:
        self.sync.add(target, type, factory)

    def _copyspecials(
        self, source: str, target: str, getwhat: Callable[[str], str]
    ) -> None:
        special = getwhat(source)
        if self.files.isdir(special):
            self.files.mkdir(getwhat(target))
            copier = SpecialCopier(self.sync)
            for name in self.sync.metadata.getnames(special):
                copier.copy(join(special, name), join(getwhat(target), name))

    def _is_ignored(self, source: str, target: str, name: str) -> bool:
        # What is registered is content, whatever its name is.
        return False

    def listDirectory(self, dir: str) -> list[str]:
        # Only registered children count, not other files beside them.
        return [
            name
            for name in self.sync.metadata.getnames(dir)
            if self.sync.metadata.getentry(join(dir, name)).get("flag") != "removed"
        ]


class SpecialCopier(ObjectCopier):
    """Copies extras and annotations, which have no path of their own."""

    def _syncadd(self, target: str, type: str | None, factory: str | None) -> None:
        self.sync.basicadd(target, type, factory)
