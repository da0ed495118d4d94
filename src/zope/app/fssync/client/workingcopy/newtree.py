"""A checkout that is written as it comes, without having been received before.

It takes archives in the order in which `zope.fssync.task.checkout` writes them:
of a directory first the entries, then annotations and extras, then the items.
Anything else raises `Unusual`: such an archive has to be received and merged.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from os.path import join
from typing import IO

from zope.app.fssync.client.workingcopy.compact import LARGE
from zope.app.fssync.client.workingcopy.index import Block
from zope.app.fssync.client.workingcopy.index import Signature
from zope.app.fssync.client.workingcopy.index import looks
from zope.app.fssync.client.workingcopy.index import place_of
from zope.app.fssync.client.workingcopy.packer import Packer
from zope.app.fssync.client.workingcopy.packer import digest
from zope.app.fssync.client.workingcopy.packer import place
from zope.app.fssync.client.workingcopy.pristine import BASE
from zope.app.fssync.client.workingcopy.pristine import Base
from zope.app.fssync.client.workingcopy.statcache import Record
from zope.app.fssync.client.workingcopy.statcache import held
from zope.app.fssync.client.workingcopy.statscan import control_looks
from zope.fssync import paths
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.files import Tree
from zope.fssync.files import chunks
from zope.fssync.files import new_directory
from zope.fssync.files import open_regular
from zope.fssync.files import write_new
from zope.fssync.limits import Limits
from zope.fssync.metadata import Entries
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import dump_received
from zope.fssync.metadata import entry_of
from zope.fssync.metadata import load_entries

__all__ = ["NewTree", "Unusual"]

#: Bytes of a pack that wait in memory, and then in a file.
_memory = 4 << 20

_specials = (paths.EXTRA, paths.ANNOTATIONS)


class Unusual(Exception):
    """The archive cannot be written as it comes."""


class NewTree:
    """The directory of one object, and all below it.

    ``path`` is that in the archive, ``name`` what it is called here; ``staged`` is
    where it is built, a directory that exists and is empty; ``shown`` its path for
    ``report``, which is called with a line for each file.
    """

    def __init__(
        self,
        path: str,
        name: str,
        staged: str,
        shown: str,
        report: Callable[[str], object],
        limits: Limits,
    ) -> None:
        #: What is known of the directories, for the index.
        self.blocks: dict[str, Block] = {}
        #: When the last file was written, by the clock of the file system.
        self.ended = 0
        self._report = report
        self._limits = limits
        self._path = path
        self._begin = (name, staged, shown)
        self._stack: list[_Directory] = []

    def add(self, path: str, size: int, stream: IO[bytes]) -> None:
        """Write a member of the archive, of which the content is in ``stream``."""
        directory, marker, rest = f"/{path}".rpartition(f"/{paths.CONTROL}/")
        if not marker:
            parent, _, name = path.rpartition("/")
            self._enter(parent).add_file(name, size, stream)
            return
        parts = rest.split("/")
        outer = directory[1:].split("/")
        if rest == paths.ENTRIES and paths.CONTROL not in outer:
            self._open(directory[1:], self._read(size, stream))
        elif rest == paths.ENTRIES and outer[-3:-2] == [paths.CONTROL]:
            special = self._enter("/".join(outer[:-3]))
            special.add_special(outer[-2], outer[-1], self._read(size, stream))
        elif len(parts) == 3 and parts[0] in _specials:
            special = self._enter(directory[1:])
            special.add_special_file(parts[0], parts[1], parts[2], size, stream)
        else:
            raise Unusual(path)

    def finish(self) -> None:
        """Write what is left, when the archive is at its end."""
        while self._stack:
            self._leave()

    def _read(self, size: int, stream: IO[bytes]) -> bytes:
        if size > self._limits.entries_size:
            raise Unusual("entries of that size")
        return _exactly(stream, size)

    def _open(self, path: str, data: bytes) -> None:
        entries = _entries(data, self._limits, path)
        if path == self._path and not self._stack:
            place, staged, shown = self._begin
        else:
            above = self._enter(path.rpartition("/")[0])
            name = above.add_directory(path.rpartition("/")[2])
            place, staged, shown = (
                join(each, name) for each in (above.place, above.staged, above.shown)
            )
        self._report(f"N {join(shown, '')}")
        directory = _Directory(path, place, staged, shown, entries, self._report)
        self._stack.append(directory)

    def _enter(self, path: str) -> _Directory:
        """Return the directory at ``path``, which all that follows is in."""
        while self._stack and self._stack[-1].path != path:
            self._leave()
        if not self._stack:
            raise Unusual(path)
        return self._stack[-1]

    def _leave(self) -> None:
        directory = self._stack.pop()
        self.blocks[directory.place] = directory.finish()
        self.ended = max(self.ended, directory.ended)
        if self._stack:
            self._stack[-1].report_specials(os.path.basename(directory.place))


class _Directory:
    """One directory while it is written.

    ``path`` is that in the archive, ``place`` that below the root.
    """

    def __init__(
        self,
        path: str,
        place: str,
        staged: str,
        shown: str,
        entries: Entries,
        report: Callable[[str], object],
    ) -> None:
        self.path = path
        self.place = place
        self.staged = staged
        self.shown = shown
        #: What is called otherwise in the archive, until it has come.
        self._missing = _file_names(entries)
        self._entries = _own(entries, self._missing)
        self._report = report
        self._control = join(staged, paths.CONTROL)
        self._pack = _Pack()
        self._made: set[str] = set()
        #: The names of the parts of an object, and those still to come.
        self._parts: dict[tuple[str, str], list[str]] = {}
        self._missing_parts: dict[tuple[str, str, str], str] = {}
        self._looks: dict[str, Signature | None] = {}
        self._part_looks: dict[str, list[tuple[str, Signature]]] = {}
        self.ended = 0
        new_directory(self._control)

    def add_file(self, name: str, size: int, stream: IO[bytes]) -> None:
        name = self._take(name)
        self._looks[name] = self._write(
            name, join(self.staged, name), f"{paths.ORIGINAL}/{name}", size, stream
        )
        self._report(f"U {join(self.shown, name)}")
        self.report_specials(name)

    def add_directory(self, name: str) -> str:
        name = self._take(name)
        self._looks[name] = None
        new_directory(join(self.staged, name))
        return name

    def _take(self, name: str) -> str:
        """Note that the item is here, of which an entry has told; name its file."""
        if name not in self._missing:
            raise Unusual(name)
        return self._missing.pop(name)

    def _file(self, name: str) -> str:
        if name not in self._missing:
            raise Unusual(name)
        return self._missing[name]

    def add_special(self, what: str, name: str, data: bytes) -> None:
        if what not in _specials:
            raise Unusual(name)
        name = self._file(name)
        entries = _entries(data, None, name)
        if (what, name) in self._parts:
            raise Unusual(name)
        files = _file_names(entries)
        self._parts[what, name] = sorted(files.values())
        for part, file in files.items():
            self._missing_parts[what, name, part] = file
        if what not in self._made:
            self._made.add(what)
            new_directory(join(self._control, what))
        new_directory(join(self._control, what, name))
        packed = f"{what}/{name}/{paths.CONTROL}/{paths.ENTRIES}"
        self._pack.add(packed, dump_entries(_own(entries, files)))

    def add_special_file(
        self, what: str, name: str, part: str, size: int, stream: IO[bytes]
    ) -> None:
        name = self._file(name)
        if (what, name, part) not in self._missing_parts:
            raise Unusual(part)
        part = self._missing_parts.pop((what, name, part))
        packed = f"{what}/{name}/{paths.CONTROL}/{paths.ORIGINAL}/{part}"
        path = join(self._control, what, name, part)
        look = self._write(name, path, packed, size, stream)
        self._note_part(name, path, look)

    def _note_part(self, name: str, path: str, look: Signature) -> None:
        place = os.path.relpath(path, self.staged)
        self._part_looks.setdefault(name, []).append((place, look))

    def _write(
        self, name: str, path: str, packed: str, size: int, stream: IO[bytes]
    ) -> Signature:
        """Write a file, and its original; returns what the file looks like."""
        if size <= LARGE:
            content = _exactly(stream, size)
            look = looks(write_new(path, [content]))
            self._pack.add(packed, content)
            self.ended = max(self.ended, *look[-2:])
            return look
        look = looks(write_new(path, _pieces(stream, size)))
        original = join(self._control, *packed.split("/"))
        parent = os.path.dirname(original)
        if not os.path.lexists(parent):
            new_directory(os.path.dirname(parent), True)
            new_directory(parent, True)
        with open_regular(path) as copied:
            copy = looks(write_new(original, chunks(copied)))
        self._note_part(name, original, copy)
        self.ended = max(self.ended, *look[-2:], *copy[-2:])
        return look

    def report_specials(self, name: str) -> None:
        """Report the extras and annotations of an item, after the item."""
        for what in _specials:
            parts = self._parts.pop((what, name), None)
            if parts is not None:
                place = join(self.shown, paths.CONTROL, what, name)
                self._report(f"N {join(place, '')}")
                for part in parts:
                    self._report(f"U {join(place, part)}")

    def finish(self) -> Block:
        """Write the control data of the directory, which is complete now."""
        if self._missing or self._missing_parts:
            missing = min([*self._missing, *(p[-1] for p in self._missing_parts)])
            raise ArchiveDamaged(
                f"entry without a file in archive: {missing!a}",
                path=f"{self.path}/{missing}",
            )
        efile = join(self._control, paths.ENTRIES)
        write_new(efile, [dump_entries(self._entries)])
        if self._entries:
            self._pack.add(paths.RECEIVED, dump_received(self._entries))
        self._pack.write(self._control)
        return self._block()

    def _block(self) -> Block:
        """Return what `Unchanged` would remember of it."""
        control = control_looks(self.staged, False)
        packed = held(self._pack.digests())
        records = {
            name: Record(
                look, self._part_looks.get(name, []), True, packed.get(name, "")
            )
            for name, look in self._looks.items()
        }
        status = os.lstat(self.staged)
        for look in (looks(status), *control):
            self.ended = max(self.ended, *(look or [0])[-2:])
        directories = sorted(name for name, look in self._looks.items() if not look)
        whole = [place_of(status), control, directories]
        return Block.of([control, records, True], whole)


class _Pack:
    """A pack, in a temporary file where it is large."""

    def __init__(self) -> None:
        self._packer = Packer()
        self._made = tempfile.SpooledTemporaryFile(_memory)  # noqa: SIM115
        self._made.write(self._packer.begin())
        self._last = ""
        self._sorted = True

    def add(self, name: str, content: bytes) -> None:
        before, self._last = self._last, place(name)
        self._sorted = self._sorted and before < self._last
        added = self._packer.add(name, len(content), digest(content), [content])
        self._made.writelines(added)

    def digests(self) -> Iterator[tuple[str, str]]:
        return self._packer.digests()

    def write(self, control: str) -> None:
        if self._packer:
            self._made.writelines(self._packer.end())
            self._made.seek(0)
            write_new(join(control, BASE), chunks(self._made))
        self._made.close()
        if not self._sorted:
            # Another server sends the items in an order of its own.
            Base(Tree(), control).rewrite()


def _entries(data: bytes, limits: Limits | None, path: str) -> Entries:
    source = f"{path}/{paths.CONTROL}/{paths.ENTRIES}"
    if limits is None:
        return load_entries(data, source=source)
    return load_entries(data, limits, source)


def _file_names(entries: Entries) -> dict[str, str]:
    """What the files are called here, by their names in the archive."""
    files = {
        name: paths.file_name(name, entry.get("key", name))
        for name, entry in entries.items()
    }
    if len(set(files.values())) < len(files):
        raise Unusual("names that are equal here")
    return files


def _own(entries: Entries, files: dict[str, str]) -> Entries:
    """The entries of the files."""
    return {
        files[name]: entry_of(files[name], name, entry)
        for name, entry in entries.items()
    }


def _exactly(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise ArchiveDamaged("the archive ends within a file")
    return content


def _pieces(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while size:
        piece = stream.read(min(size, LARGE))
        if not piece:
            raise ArchiveDamaged("the archive ends within a file")
        size -= len(piece)
        yield piece
