"""Convert an archive to the files of a checkout of layout 3, without control data."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import NamedTuple

from zope.fssync import paths
from zope.fssync.description.archived import archived_parts
from zope.fssync.description.described import described_entry
from zope.fssync.description.described import kept_text
from zope.fssync.description.described import text_of
from zope.fssync.description.model import ASIDE
from zope.fssync.description.model import Description
from zope.fssync.description.model import Part
from zope.fssync.descriptionnames import aside_name
from zope.fssync.descriptionnames import description_name
from zope.fssync.descriptionnames import local_name
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.metadata import Entry
from zope.fssync.metadata import entry_of
from zope.fssync.repository import SnarfRepository
from zope.fssync.streams import chunks

__all__ = [
    "CONTENT",
    "DESCRIPTION",
    "DIRECTORY",
    "PART",
    "PlainFile",
    "described_at",
    "plain_files",
]

#: The kinds of files; a part is one that a description cannot hold.
CONTENT, DIRECTORY = "content", "directory"
DESCRIPTION, PART = "description", "part"


class PlainFile(NamedTuple):
    """A file or a directory; the name of a directory ends in a slash.

    ``path`` is its path in the archive, empty for a description.
    """

    name: str
    size: int
    pieces: Callable[[], Iterable[bytes]]
    kind: str = CONTENT
    path: str = ""


def plain_files(
    archive: SnarfRepository, described: bool = True
) -> Iterator[PlainFile]:
    """Yield the files of an archive, a directory before the files in it.

    Without ``described`` descriptions and parts are left out.
    """
    source = ArchiveSource(archive)
    for name in source.getnames(""):
        yield from _Files(source, described).of(_Item("", name, "", ""))


def described_at(
    archive: SnarfRepository, path: str
) -> tuple[Description, dict[str, str]]:
    """Return the description of the object at a path, and the paths of its parts.

    The paths are by the keys of the parts in the description.
    """
    above, _, name = path.rpartition("/")
    source = ArchiveSource(archive)
    entry = source.getentry(path)
    file = local_name(name, entry.get("key", name))
    parts = list(archived_parts(source, above, name))
    said = described_entry(entry_of(file, name, entry))
    return (
        Description(said, {key: part for key, _, part in parts}),
        {key: place for key, place, _ in parts},
    )


class _Item(NamedTuple):
    """An object: the path of its directory in the archive, and its name there.

    ``place`` is the directory of its file, with a slash; ``inside`` is the type of its
    folder.
    """

    above: str
    name: str
    place: str
    inside: str


class _Files:
    def __init__(self, source: ArchiveSource, described: bool) -> None:
        self._source = source
        self._described = described

    def of(self, item: _Item) -> Iterator[PlainFile]:
        """Yield the files of an object and of all objects below it."""
        path = paths.join_archive_path(item.above, item.name)
        entry = self._source.getentry(path)
        file = local_name(item.name, entry.get("key", item.name))
        where = f"{item.place}{file}"
        is_directory = self._source.kind(path) == "dir"
        if is_directory:
            yield PlainFile(f"{where}/", 0, tuple, DIRECTORY, path)
        if self._described:
            yield from self._description(item, entry, file, is_directory)
        if not is_directory:
            yield self._file(path, where)
            return
        for name in self._source.getnames(path):
            yield from self.of(_Item(path, name, f"{where}/", entry.get("type", "")))
        self._source.release(path)

    def _description(
        self, item: _Item, entry: Entry, file: str, is_directory: bool
    ) -> Iterator[PlainFile]:
        """Yield the description of an object, and the parts that it cannot hold."""
        parts: dict[str, Part] = {}
        asides: list[tuple[str, str]] = []
        for key, path, part in archived_parts(self._source, item.above, item.name):
            parts[key] = part
            if part.data is ASIDE:
                asides.append((key, path))
        text = text_of(entry_of(file, item.name, entry), parts)
        text = kept_text(text, item.inside, file, is_directory)
        place = f"{item.place}{file}/" if is_directory else item.place
        own = "" if is_directory else file
        if text:
            name = f"{place}{description_name(own)}"
            yield PlainFile(name, len(text), lambda: [text], DESCRIPTION)
        for key, path in asides:
            yield self._file(path, f"{place}{aside_name(own)}/{key}", PART)

    def _file(self, path: str, name: str, kind: str = CONTENT) -> PlainFile:
        size = self._source.size(path)
        return PlainFile(
            name, size, lambda: chunks(self._source.open(path)), kind, path
        )
