"""Write a checkout into a new working copy while it is being received.

Archives are read in the order in which `zope.fssync.task.checkout` writes them: of a
directory first the entries, then annotations and extras, then the items; and last
what stands beside the top directory.  Any other archive raises `NotStreamable`, and
has to be received as a whole and merged.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from os.path import join
from typing import IO
from typing import TYPE_CHECKING
from typing import BinaryIO

from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges
from zope.app.fssync.client.workingcopy.index import Block
from zope.app.fssync.client.workingcopy.index import clocks
from zope.app.fssync.client.workingcopy.index import index_chunks
from zope.app.fssync.client.workingcopy.index import index_path
from zope.app.fssync.client.workingcopy.index import passed
from zope.app.fssync.client.workingcopy.index import place_of
from zope.app.fssync.client.workingcopy.packer import SpooledPack
from zope.app.fssync.client.workingcopy.place import BASE
from zope.app.fssync.client.workingcopy.pristine import Base
from zope.app.fssync.client.workingcopy.statcache import Record
from zope.app.fssync.client.workingcopy.statcache import held
from zope.app.fssync.client.workingcopy.statscan import control_signatures
from zope.app.fssync.client.workingcopy.statscan import list_of
from zope.app.fssync.client.workingcopy.statscan import outline_of
from zope.app.fssync.protocol.headers import AGAIN
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.descriptionnames import local_name
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.files import Signature
from zope.fssync.files import Tree
from zope.fssync.files import make_directories
from zope.fssync.files import new_directory
from zope.fssync.files import open_regular
from zope.fssync.files import signature
from zope.fssync.files import write_new
from zope.fssync.limits import BUFFER
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SMALL_MEMBER
from zope.fssync.limits import UNPACKED_SIZE
from zope.fssync.limits import Limits
from zope.fssync.metadata import Entries
from zope.fssync.metadata import Entry
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import dump_received
from zope.fssync.metadata import entry_of
from zope.fssync.metadata import load_sent_entries
from zope.fssync.report import CREATED
from zope.fssync.report import Change
from zope.fssync.snarf import ANSWER
from zope.fssync.snarf import HeaderReader
from zope.fssync.snarf import closing_lines
from zope.fssync.streams import RawReader
from zope.fssync.streams import chunks
from zope.fssync.streams import exact_chunks
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.app.fssync.client.interfaces import IProgress

__all__ = ["Directory", "NotStreamable", "StreamedCheckout", "exactly", "own_entries"]


_specials = (paths.EXTRA, paths.ANNOTATIONS)


class NotStreamable(Exception):
    """The archive has to be received and merged."""


class StreamedCheckout:
    """Writes the archive of one directory into the new directory ``target``.

    ``report`` is called with a line for each file, ``progress`` with the number of
    received objects.  ``announced`` is the number that the server has counted, and
    whether there are more.  Afterwards ``name`` is the local name of the directory, and
    ``closing`` are the headers at the end of the archive.
    """

    def __init__(
        self,
        changes: CompactChanges,
        metadata: Metadata,
        target: str,
        report: Callable[[str], object],
        limits: Limits = DEFAULT,
        progress: IProgress | None = None,
        announced: tuple[int, bool] | None = None,
    ) -> None:
        self.name = ""
        self.closing: dict[str, str] = {}
        self._changes = changes
        self._metadata = metadata
        self._target = target
        self._report = report
        self._limits = limits
        self._progress = progress
        self._announced = announced or (0, True)
        #: How many objects were received, of those that directories have named.
        self._done, self._named = 0, 1
        #: The name of the directory in the archive, and its entry there.
        self._top: tuple[str, Entry] = ("", {})
        #: What stands beside the directory, by its name in the control directory.
        self._beside: dict[str, bytes] = {}
        #: The directories that are open, the innermost last.
        self._stack: list[Directory] = []
        #: The blocks of the index, and when the last file was written.
        self._blocks: dict[str, Block] = {}
        self._ended = 0

    def receive(self, fp: BinaryIO) -> None:
        """Read the whole archive, and write the working copy."""
        stream = io.BufferedReader(RawReader(fp.read), BUFFER)
        headers = HeaderReader(stream, self._limits)
        while (header := headers.read()) is not None:
            if self.closing:
                raise ArchiveDamaged("the archive goes on after its end")
            if header.isdir:
                raise NotStreamable(header.path)
            if header.path.startswith(f"{paths.CONTROL}/"):
                self._add_beside(header.path, header.size, stream)
            else:
                self._add(header.path, header.size, stream)
        if not self.closing:
            raise ArchiveDamaged("the archive has no end: the server broke off")
        if not self.name or AGAIN in self.closing:
            raise NotStreamable("no whole directory")
        self._tell("")
        while self._stack:
            self._leave()
        self._write_beside()
        self._write_index()

    # In the directory

    def _count(self, done: int, named: int = 0) -> None:
        """Count objects that were received, and those that a directory has."""
        self._done += done
        self._named += named
        number, is_more = self._announced
        self._tell("at least" if is_more or self._named > number else "about")

    def _tell(self, word: str) -> None:
        """Tell how many objects were received, of how many; at the end it is known."""
        if self._progress is not None:
            total = max(self._named, self._announced[0]) if word else self._named
            self._progress.objects("receiving", self._done, total, word)

    def _add(self, path: str, size: int, stream: IO[bytes]) -> None:
        """Write a file at or below the directory."""
        directory, marker, rest = f"/{path}".rpartition(f"/{paths.CONTROL}/")
        if not marker:
            parent, _, name = path.rpartition("/")
            self._enter(parent).add_file(name, size, stream)
            self._count(1)
            return
        parts = rest.split("/")
        outer = directory[1:].split("/")
        if rest == paths.ENTRIES and paths.CONTROL not in outer:
            self._open(directory[1:], self._read_entries(size, stream))
        elif paths.CONTROL in (outer if parts[0] in _specials else outer[:-3]):
            # The parts of a part.
            raise NotStreamable(path)
        elif rest == paths.ENTRIES and outer[-3:-2] == [paths.CONTROL]:
            special = self._enter("/".join(outer[:-3]))
            special.add_special(outer[-2], outer[-1], self._read_entries(size, stream))
        elif len(parts) == 3 and parts[0] in _specials:
            special = self._enter(directory[1:])
            special.add_special_file(parts[0], parts[1], parts[2], size, stream)
        else:
            raise NotStreamable(path)

    def _read_entries(self, size: int, stream: IO[bytes]) -> bytes:
        if size > self._limits.entries_size:
            raise NotStreamable("entries of that size")
        return exactly(stream, size)

    def _open(self, path: str, data: bytes) -> None:
        """Begin a directory, which its entries do."""
        entries = _entries(data, self._limits, path)
        above, _, name = path.rpartition("/")
        if not above and not self.name:
            place = self._begin(name)
            shown = join(self._target, place)
            staged, mirror = self._begin_staging(shown)
            entry = self._top[1]
        else:
            parent = self._enter(above)
            file = parent.add_directory(name)
            place, staged, shown = (
                join(each, file) for each in (parent.place, parent.staged, parent.shown)
            )
            mirror = parent.mirror and join(parent.mirror, file)
            entry = parent.entry(file)
        self._count(1, len(entries))
        self._report(Change(CREATED, join(shown, ""), "N"))
        make = _class_for(bool(mirror))
        root = self._changes.tree.root
        self._stack.append(
            make(path, place, staged, mirror, shown, entry, entries, self._report, root)
        )

    def _begin_staging(self, shown: str) -> tuple[str, str]:
        """Return where the directory is built, and its control data if elsewhere."""
        self._changes.mkdir(shown)
        place = self._changes.place(shown)
        mirror = ""
        if place.is_described:
            self._changes.tree.mkdir(place.mirror)
            mirror = self._changes.tree.staging(place.mirror)
        return self._changes.tree.staging(shown), mirror

    def _begin(self, top: str) -> str:
        """Read the entry of the directory; return its local name."""
        data = self._beside.pop(_top_entries, b"")
        entries = load_sent_entries(data, self._limits, _top_entries)
        if set(entries) != {top}:
            raise NotStreamable("entries")
        self._top = top, entries[top]
        self.name = local_name(top, entries[top].get("key", top))
        return self.name

    def _enter(self, path: str) -> Directory:
        """Return the directory at ``path``, and close all that are not above it."""
        while self._stack and self._stack[-1].path != path:
            self._leave()
        if not self._stack:
            raise NotStreamable(path)
        return self._stack[-1]

    def _leave(self) -> None:
        directory = self._stack.pop()
        name = os.path.basename(directory.place)
        if self._stack:
            # In the directory, whose block tells how it was when all was in it.
            self._stack[-1].describe(name)
        self._blocks[directory.place] = directory.finish()
        self._ended = max(self._ended, directory.ended)
        if self._stack:
            self._stack[-1].report_specials(name)

    # Beside the directory

    def _add_beside(self, path: str, size: int, stream: IO[bytes]) -> None:
        """Keep a member until all of the directory is written."""
        if (
            size > SMALL_MEMBER
            or path in self._beside
            or (self.name and path != ANSWER)
        ):
            raise NotStreamable(path)
        data = exactly(stream, size)
        if path == ANSWER:
            self.closing = closing_lines(io.BytesIO(data))
        else:
            self._beside[path] = data

    def _write_beside(self) -> None:
        """Write entry, extras and annotations of the directory itself."""
        local = join(self._target, self.name)
        top, entry = self._top
        self._metadata.getentry(local).update(entry_of(self.name, top, entry))
        self._metadata.received(local)
        for what in _specials:
            special = fsutil.getspecial(local, what)
            self._write_special(special, f"{paths.CONTROL}/{what}/{top}/")
        if self._beside:
            raise NotStreamable(min(self._beside))

    def _write_special(self, special: str, prefix: str) -> None:
        data = self._beside.pop(f"{prefix}{paths.CONTROL}/{paths.ENTRIES}", None)
        if data is None:
            return
        self._report(Change(CREATED, join(special, ""), "N"))
        for name, entry in sorted(_entries(data, self._limits, prefix[:-1]).items()):
            content = self._beside.pop(prefix + name, None)
            if content is None:
                raise NotStreamable(name)
            file = local_name(name, entry.get("key", name))
            path = join(special, file)
            self._changes.write(path, [content])
            self._changes.write(fsutil.getoriginal(path), [content])
            self._metadata.getentry(path).update(entry_of(file, name, entry))
            self._report(Change(CREATED, path, "U"))

    def _write_index(self) -> None:
        """Write the stat cache, so that the first status is as fast as later ones.

        Skipped if the clock of the file system is too coarse to show an edit.
        """
        root = self._changes.tree.root
        if passed(clocks(root), self._ended):
            self._changes.write(index_path(root), index_chunks(self._blocks))


class Directory:
    """A directory that is being written.

    ``path`` is that in the archive, ``place`` that below the root, ``mirror`` where
    its control data is, unless that is in it; ``own`` is its entry, ``entries`` are
    those of its items; ``root`` is that of the working copy.
    """

    def __init__(
        self,
        path: str,
        place: str,
        staged: str,
        mirror: str,
        shown: str,
        own: Entry,
        entries: Entries,
        report: Callable[[str], object],
        root: str,
    ) -> None:
        self.path = path
        self.place = place
        self.staged = staged
        self.mirror = mirror
        self.shown = shown
        #: The files still to come, by their names in the archive.
        self._missing = _file_names(entries)
        self._entries = own_entries(entries, self._missing)
        self._report = report
        self._control = join(mirror or staged, paths.CONTROL)
        self._pack = SpooledPack()
        self._made: set[str] = set()
        #: The names of the parts of an object, and those still to come.
        self._parts: dict[tuple[str, str], list[str]] = {}
        self._missing_parts: dict[tuple[str, str, str], str] = {}
        self._signatures: dict[str, Signature | None] = {}
        self._part_signatures: dict[str, list[tuple[str, Signature | None]]] = {}
        self.ended = 0
        if mirror and not os.path.lexists(mirror):
            new_directory(mirror)
        new_directory(self._control)

    def add_file(self, name: str, size: int, stream: IO[bytes]) -> None:
        name = self._take(name)
        self._signatures[name] = self._write(
            name, join(self.staged, name), f"{paths.ORIGINAL}/{name}", size, stream
        )
        self._report(Change(CREATED, join(self.shown, name), "U"))
        self.report_specials(name)

    def add_directory(self, name: str) -> str:
        name = self._take(name)
        self._signatures[name] = None
        new_directory(join(self.staged, name))
        return name

    def entry(self, file: str) -> Entry:
        """Return the entry of an item, by the name of its file."""
        return self._entries[file]

    def _take(self, name: str) -> str:
        """Note that the item of an entry is here; return the name of its file."""
        file = self._file(name)
        del self._missing[name]
        return file

    def _file(self, name: str) -> str:
        if name not in self._missing:
            raise NotStreamable(name)
        return self._missing[name]

    def add_special(self, what: str, name: str, data: bytes) -> None:
        if what not in _specials:
            raise NotStreamable(name)
        name = self._file(name)
        entries = _entries(data, DEFAULT, name)
        if (what, name) in self._parts:
            raise NotStreamable(name)
        files = _file_names(entries)
        self._parts[what, name] = sorted(files.values())
        for part, file in files.items():
            self._missing_parts[what, name, part] = file
        own = own_entries(entries, files)
        self._make_special(what, name, own)
        packed = f"{what}/{name}/{paths.CONTROL}/{paths.ENTRIES}"
        self._pack.add(packed, dump_entries(own))

    def _make_special(self, what: str, name: str, entries: Entries) -> None:
        """Make a directory for extras or annotations."""
        if what not in self._made:
            self._made.add(what)
            new_directory(join(self._control, what))
        new_directory(join(self._control, what, name))

    def add_special_file(
        self, what: str, name: str, part: str, size: int, stream: IO[bytes]
    ) -> None:
        name = self._file(name)
        if (what, name, part) not in self._missing_parts:
            raise NotStreamable(part)
        part = self._missing_parts.pop((what, name, part))
        self._write_part(what, name, part, size, stream)

    def _write_part(
        self, what: str, name: str, part: str, size: int, stream: IO[bytes]
    ) -> None:
        packed = f"{what}/{name}/{paths.CONTROL}/{paths.ORIGINAL}/{part}"
        path = join(self._control, what, name, part)
        look = self._write(name, path, packed, size, stream)
        self._note_part(name, path, look)

    def _note_part(self, name: str, path: str, look: Signature) -> None:
        place = os.path.relpath(path, self.staged)
        self._part_signatures.setdefault(name, []).append((place, look))

    def _write(
        self, name: str, path: str, packed: str, size: int, stream: IO[bytes]
    ) -> Signature:
        """Write a file and its original; return the signature of the file."""
        if size <= UNPACKED_SIZE:
            content = exactly(stream, size)
            look = write_new(path, [content])
            self._pack.add(packed, content)
            self.ended = max(self.ended, *look[-2:])
            return look
        look = write_new(path, exact_chunks(stream, size, _ends_early()))
        original = join(self._control, *packed.split("/"))
        parent = os.path.dirname(original)
        make_directories(parent)
        with open_regular(path) as copied:
            copy = write_new(original, chunks(copied))
        self._note_original(name, packed, copy)
        self.ended = max(self.ended, *look[-2:], *copy[-2:])
        return look

    def _note_original(self, name: str, packed: str, look: Signature) -> None:
        self._note_part(name, join(self._control, *packed.split("/")), look)

    def report_specials(self, name: str) -> None:
        """Report the extras and annotations of an item, after the item."""
        for what in _specials:
            parts = self._parts.pop((what, name), None)
            if parts is not None:
                place = join(self.shown, paths.CONTROL, what, name)
                self._report(Change(CREATED, join(place, ""), "N"))
                for part in parts:
                    self._report(Change(CREATED, join(place, part), "U"))

    def finish(self) -> Block:
        """Write the control data of the directory, which is complete."""
        if self._missing or self._missing_parts:
            missing = min([*self._missing, *(p[-1] for p in self._missing_parts)])
            raise ArchiveDamaged(
                f"entry without a file in archive: '{escape(missing)}'",
                path=f"{self.path}/{missing}",
            )
        for name in self._entries:
            self.describe(name)
        efile = join(self._control, paths.ENTRIES)
        write_new(efile, [dump_entries(self._entries)])
        if self._entries:
            self._pack.add(paths.RECEIVED, dump_received(self._entries))
        self._pack.write(join(self._control, BASE))
        if not self._pack.is_sorted:
            # Some servers send the items in an order of their own.
            Base(Tree(), self._control).rewrite()
        return self._block()

    def describe(self, name: str) -> None:
        """Write what describes an item of which all parts are there, once."""

    def _block(self) -> Block:
        """Return the block of the index that `Unchanged` would write."""
        control = control_signatures(self._control, False)
        packed = held(self._pack.digests())
        records = {
            name: Record(
                look, self._part_signatures.get(name, []), True, packed.get(name, "")
            )
            for name, look in self._signatures.items()
        }
        status = os.lstat(self.staged)
        for look in (signature(status), *control):
            self.ended = max(self.ended, *(look or [0])[-2:])
        directories = sorted(
            name for name, look in self._signatures.items() if not look
        )
        whole = [place_of(status), control, directories]
        outline = outline_of(control, records, list_of(status))
        return Block.of([control, records, True], whole, outline)


def _class_for(is_described: bool) -> type[Directory]:
    if not is_described:
        return Directory
    # Imported here: other layouts need none of it.
    from zope.app.fssync.client.workingcopy.describedcheckout import DescribedDirectory

    return DescribedDirectory


_top_entries = f"{paths.CONTROL}/{paths.ENTRIES}"


def _entries(data: bytes, limits: Limits, path: str) -> Entries:
    return load_sent_entries(data, limits, f"{path}/{paths.CONTROL}/{paths.ENTRIES}")


def _file_names(entries: Entries) -> dict[str, str]:
    """Return the local names of files, by their names in the archive."""
    files = {
        name: local_name(name, entry.get("key", name))
        for name, entry in entries.items()
    }
    if len(set(files.values())) < len(files):
        raise NotStreamable("names that are equal here")
    return files


def own_entries(entries: Entries, files: dict[str, str]) -> Entries:
    """Return the entries of files by their local names."""
    return {
        files[name]: entry_of(files[name], name, entry)
        for name, entry in entries.items()
    }


def exactly(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise _ends_early()
    return content


def _ends_early() -> ArchiveDamaged:
    return ArchiveDamaged("the archive ends within a file")
