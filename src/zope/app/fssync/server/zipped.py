"""An archive as a zip: the files of a checkout, and the descriptions of its objects.

The zip is made while it is sent.  It has the files that ``zsync checkout --layout 3``
writes, without the control directory.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from typing import IO
from typing import Any
from typing import NamedTuple

from zope.fssync import paths
from zope.fssync.description.described import as_part
from zope.fssync.description.described import described_entry
from zope.fssync.description.described import kept_text
from zope.fssync.description.described import text_of
from zope.fssync.description.model import ASIDE
from zope.fssync.description.model import Part
from zope.fssync.descriptionnames import aside_name
from zope.fssync.descriptionnames import description_name
from zope.fssync.descriptionnames import local_name
from zope.fssync.files import chunks
from zope.fssync.limits import CHUNK
from zope.fssync.limits import DESCRIBED_SIZE
from zope.fssync.limits import ZIP64_SIZE
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.metadata import Entry
from zope.fssync.metadata import entry_of
from zope.fssync.repository import SnarfRepository

__all__ = ["ZippedArchive"]

#: The time of all members: the same bytes for the same objects.
_TIME = (1980, 1, 1, 0, 0, 0)

_specials = (paths.EXTRA, paths.ANNOTATIONS)


class Described(NamedTuple):
    """An object: its directory and name in the archive, its file, its entry.

    ``inside`` is the type of the folder that it is in.
    """

    above: str
    name: str
    file: str
    entry: Entry
    is_directory: bool
    inside: str


class ZippedArchive:
    """An iterator over the bytes of a zip, for `IViewRequest.stream`.

    ``archive`` is a file with a SNARF archive, which `close` closes.  Without
    ``described`` the zip has the content only.  ``more`` are further files.
    """

    def __init__(
        self,
        archive: IO[bytes],
        described: bool = True,
        more: dict[str, bytes] | None = None,
    ) -> None:
        self._archive = archive
        self._described = described
        self._more = more or {}
        self._source = ArchiveSource(SnarfRepository(archive))
        self._out = _Buffer()
        self._pieces = self._all()

    def __iter__(self) -> ZippedArchive:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        """Give the file back; called at the end, and when the client leaves."""
        self._pieces.close()
        self._archive.close()

    def _all(self) -> Generator[bytes, None, None]:
        with zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED) as made:
            for name in self._source.getnames(""):
                yield from self._object(made, "", name, "", "")
            for name, content in sorted(self._more.items()):
                yield from self._member(made, name, [content], len(content))
        yield self._out.take()

    def _object(
        self, made: zipfile.ZipFile, above: str, name: str, place: str, inside: str
    ) -> Iterator[bytes]:
        """Yield an object, which is ``name`` in the directory ``above``.

        ``place`` is that directory in the zip, ``inside`` the type of the folder.
        """
        path = paths.join_archive_path(above, name)
        entry = self._source.getentry(path)
        file = local_name(name, entry.get("key", name))
        where = f"{place}{file}"
        is_directory = self._source.kind(path) == "dir"
        if is_directory:
            made.writestr(_info(f"{where}/"), b"")
        if self._described:
            said = Described(above, name, file, entry, is_directory, inside)
            own = f"{where}/" if is_directory else place
            yield from self._description(made, said, own)
        if not is_directory:
            yield from self._file(made, path, where)
            return
        type_name = entry.get("type", "")
        for each in self._source.getnames(path):
            yield from self._object(made, path, each, f"{where}/", type_name)
        self._source.release(path)

    def _description(
        self, made: zipfile.ZipFile, obj: Described, place: str
    ) -> Iterator[bytes]:
        """Yield the description of an object, and what it cannot hold."""
        parts: dict[str, Part] = {}
        asides: list[tuple[str, str]] = []
        for key, path, part in self._parts(obj.above, obj.name):
            said = entry_of(key.rpartition("/")[2], path.rpartition("/")[2], part)
            parts[key] = self._part(path, said)
            if parts[key].data is ASIDE:
                asides.append((key, path))
        text = text_of(entry_of(obj.file, obj.name, obj.entry), parts)
        text = kept_text(text, obj.inside, obj.file, obj.is_directory)
        own = "" if obj.is_directory else obj.file
        if text:
            member = f"{place}{description_name(own)}"
            yield from self._member(made, member, [text], len(text))
        for key, path in asides:
            yield from self._file(made, path, f"{place}{aside_name(own)}/{key}")

    def _parts(self, above: str, name: str) -> Iterator[tuple[str, str, Entry]]:
        for what in _specials:
            base = paths.join_archive_path(above, paths.CONTROL, what, name)
            yield from self._parts_below(base, what)

    def _parts_below(self, path: str, key: str) -> Iterator[tuple[str, str, Entry]]:
        """Yield keys in a description, paths and entries of parts."""
        for name in self._source.getnames(path):
            part = f"{path}/{name}"
            entry = self._source.getentry(part)
            file = local_name(name, entry.get("key", name))
            yield f"{key}/{file}", part, entry
            for what in _specials:
                inner = f"{paths.CONTROL}/{what}"
                yield from self._parts_below(
                    f"{path}/{inner}/{name}", f"{key}/{inner}/{file}"
                )
            yield from self._parts_below(part, f"{key}/{file}")

    def _part(self, path: str, entry: Entry) -> Part:
        if self._source.kind(path) == "dir":
            return Part(described_entry(entry), None)
        if self._source.size(path) > DESCRIBED_SIZE:
            return Part(described_entry(entry), ASIDE)
        with self._source.open(path) as stream:
            content = stream.read()
        return as_part(entry, content)

    def _file(self, made: zipfile.ZipFile, path: str, where: str) -> Iterator[bytes]:
        with self._source.open(path) as stream:
            size = self._source.size(path)
            yield from self._member(made, where, chunks(stream), size)

    def _member(
        self, made: zipfile.ZipFile, name: str, pieces: Iterable[bytes], size: int
    ) -> Iterator[bytes]:
        with made.open(_info(name), "w", force_zip64=size >= ZIP64_SIZE) as member:
            for piece in pieces:
                member.write(piece)
                if self._out.waiting >= CHUNK:
                    yield self._out.take()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    # Not for others to write, as a checkout makes them.
    mode = 0o040755 if name.endswith("/") else 0o100644
    info.external_attr = mode << 16 | (0x10 if name.endswith("/") else 0)
    return info


class _Buffer(io.RawIOBase):
    """What is written to it waits until it is taken; it cannot seek."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.waiting = 0

    def write(self, data: Any) -> int:
        """See `io.RawIOBase`."""
        piece = bytes(data)
        self._pieces.append(piece)
        self.waiting += len(piece)
        return len(piece)

    def take(self) -> bytes:
        """Return what has been written since."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        self.waiting = 0
        return taken
