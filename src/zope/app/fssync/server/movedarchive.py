"""The archive of objects of which some are moved, as a commit takes it."""

from __future__ import annotations

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
from zope.fssync.sides import special
from zope.fssync.snarf import Snarfer

__all__ = ["Move", "moved"]


class Move(NamedTuple):
    """The path of an object in an archive, the new one, and the new key.

    The containers of both are in the archive, and are not moved.
    """

    old: str
    new: str
    key: str


def moved(archive: SnarfRepository, moves: Sequence[Move], stream: IO[bytes]) -> None:
    """Write an archive in which objects are at their new places."""
    source = ArchiveSource(archive)
    entries: dict[str, Entries] = {}
    for move in moves:
        for path in (move.old, move.new):
            above = path.rpartition("/")[0]
            if above not in entries:
                entries[above] = {
                    name: dict(source.getentry(f"{above}/{name}"))
                    for name in source.getnames(above)
                }
        _register(move, entries)
    snarfer = Snarfer(stream)
    written = {}
    for directory, found in entries.items():
        path = paths.join_archive_path(directory, paths.CONTROL, paths.ENTRIES)
        written[path] = dump_entries(found)
    for path, content in sorted(written.items()):
        snarfer.addbytes(content, path)
    for path in archive.iterPaths():
        if path not in written:
            with archive.readable(path) as readable:
                content_of = cast("IO[bytes]", readable)
                snarfer.addstream(content_of, archive.size(path), _new(path, moves))
    stream.seek(0)


def _register(move: Move, entries: dict[str, Entries]) -> None:
    """Let the entries of both places say what is moved."""
    (above, _, name), (there, _, new) = (
        path.rpartition("/") for path in (move.old, move.new)
    )
    entry = entries[above][name]
    said = {**entry, "flag": "added", MOVED: move.old}
    said.pop("key", None)
    if new != move.key:
        said["key"] = move.key
    entries[above][name] = {**entry, "flag": "removed", MOVED_TO: move.new}
    entries[there][new] = said


def _new(path: str, moves: Sequence[Move]) -> str:
    """Return where a file of an archive is once objects are moved."""
    for move in moves:
        for old, new in (
            (move.old, move.new),
            *(
                (special(move.old, what, True), special(move.new, what, True))
                for what in (paths.EXTRA, paths.ANNOTATIONS)
            ),
        ):
            if path == old or path.startswith(f"{old}/"):
                return new + path[len(old) :]
    return path
