"""The current state of objects with edits, as the archive of a commit."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO
from typing import cast

from zope.fssync import paths
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.changeset import Scope
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import MOVED_TO
from zope.fssync.metadata import Entries
from zope.fssync.metadata import Entry
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.reversemerge import ways
from zope.fssync.snarf import Snarfer

__all__ = ["EditedArchive", "owner_of"]

#: The fields of entries that only a commit has.
_MARKS = ("flag", MOVED, MOVED_TO)


class EditedArchive:
    """The archive ``mine`` of the current state, with edits."""

    def __init__(self, mine: SnarfRepository) -> None:
        self.source = ArchiveSource(mine)
        self._mine = mine
        #: The edited contents of files, and entries of directories, by path.
        self._bodies: dict[str, bytes] = {}
        self._entries: dict[str, Entries] = {}
        self._gone: list[str] = []

    def entries(self, directory: str) -> Entries:
        """Return the entries of a directory, which the caller may change."""
        if directory not in self._entries:
            self._entries[directory] = {
                name: dict(
                    self.source.getentry(paths.join_archive_path(directory, name))
                )
                for name in self.source.getnames(directory)
            }
        return self._entries[directory]

    def entry(self, path: str) -> Entry:
        """Return the entry of an object or a part, empty if it has none."""
        above, _, name = path.rpartition("/")
        if above in self._entries:
            return self._entries[above].get(name, {})
        return dict(self.source.getentry(path))

    def is_here(self, path: str) -> bool:
        """Return True if an object or a part exists and is not removed."""
        entry = self.entry(path)
        return bool(entry) and entry.get("flag") != "removed"

    def is_written(self, path: str) -> bool:
        """Return True if the content of a file was edited."""
        return path in self._bodies

    def content(self, path: str) -> bytes:
        """Return the bytes of a file, b"" if it does not exist."""
        if path in self._bodies:
            return self._bodies[path]
        return self._mine.readFile(path) if self._mine.isfile(path) else b""

    def write(self, path: str, content: bytes) -> None:
        """Set the content of a file."""
        self._bodies[path] = content

    def make_directory(self, path: str) -> None:
        """Add a directory; it is empty unless objects were moved into it."""
        self._entries.setdefault(path, {})

    def remove(self, path: str) -> None:
        """Flag an object or a part as removed."""
        above, _, name = path.rpartition("/")
        self.entries(above)[name]["flag"] = "removed"
        self._gone.append(path)

    def for_commit(self, partial: bool = False) -> IO[bytes]:
        """Return a temporary file with the archive for a commit.

        With ``partial`` the server does not compare the objects without edits.
        """
        stream = tempfile.TemporaryFile()  # noqa: SIM115
        snarfer = Snarfer(stream)
        if partial:
            snarfer.addbytes(Scope(self._marks()).dumps(), Scope.member)
        self._write(snarfer, self._entries)
        for path in sorted((*self._bodies, *self._gone)):
            if self._mine.isfile(path):
                # The original: the server refuses the commit if it has another one.
                above, _, name = path.rpartition("/")
                self._copy(
                    snarfer,
                    path,
                    paths.join_archive_path(above, paths.CONTROL, paths.ORIGINAL, name),
                )
        stream.seek(0)
        return stream

    def _marks(self) -> Iterator[tuple[str, str]]:
        """Yield the marks of the edited objects; see `zope.fssync.changeset`."""
        for path in sorted(self._changed()):
            entry = self.entry(path)
            if "flag" in entry or self.source.kind(path) != "dir":
                yield TREE, path
            else:
                yield NODE, path

    def _changed(self) -> set[str]:
        """Return the paths of the objects that were edited, or have edited parts."""
        found = set(map(owner_of, (*self._bodies, *self._gone)))
        for directory, entries in self._entries.items():
            for name, entry in entries.items():
                path = paths.join_archive_path(directory, name)
                if entry != self.source.getentry(path) or "flag" in entry:
                    found.add(owner_of(path))
        return found

    def result(self) -> IO[bytes]:
        """Return a temporary file with the archive of the state after a commit."""
        stream = tempfile.TemporaryFile()  # noqa: SIM115
        entries = {
            directory: {
                name: {key: value for key, value in entry.items() if key not in _MARKS}
                for name, entry in found.items()
                if entry.get("flag") != "removed"
            }
            for directory, found in self._entries.items()
        }
        self._write(Snarfer(stream), entries)
        stream.seek(0)
        return stream

    def _write(self, snarfer: Snarfer, entries: dict[str, Entries]) -> None:
        for directory, found in sorted(entries.items()):
            snarfer.addbytes(dump_entries(found), _entries_path(directory))
        written = {*map(_entries_path, entries), *self._bodies}
        gone = set(self._gone)
        for path in self._mine.iterPaths():
            if path not in written and gone.isdisjoint((path, *ways(path))):
                self._copy(snarfer, path, path)
        for path, content in sorted(self._bodies.items()):
            snarfer.addbytes(content, path)

    def _copy(self, snarfer: Snarfer, path: str, target: str) -> None:
        with self._mine.readable(path) as content:
            snarfer.addstream(cast("IO[bytes]", content), self._mine.size(path), target)


def owner_of(path: str) -> str:
    """Return the path of the object that a part belongs to."""
    above, _, part = f"/{path}".partition(f"/{paths.CONTROL}/")
    return f"{above}/{part.split('/')[1]}".lstrip("/") if part else path


def _entries_path(directory: str) -> str:
    return paths.join_archive_path(directory, paths.CONTROL, paths.ENTRIES)
