"""What goes from a working copy, and whether anything of it exists there only."""

from __future__ import annotations

import os
from collections.abc import Callable
from os.path import join
from typing import TYPE_CHECKING

from zope.fssync import fsutil
from zope.fssync import paths

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree
    from zope.fssync.fileinterfaces import IWorkingMetadata

__all__ = ["Removal"]


class Removal:
    """Removes files, directories and their control data; reports nothing.

    ``same(path, path)`` says whether both files exist and have the same content.
    """

    def __init__(
        self,
        files: IFileTree,
        metadata: IWorkingMetadata,
        same: Callable[[str, str], bool],
    ) -> None:
        self.files = files
        self.metadata = metadata
        self._same = same

    def is_modified(self, local: str) -> bool:
        """Return True if anything at or below a path is not on the server."""
        if self.metadata.getentry(local).get("flag") == "added":
            return True
        if self.files.isdir(local):
            control = join(local, paths.CONTROL)
            folders = [local, join(control, paths.EXTRA)]
            folders.append(join(control, paths.ANNOTATIONS))
            return any(map(self._is_modified_below, folders))
        return not self._same(local, fsutil.getoriginal(local))

    def _is_modified_below(self, folder: str) -> bool:
        return self.files.isdir(folder) and any(
            self.is_modified(join(folder, name))
            for name in self.files.listdir(folder)
            if name != paths.CONTROL
        )

    def are_specials_modified(self, local: str) -> bool:
        """Return True if the extras or annotations of an object were edited."""
        return any(
            self._is_modified_below(fsutil.getspecial(local, what))
            for what in (paths.EXTRA, paths.ANNOTATIONS)
        )

    def remove_tree(self, local: str) -> int:
        """Remove a directory with its control data; return how many files went."""
        count = 0
        for name in self.files.listdir(local):
            path = join(local, name)
            if name == paths.CONTROL:
                self.metadata.forget(local)
                self.files.rmtree(path)
            elif self.files.isdir(path):
                count += self.remove_tree(path)
            else:
                self.files.remove(path)
                count += 1
        self.files.rmdir(local)
        return count

    def remove_registered(self, local: str) -> None:
        """Remove what is registered in a directory; the rest stays, and so does it."""
        for name in self.metadata.getnames(local):
            path = join(local, name)
            if self.files.isdir(path):
                self.remove_registered(path)
            elif self.files.exists(path):
                self.files.remove(path)
        self.remove_control(local)
        self.files.rmdir(local)

    def remove_special(self, local: str, what: str) -> None:
        """Remove the original, extras or annotations of an object."""
        target = fsutil.getspecial(local, what)
        kind = self.files.kind(target)
        if kind == "dir":
            self.metadata.forget(target)
            self.files.rmtree(target)
        elif kind:
            self.files.remove(target)
        if self.files.isdir(os.path.dirname(target)):
            self.files.rmdir(os.path.dirname(target))

    def remove_control(self, local: str) -> None:
        """Remove the control data of a directory."""
        self.metadata.forget(local)
        control = join(local, paths.CONTROL)
        if self.files.isdir(control):
            self.files.rmtree(control)
