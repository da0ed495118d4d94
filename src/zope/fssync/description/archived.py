"""The parts of objects that are in an archive, as descriptions hold them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from zope.fssync import paths
from zope.fssync.description.described import as_part
from zope.fssync.description.described import described_entry
from zope.fssync.description.model import ASIDE
from zope.fssync.description.model import Part
from zope.fssync.descriptionnames import local_name
from zope.fssync.limits import DESCRIBED_SIZE
from zope.fssync.metadata import Entry
from zope.fssync.metadata import entry_of

if TYPE_CHECKING:
    from zope.fssync.mergesource import ArchiveSource

__all__ = ["archived_parts"]

_SPECIALS = (paths.EXTRA, paths.ANNOTATIONS)


def archived_parts(
    source: ArchiveSource, above: str, name: str
) -> Iterator[tuple[str, str, Part]]:
    """Yield the key in a description, the path and the content of each part.

    They are those of the object ``name`` in the directory ``above``.
    """
    for what in _SPECIALS:
        special = paths.join_archive_path(above, paths.CONTROL, what, name)
        yield from _parts_in(source, special, what)


def _parts_in(
    source: ArchiveSource, directory: str, key: str
) -> Iterator[tuple[str, str, Part]]:
    for name in source.getnames(directory):
        path = f"{directory}/{name}"
        entry = source.getentry(path)
        file = local_name(name, entry.get("key", name))
        yield f"{key}/{file}", path, _part(source, path, entry_of(file, name, entry))
        for what in _SPECIALS:
            inner = f"{paths.CONTROL}/{what}"
            yield from _parts_in(
                source, f"{directory}/{inner}/{name}", f"{key}/{inner}/{file}"
            )
        yield from _parts_in(source, path, f"{key}/{file}")
    source.release(directory)


def _part(source: ArchiveSource, path: str, entry: Entry) -> Part:
    if source.kind(path) != "file":
        return Part(described_entry(entry), None)
    if source.size(path) > DESCRIBED_SIZE:
        return Part(described_entry(entry), ASIDE)
    with source.open(path) as stream:
        return as_part(entry, stream.read())
