"""Write an archive in which objects are moved, for a commit."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import IO
from typing import NamedTuple
from typing import cast

from zope.fssync import paths
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import MOVED_TO
from zope.fssync.metadata import Entries
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.reversemerge import ways
from zope.fssync.sides import special
from zope.fssync.snarf import Snarfer

__all__ = ["Move", "moved"]


class Move(NamedTuple):
    """The old path of an object in an archive, its new path, and its new key.

    The new path is relative to the archive after all moves.
    """

    old: str
    new: str
    key: str


def moved(
    archive: SnarfRepository, moves: Sequence[Move], stream: IO[bytes]
) -> list[str]:
    """Write an archive in which objects are at their new paths.

    Return the directories whose entries have changed.
    """
    entries = _Entries(archive, moves)
    for move in moves:
        entries.register(move)
    snarfer = Snarfer(stream)
    written = {}
    for directory, found in entries.changed.items():
        path = paths.join_archive_path(directory, paths.CONTROL, paths.ENTRIES)
        written[path] = dump_entries(found)
    for path, content in sorted(written.items()):
        snarfer.addbytes(content, path)
    for path in archive.iterPaths():
        new = entries.new(path)
        if new not in written:
            with archive.readable(path) as readable:
                content_of = cast("IO[bytes]", readable)
                snarfer.addstream(content_of, archive.size(path), new)
    stream.seek(0)
    return sorted(entries.changed)


class _Entries:
    """The entries of directories after objects were moved.

    ``changed`` maps the new paths of directories to their entries.
    """

    def __init__(self, archive: SnarfRepository, moves: Sequence[Move]) -> None:
        self._source = ArchiveSource(archive)
        pairs = [
            pair
            for move in moves
            for pair in (
                (move.old, move.new),
                *(
                    (special(move.old, what, True), special(move.new, what, True))
                    for what in (paths.EXTRA, paths.ANNOTATIONS)
                ),
            )
        ]
        self._new = dict(pairs)
        self._old = {new: old for old, new in pairs}
        self.changed: dict[str, Entries] = {}

    def new(self, path: str) -> str:
        """Return the path of a file or a directory after the moves."""
        return _replaced(path, self._new)

    def register(self, move: Move) -> None:
        """Record a move in the entries of both directories."""
        above, _, name = move.old.rpartition("/")
        there, _, new = move.new.rpartition("/")
        left = self.new(above)
        entry = self._entries(left)[name]
        said = {**entry, "flag": "added", MOVED: f"{left}/{name}"}
        said.pop("key", None)
        if new != move.key:
            said["key"] = move.key
        self._entries(left)[name] = {**entry, "flag": "removed", MOVED_TO: move.new}
        self._entries(there)[new] = said

    def _entries(self, directory: str) -> Entries:
        if directory not in self.changed:
            old = _replaced(directory, self._old)
            self.changed[directory] = {
                name: dict(self._source.getentry(f"{old}/{name}"))
                for name in self._source.getnames(old)
            }
        return self.changed[directory]


def _replaced(path: str, places: Mapping[str, str]) -> str:
    """Return a path with its longest prefix in ``places`` replaced."""
    for above in (path, *ways(path)):
        if above in places:
            return places[above] + path[len(above) :]
    return path
