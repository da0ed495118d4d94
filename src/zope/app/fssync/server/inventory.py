"""Count the objects of a checkout: by class, size and form."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import IO
from typing import NamedTuple

from zope.fssync import paths
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.repository import SnarfRepository

__all__ = ["DIRECTORY", "FILE", "PICKLE", "Found", "Kind", "found_in", "kinds"]

#: The forms in which an object is sent.
DIRECTORY, FILE, PICKLE = "directory", "file", "pickle"


class Found(NamedTuple):
    """An object in an archive; ``size`` is that of its own file in bytes."""

    path: str
    type: str
    form: str
    size: int


class Kind(NamedTuple):
    """The objects of one class that are sent in one form."""

    type: str
    form: str
    number: int
    size: int


def found_in(archive: IO[bytes]) -> Iterator[Found]:
    """Yield the objects of an archive.

    Their paths are those on the server if the host knows them, else those in the
    archive.
    """
    source = ArchiveSource(SnarfRepository(archive))
    yield from _below(source, "")


def _below(source: ArchiveSource, directory: str) -> Iterator[Found]:
    for name in source.getnames(directory):
        path = paths.join_archive_path(directory, name)
        entry = source.getentry(path)
        is_directory = source.kind(path) == "dir"
        form = DIRECTORY if is_directory else FILE
        if "factory" not in entry and not is_directory:
            # Only a pickle says by itself how to make its object.
            form = PICKLE
        size = 0 if is_directory else source.size(path)
        yield Found(entry.get("id", path), entry.get("type", ""), form, size)
        if is_directory:
            yield from _below(source, path)
            source.release(path)


def kinds(found: Iterable[Found]) -> list[Kind]:
    """Return the kinds of objects: pickled ones first, then by their number."""
    counted: dict[tuple[str, str], tuple[int, int]] = {}
    for each in found:
        count, size = counted.get((each.type, each.form), (0, 0))
        counted[each.type, each.form] = count + 1, size + each.size
    made = [Kind(*key, *numbers) for key, numbers in counted.items()]
    return sorted(made, key=lambda kind: (kind.form != PICKLE, -kind.number, kind.type))
