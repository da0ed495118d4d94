"""Change a name in a directory that is held open by a descriptor.

The directory is reached component by component and without following links, once: a
link that replaces one of the components later has no effect.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager

from zope.fssync.errors import PathRefused
from zope.fssync.terminal import escape

__all__ = ["DirFd"]

_flags = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_can_hold = {os.open, os.mkdir, os.unlink, os.rename, os.stat} <= os.supports_dir_fd


class DirFd:
    """A name in an open directory; systems without such calls use the path."""

    def __init__(self, path: str, descriptor: int | None) -> None:
        self.path = path
        self._directory = descriptor
        self._name = path if descriptor is None else os.path.basename(path)

    @classmethod
    @contextmanager
    def below(cls, root: str, path: str, make: bool = False) -> Iterator[DirFd]:
        """Open the directory of ``path``; with ``make`` make it.

        Raises `FileNotFoundError` where the directory is missing, and `PathRefused`
        where something else is in its place.
        """
        directory = os.path.dirname(path)
        if not _can_hold:
            if make:
                os.makedirs(directory, exist_ok=True)
            yield cls(path, None)
            return
        descriptor = _held(root, directory, make)
        try:
            yield cls(path, descriptor)
        finally:
            os.close(descriptor)

    def status(self) -> os.stat_result | None:
        """Return the status of what is there, None for nothing; follows no link."""
        return self._status(self._name)

    def _status(self, name: str) -> os.stat_result | None:
        try:
            return os.lstat(name, dir_fd=self._directory)
        except FileNotFoundError:
            return None

    def unlink(self) -> None:
        os.unlink(self._name, dir_fd=self._directory)

    def rmdir(self) -> None:
        """Remove an empty directory; one that is not empty stays."""
        try:
            os.rmdir(self._name, dir_fd=self._directory)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise

    def fill(self, source: str) -> None:
        """Move a file or a directory here, in one step."""
        os.replace(source, self._name, dst_dir_fd=self._directory)

    def rename(self, name: str) -> bool:
        """Let what is called ``name`` be here; False where that is taken.

        True too where nothing is called so any more.
        """
        old = os.path.join(os.path.dirname(self._name), name)
        if self._status(old) is None:
            return True
        if self._status(self._name) is not None:
            return False
        os.rename(
            old,
            self._name,
            src_dir_fd=self._directory,
            dst_dir_fd=self._directory,
        )
        return True

    def take(self, source: DirFd) -> bool:
        """Let what is at ``source`` be here; False where that is taken.

        True too where nothing is there any more.
        """
        if source.status() is None:
            return True
        if self.status() is not None:
            return False
        os.rename(
            source._name,
            self._name,
            src_dir_fd=source._directory,
            dst_dir_fd=self._directory,
        )
        return True

    def keep_in(self, keep: Callable[[str, int | None, str], object]) -> None:
        """Call ``keep`` with the path, the open directory, and the name in it."""
        keep(self.path, self._directory, self._name)

    def keep(self) -> str:
        """Move what is here out of the way; return its new path."""
        number, suffix = 1, ".mine"
        while self._status(self._name + suffix) is not None:
            number += 1
            suffix = f".mine{number}"
        os.rename(
            self._name,
            self._name + suffix,
            src_dir_fd=self._directory,
            dst_dir_fd=self._directory,
        )
        return self.path + suffix


def _held(root: str, directory: str, make: bool) -> int:
    """Open a directory below ``root``, component by component."""
    descriptor = os.open(root, _flags)
    relative = os.path.relpath(directory, root)
    way = root
    for part in [] if relative == os.curdir else relative.split(os.sep):
        way = os.path.join(way, part)
        try:
            below = _open(part, descriptor, make)
        except OSError as error:
            if error.errno in (errno.ENOTDIR, errno.ELOOP, errno.EMLINK):
                raise PathRefused(
                    f"not a directory: '{escape(way)}'",
                    path=way,
                    advice="Links are left alone; replace it by a directory.",
                ) from error
            raise
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor


def _open(name: str, parent: int, make: bool) -> int:
    try:
        return os.open(name, _flags, dir_fd=parent)
    except FileNotFoundError:
        if not make:
            raise
    os.mkdir(name, dir_fd=parent)
    return os.open(name, _flags, dir_fd=parent)
