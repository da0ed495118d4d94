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
from zope.fssync.metadata import load_entries
from zope.fssync.metadata import without_marks

__all__ = ["NewTree", "Unusual"]

#: Bytes of a pack that wait in memory, and then in a file.
_memory = 4 << 20

_specials = (paths.EXTRA, paths.ANNOTATIONS)


class Unusual(Exception):
    """The archive cannot be written as it comes."""


class NewTree:
    """The directory of one object, and all below it.

    ``staged`` is where it is built, a directory that exists and is empty;
    ``shown`` its path for ``report``, which is called with a line for each file.
    """

    def __init__(
        self,
        path: str,
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
        self._begin = (staged, shown)
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
            staged, shown = self._begin
        else:
            above = self._enter(path.rpartition("/")[0])
            name = path.rpartition("/")[2]
            above.add_directory(name)
            staged, shown = join(above.staged, name), join(above.shown, name)
        self._report(f"N {join(shown, '')}")
        self._stack.append(_Directory(path, staged, shown, entries, self._report))

    def _enter(self, path: str) -> _Directory:
        """Return the directory at ``path``, which all that follows is in."""
        while self._stack and self._stack[-1].path != path:
            self._leave()
        if not self._stack:
            raise Unusual(path)
        return self._stack[-1]

    def _leave(self) -> None:
        directory = self._stack.pop()
        self.blocks[directory.path.replace("/", os.sep)] = directory.finish()
        self.ended = max(self.ended, directory.ended)
        if self._stack:
            self._stack[-1].report_specials(os.path.basename(directory.path))


class _Directory:
    """One directory while it is written."""

    def __init__(
        self,
        path: str,
        staged: str,
        shown: str,
        entries: Entries,
        report: Callable[[str], object],
    ) -> None:
        self.path = path
        self.staged = staged
        self.shown = shown
        self._entries = entries
        self._missing = set(entries)
        self._report = report
        self._control = join(staged, paths.CONTROL)
        self._pack = _Pack()
        self._made: set[str] = set()
        #: The names of the parts of an object, and those still to come.
        self._parts: dict[tuple[str, str], list[str]] = {}
        self._missing_parts: set[tuple[str, str, str]] = set()
        self._looks: dict[str, Signature | None] = {}
        self._part_looks: dict[str, list[tuple[str, Signature]]] = {}
        self.ended = 0
        new_directory(self._control)

    def add_file(self, name: str, size: int, stream: IO[bytes]) -> None:
        self._take(name)
        self._looks[name] = self._write(
            name, join(self.staged, name), f"{paths.ORIGINAL}/{name}", size, stream
        )
        self._report(f"U {join(self.shown, name)}")
        self.report_specials(name)

    def add_directory(self, name: str) -> None:
        self._take(name)
        self._looks[name] = None
        new_directory(join(self.staged, name))

    def _take(self, name: str) -> None:
        """Note that the item is here, of which an entry has told."""
        if name not in self._missing:
            raise Unusual(name)
        self._missing.remove(name)

    def add_special(self, what: str, name: str, data: bytes) -> None:
        if what not in _specials or name not in self._missing:
            raise Unusual(name)
        entries = _entries(data, None, name)
        if (what, name) in self._parts:
            raise Unusual(name)
        self._parts[what, name] = sorted(entries)
        self._missing_parts.update((what, name, part) for part in entries)
        if what not in self._made:
            self._made.add(what)
            new_directory(join(self._control, what))
        new_directory(join(self._control, what, name))
        packed = f"{what}/{name}/{paths.CONTROL}/{paths.ENTRIES}"
        self._pack.add(packed, dump_entries(entries))

    def add_special_file(
        self, what: str, name: str, part: str, size: int, stream: IO[bytes]
    ) -> None:
        if (what, name, part) not in self._missing_parts:
            raise Unusual(part)
        self._missing_parts.remove((what, name, part))
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
    found = (
        load_entries(data, source=source)
        if limits is None
        else load_entries(data, limits, source)
    )
    entries = {}
    for name, entry in found.items():
        entries[name] = without_marks(entry)
        if entries[name].get("key") == name:
            del entries[name]["key"]
    return entries


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
