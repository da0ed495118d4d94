"""Changes of a working copy that become real together.

`Changes` looks like the file tree after the changes while nothing but staged
files has been written; `apply` makes it so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import BinaryIO

from zope.interface import implementer

from zope.app.fssync.workingcopy.journal import Journal
from zope.app.fssync.workingcopy.journal import Step
from zope.fssync import files
from zope.fssync import paths
from zope.fssync.errors import PathRefused
from zope.fssync.interfaces import IFileTree

__all__ = ["Changes"]

#: Listings of directories that are kept.
_listings = 256


@implementer(IFileTree)
class Changes:
    """A file tree whose changes wait in the journal.

    A directory that did not exist is built aside as a whole and moved into
    place in one step, so that a checkout writes each file once.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.journal = Journal(root)
        self._prefix = os.path.join(root, "")
        self._start()

    def _start(self) -> None:
        self._steps: list[Step] = []
        #: Where staged files and new directories are, by the path they get.
        self._staged: dict[str, str] = {}
        self._new: dict[str, str] = {}
        self._gone: set[str] = set()
        #: Directories that the disk knows nothing of: what is not staged there
        #: does not exist.
        self._fresh: set[str] = set()
        #: Staged names, by directory.
        self._added: dict[str, set[str]] = {}
        #: Real paths of directories, by the paths callers use.
        self._directories: dict[str, str] = {}
        #: What is in directories of the disk, by name; the latest ones.
        self._listings: dict[str, dict[str, str]] = {}
        #: What files looked like when they were looked at.
        self._seen: dict[str, tuple[int, ...]] = {}

    def _real(self, path: str) -> str:
        """The one spelling of a path by which it is known here."""
        directory, _, name = path.rpartition(os.sep)
        if name in ("", ".", "..") or path == os.sep + name:
            return os.path.realpath(path)
        return f"{self.realdir(directory)}{os.sep}{name}"

    def realdir(self, path: str) -> str:
        real = self._directories.get(path)
        if real is None:
            real = self._directories[path] = self._find_realdir(path)
        return real

    def _find_realdir(self, path: str) -> str:
        parent, name = os.path.split(path)
        if name in ("", ".", "..") or parent == path:
            return os.path.realpath(path)
        parent = self.realdir(parent)
        real = os.path.join(parent, name)
        if real in self._new or parent in self._fresh:
            self._fresh.add(real)
        elif not real.startswith(self._prefix) or self._on_disk(real) == "other":
            return os.path.realpath(path)
        return real

    def _on_disk(self, path: str) -> str | None:
        """What is on the disk; a directory is listed when first asked about."""
        directory, _, name = path.rpartition(os.sep)
        listing = self._listings.get(directory)
        if listing is None:
            while len(self._listings) >= _listings:
                del self._listings[next(iter(self._listings))]
            parent, _, child = directory.rpartition(os.sep)
            missing = child not in self._listings.get(parent, (child,))
            listing = {} if missing else _listed(directory)
            self._listings[directory] = listing
        return listing.get(name)

    def _inside(self, path: str) -> str:
        path = self._real(path)
        if not path.startswith(self._prefix):
            raise PathRefused(
                f"outside of the working copy: {paths.printable(path)}",
                path=path,
                advice="Links that lead out of a working copy are not followed.",
            )
        return path

    # Looking

    def kind(self, path: str) -> str | None:
        path = self._real(path)
        if path in self._staged:
            return "file"
        if path in self._new:
            return "dir"
        if path in self._gone or path.rpartition(os.sep)[0] in self._fresh:
            return None
        return self._on_disk(path)

    def isfile(self, path: str) -> bool:
        return self.kind(path) == "file"

    def isdir(self, path: str) -> bool:
        return self.kind(path) == "dir"

    def exists(self, path: str) -> bool:
        return self.kind(path) is not None

    def listdir(self, path: str) -> list[str]:
        path = self.realdir(path)
        names = set(self._added.get(path, ()))
        if path not in self._fresh:
            self._on_disk(os.path.join(path, ""))
            names.update(
                name
                for name in self._listings[path]
                if os.path.join(path, name) not in self._gone
            )
        return sorted(names)

    def open(self, path: str) -> BinaryIO:
        path = self._real(path)
        staged = self._staged.get(path)
        stream = files.open_regular(staged or path)
        if staged is None:
            self._see(path, os.fstat(stream.fileno()))
        return stream

    def size(self, path: str) -> int:
        path = self._real(path)
        staged = self._staged.get(path)
        status = os.lstat(staged or path)
        if staged is None:
            self._see(path, status)
        return status.st_size

    def _see(self, path: str, status: os.stat_result) -> None:
        self._seen.setdefault(path, files.signature(status))

    # Changing

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        path = self._inside(path)
        parent = path.rpartition(os.sep)[0]
        if parent not in self._new:
            self.mkdir(parent)
        staged = self._staged.get(path) or self._place(path)
        if path in self._staged:
            os.unlink(staged)
        files.write_new(staged, chunks)
        self._staged[path] = staged
        self._gone.discard(path)

    def _place(self, path: str) -> str:
        """Where to put what will be at ``path``; plans the step to get there."""
        directory, _, name = path.rpartition(os.sep)
        self._added.setdefault(directory, set()).add(name)
        parent = self._new.get(directory)
        if parent is not None:
            return f"{parent}{os.sep}{name}"
        seen = None if path in self._gone else self._signature(path)
        number = str(len(self._steps))
        self._steps.append(Step("move", path, number, seen))
        return self.journal.stage(number)

    def _signature(self, path: str) -> tuple[int, ...] | None:
        if self.kind(path) != "file":
            return None
        if path not in self._seen:
            self._see(path, os.lstat(path))
        return self._seen[path]

    def mkdir(self, path: str) -> None:
        path = self._real(os.path.abspath(path))
        kind = self.kind(path)
        if kind == "dir":
            return
        if kind is not None:
            raise FileExistsError(path)
        self.mkdir(os.path.dirname(self._inside(path)))
        staged = self._place(path)
        os.mkdir(staged)
        self._new[path] = staged
        self._fresh.add(path)
        self._gone.discard(path)

    def remove(self, path: str) -> None:
        path = self._inside(path)
        staged = self._staged.pop(path, None)
        if staged is not None:
            os.unlink(staged)
            self._added[os.path.dirname(path)].discard(os.path.basename(path))
        if path not in self._gone and os.path.dirname(path) not in self._new:
            self._steps.append(Step("remove", path, "", self._signature(path)))
        self._gone.add(path)

    def rmdir(self, path: str) -> bool:
        path = self._inside(path)
        if self.listdir(path):
            return False
        staged = self._new.pop(path, None)
        if staged is not None:
            os.rmdir(staged)
            self._added[os.path.dirname(path)].discard(os.path.basename(path))
        else:
            self._steps.append(Step("rmdir", path))
        self._gone.add(path)
        return True

    def rmtree(self, path: str) -> None:
        for name in self.listdir(path):
            child = os.path.join(path, name)
            if self.isdir(child):
                self.rmtree(child)
            else:
                self.remove(child)
        self.rmdir(path)

    # Together

    def edited(self) -> list[str]:
        """The files that were edited since the changes were decided."""
        return [
            step.path
            for step in self._steps
            if step.seen is not None and _signature(step.path) != step.seen
        ]

    def apply(self) -> list[str]:
        """Make the changes real.

        Returns the paths of files that were edited at the last moment and kept.
        """
        # What was staged and removed again has left its step behind.
        live = {*self._staged.values(), *self._new.values()}
        self.journal.perform(
            [
                step
                for step in self._steps
                if step.verb != "move" or self.journal.stage(step.staged) in live
            ]
        )
        return self.journal.kept

    def restart(self) -> None:
        """Forget the changes and what was seen, to decide them anew."""
        self.journal.clear()
        self._start()

    def abandon(self) -> None:
        """Forget the changes, unless they are already becoming real."""
        self.journal.abandon()


def _listed(directory: str) -> dict[str, str]:
    try:
        with os.scandir(directory) as entries:
            return {entry.name: _kind(entry) for entry in entries}
    except (FileNotFoundError, NotADirectoryError):
        return {}


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_file(follow_symlinks=False):
        return "file"
    return "dir" if entry.is_dir(follow_symlinks=False) else "other"


def _signature(path: str) -> tuple[int, ...] | None:
    try:
        return files.signature(os.lstat(path))
    except FileNotFoundError:
        return None
