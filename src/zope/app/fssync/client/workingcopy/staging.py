"""Stage changes of a working copy, and make them real together.

`Changes` shows the file tree as it will be after the changes, while only staged
files have been written; `apply` makes the changes real.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import BinaryIO
from typing import NamedTuple

from zope.app.fssync.client.workingcopy.journal import Journal
from zope.app.fssync.client.workingcopy.journal import Step
from zope.app.fssync.client.workingcopy.place import data_of
from zope.app.fssync.client.workingcopy.place import is_outside
from zope.app.fssync.client.workingcopy.place import names_of
from zope.fssync import files
from zope.fssync import paths
from zope.fssync.contracts import keeps
from zope.fssync.errors import PathRefused
from zope.fssync.files import Signature
from zope.fssync.files import signature
from zope.fssync.files import signature_at
from zope.fssync.limits import REMEMBERED_DIRECTORIES
from zope.fssync.terminal import escape

__all__ = ["Changes"]

_CONTROL = (paths.CONTROL, paths.DATA)

#: The order in which steps are taken.
_order = ("remove", "rmdir", "move", "rename", "relocate")


class StagedDirectory(NamedTuple):
    """A directory: where it will be, and where its files are now.

    A ``fresh`` directory is new, and all that is in it is staged.
    """

    path: str
    staged: str
    fresh: bool


@keeps("zope.fssync.fileinterfaces.IFileTree")
class Changes:
    """A file tree whose changes are staged in the journal.

    A new directory is built as a whole and moved into place in one step, so that a
    checkout writes each file once and needs no memory for it.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.journal = Journal(root)
        #: What the paths of the tree, and of control data outside of it, begin with.
        self._ours: tuple[str, ...] = (os.path.join(root, ""),)
        if is_outside(root):
            self._ours += (os.path.join(data_of(root), ""),)
        self._start()

    def _start(self) -> None:
        self._steps: list[Step] = []
        #: Where files and the tops of new directory trees are staged.
        self._files: dict[str, str] = {}
        self._tops: dict[str, str] = {}
        self._gone: set[str] = set()
        #: Names of what is staged, by directory.
        self._added: dict[str, set[str]] = {}
        #: The signatures of files when they were first read.
        self._seen: dict[str, Signature] = {}
        #: What is kept beside the file that takes its place.
        self._kept: set[str] = set()
        # Both are forgotten at will.
        self._places: dict[str, StagedDirectory] = {}
        self._listings: dict[str, dict[str, str]] = {}

    # Where things are

    def file_name(self, name: str, key: str) -> str:
        return name

    def folds(self, path: str) -> bool:
        # The directory may not exist yet.
        return files.folds(self.root)

    def realdir(self, path: str) -> str:
        return self._place(path).path

    def _split(self, path: str) -> tuple[StagedDirectory, str]:
        directory, _, name = path.rpartition(os.sep)
        if name in ("", ".", "..") or path == os.sep + name:
            directory, name = os.path.split(os.path.realpath(path))
        return self._place(directory), name

    def _place(self, directory: str) -> StagedDirectory:
        place = self._places.get(directory)
        if place is None:
            if len(self._places) >= REMEMBERED_DIRECTORIES:
                self._places.clear()
            place = self._places[directory] = self._find_place(directory)
        return place

    def _find_place(self, directory: str) -> StagedDirectory:
        parent, name = os.path.split(directory)
        if name in ("", ".", "..") or parent == directory:
            real = os.path.realpath(directory)
            return StagedDirectory(real, real, False)
        above = self._place(parent)
        path = os.path.join(above.path, name)
        if above.fresh:
            return StagedDirectory(path, os.path.join(above.staged, name), True)
        if path in self._tops:
            return StagedDirectory(path, self._tops[path], True)
        if not self._is_ours(path) or self._on_disk(above, name) == "other":
            path = os.path.realpath(directory)
        return StagedDirectory(path, path, False)

    def staging(self, path: str) -> str:
        """Return where a directory is built that is new; it is still empty."""
        place = self._place(path)
        if not place.fresh:
            raise FileExistsError(path)
        return place.staged

    def _on_disk(self, place: StagedDirectory, name: str) -> str | None:
        """Return the kind of a name in a directory, which is listed once.

        For control data, which is asked for everywhere, no directory is listed.
        Raises `UnicodeEncodeError` for a name that no file can have in this locale: one
        written in another is listed otherwise, and would count as missing.
        """
        if not name.isascii():
            os.fsencode(name)
        if name in _CONTROL and place.staged not in self._listings:
            return _kind_at(os.path.join(place.staged, name))
        return self._listing(place.staged).get(name)

    def _listing(self, directory: str) -> dict[str, str]:
        listing = self._listings.pop(directory, None)
        if listing is None:
            while len(self._listings) >= REMEMBERED_DIRECTORIES:
                del self._listings[next(iter(self._listings))]
            parent, _, child = directory.rpartition(os.sep)
            above = self._listings.pop(parent, None)
            if above is not None:
                self._listings[parent] = above
            missing = above is not None and child not in above
            listing = {} if missing else _listed(directory)
        # Forget the least recently used first.  Otherwise a directory with many others
        # would be listed for each of them.
        self._listings[directory] = listing
        return listing

    def _is_ours(self, path: str) -> bool:
        """Return whether a path is in the tree, or with the control data."""
        return path.startswith(self._ours)

    def _inside(self, path: str) -> tuple[StagedDirectory, str]:
        place, name = self._split(path)
        if not self._is_ours(os.path.join(place.path, name)):
            raise PathRefused(
                f"outside of the working copy: {escape(path)}",
                path=path,
                advice="Links that lead out of a working copy are not followed.",
            )
        return place, name

    # Looking

    def kind(self, path: str) -> str | None:
        place, name = self._split(path)
        if not place.fresh:
            path = f"{place.path}{os.sep}{name}"
            if path in self._files:
                return "file"
            if path in self._tops:
                return "dir"
            if path in self._gone:
                return None
        return self._on_disk(place, name)

    def isfile(self, path: str) -> bool:
        return self.kind(path) == "file"

    def isdir(self, path: str) -> bool:
        return self.kind(path) == "dir"

    def exists(self, path: str) -> bool:
        return self.kind(path) is not None

    def listdir(self, path: str) -> list[str]:
        if self.kind(path) != "dir":
            raise FileNotFoundError(path)
        place = self._place(path)
        names = set(self._listing(place.staged))
        if not place.fresh:
            names -= {
                name for name in names if os.path.join(place.path, name) in self._gone
            }
            names.update(self._added.get(place.path, ()))
        return sorted(names)

    def open(self, path: str) -> BinaryIO:
        staged, path = self._find(path)
        stream = files.open_regular(staged)
        if staged == path and path not in self._seen:
            self._see(path, os.fstat(stream.fileno()))
        return stream

    def size(self, path: str) -> int:
        staged, path = self._find(path)
        status = os.lstat(staged)
        if staged == path and path not in self._seen:
            self._see(path, status)
        return status.st_size

    def modified(self, path: str) -> int:
        return os.lstat(self._find(path)[0]).st_mtime_ns

    def _find(self, path: str) -> tuple[str, str]:
        """Return where a file is now, and where it will be."""
        place, name = self._split(path)
        path = os.path.join(place.path, name)
        if place.fresh:
            return os.path.join(place.staged, name), path
        return self._files.get(path, path), path

    def _see(self, path: str, status: os.stat_result) -> None:
        self._seen[path] = signature(status)

    # Changing

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        place, name = self._inside(path)
        if self.kind(place.path) != "dir":
            self.mkdir(place.path)
            place, name = self._inside(path)
        path = os.path.join(place.path, name)
        if place.fresh:
            staged = os.path.join(place.staged, name)
            replaces = self._on_disk(place, name) is not None
        else:
            replaces = path in self._files
            staged = self._files[path] if replaces else self._stage(place, name)
        if replaces:
            os.unlink(staged)
        files.write_new(staged, chunks)
        self._note(place, name, staged, "file")

    def write_beside(self, path: str, chunks: Iterable[bytes]) -> None:
        """Write a file; what is on the disk in its place is another one, and kept."""
        place, name = self._inside(path)
        self._kept.add(os.path.join(place.path, name))
        self.write(path, chunks)

    def _stage(self, place: StagedDirectory, name: str) -> str:
        """Plan to move something to where it belongs; returns where to put it."""
        path = os.path.join(place.path, name)
        is_new = path in self._gone or path in self._kept
        seen = None if is_new else self._signature(path)
        number = str(len(self._steps))
        self._steps.append(Step("move", path, number, seen))
        return self.journal.stage(number, path)

    def _signature(self, path: str) -> Signature | None:
        if self.kind(path) not in ("file", "other"):
            return None
        if path not in self._seen:
            self._see(path, os.lstat(path))
        return self._seen[path]

    def _note(self, place: StagedDirectory, name: str, staged: str, kind: str) -> None:
        """Note what has been staged."""
        if place.fresh:
            self._listing(place.staged)[name] = kind
            return
        path = os.path.join(place.path, name)
        (self._files if kind == "file" else self._tops)[path] = staged
        self._added.setdefault(place.path, set()).add(name)
        self._gone.discard(path)

    def mkdir(self, path: str) -> None:
        path = os.path.abspath(path)
        kind = self.kind(path)
        if kind == "dir":
            return
        place, name = self._inside(path)
        if kind is not None:
            raise FileExistsError(path)
        self.mkdir(place.path)
        place, name = self._inside(path)
        if place.fresh:
            staged = os.path.join(place.staged, name)
        else:
            staged = self._stage(place, name)
            # The places below were thought of as on the disk.
            self._places.clear()
        os.mkdir(staged)
        self._listings[staged] = {}
        self._note(place, name, staged, "dir")

    def keep(self, path: str, content: bytes) -> None:
        """Nothing: only packs keep such content."""

    def remove(self, path: str) -> None:
        place, name = self._inside(path)
        if place.fresh:
            os.unlink(os.path.join(place.staged, name))
            del self._listing(place.staged)[name]
            return
        path = os.path.join(place.path, name)
        staged = self._files.pop(path, None)
        if staged is not None:
            os.unlink(staged)
            self._added[place.path].discard(name)
        if path not in self._gone:
            self._steps.append(Step("remove", path, "", self._signature(path)))
        self._gone.add(path)

    def rmdir(self, path: str) -> bool:
        place, name = self._inside(path)
        if self.listdir(path):
            return False
        if place.fresh:
            os.rmdir(os.path.join(place.staged, name))
            del self._listing(place.staged)[name]
            return True
        path = os.path.join(place.path, name)
        staged = self._tops.pop(path, None)
        if staged is not None:
            os.rmdir(staged)
            self._added[place.path].discard(name)
            self._places.clear()
        else:
            self._steps.append(Step("rmdir", path))
        self._gone.add(path)
        return True

    def rmtree(self, path: str) -> None:
        for name in self.listdir(path):
            child = os.path.join(path, name)
            if self.kind(child) == "dir":
                self.rmtree(child)
            else:
                self.remove(child)
        self.rmdir(path)

    def rename(self, path: str, name: str) -> None:
        """Let a file or a directory be called ``name`` in the end.

        Until all is applied it is found where it was.  What is in a directory has to
        be renamed before the directory.
        """
        place, old = self._inside(path)
        self._steps.append(Step("rename", os.path.join(place.path, name), old))

    def relocate(self, path: str, target: str) -> None:
        """Let a file or a directory be at ``target`` in the end.

        Until all is applied it is found where it was.  The directory that it gets into
        is there, and none that is relocated, too.
        """
        place, name = self._inside(path)
        wanted, new = self._inside(target)
        [before] = names_of(self.root, [os.path.join(place.path, name)])
        step = Step("relocate", os.path.join(wanted.path, new), before)
        self._steps.append(step)

    # Together

    def edited(self) -> list[str]:
        """The files that were edited since the changes were decided."""
        return [
            step.path
            for step in self._steps
            if step.seen is not None and signature_at(step.path) != step.seen
        ]

    def changed(self) -> list[str]:
        """The paths below the root, with slashes, that something happens to."""
        return names_of(self.root, (step.path for step in self._steps))

    def apply(self) -> list[str]:
        """Make the changes real.

        Returns the paths of files that were edited at the last moment and kept.
        """
        # A file that was staged and removed again has left its step behind.
        live = {*self._files.values(), *self._tops.values()}
        steps = [
            step
            for step in self._steps
            if step.verb != "move"
            or self.journal.staged(step.staged, step.path) in live
        ]
        # Remove old files first: where case does not matter, a new file may have the
        # same name.
        # Renaming is last, since a renamed file may lie in a renamed directory.
        steps.sort(key=lambda step: _order.index(step.verb))
        self.journal.perform(steps)
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


def _kind_at(path: str) -> str | None:
    try:
        return files.kind_of(os.lstat(path))
    except (FileNotFoundError, NotADirectoryError):
        return None


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_file(follow_symlinks=False):
        return "file"
    return "dir" if entry.is_dir(follow_symlinks=False) else "other"
