"""A checkout while it arrives: the top of the archive, and the tree below it."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable
from os.path import join
from typing import IO
from typing import BinaryIO
from typing import cast

from zope.app.fssync.client.workingcopy.compact import CompactChanges
from zope.app.fssync.client.workingcopy.index import clock_of
from zope.app.fssync.client.workingcopy.index import index_chunks
from zope.app.fssync.client.workingcopy.index import index_path
from zope.app.fssync.client.workingcopy.newtree import NewTree
from zope.app.fssync.client.workingcopy.newtree import Unusual
from zope.app.fssync.protocol.headers import AGAIN
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.metadata import Entry
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import entry_of
from zope.fssync.metadata import load_entries
from zope.fssync.snarf import check_totals
from zope.fssync.snarf import read_header
from zope.fssync.snarfstream import ANSWER
from zope.fssync.snarfstream import closing_lines

__all__ = ["Arrival"]

#: More than what is said of one object at the top; else it is received first.
_small = 1 << 20

_buffer = 1 << 17

#: How often, and for how many seconds, a clock is waited for: the clocks of most
#: file systems tick every 4 or 10 milliseconds.
_ticks = 4
_tick = 0.011


class Arrival:
    """Writes an archive of one directory into a new working copy, as it comes.

    Afterwards ``name`` is what the directory is called here, ``closing`` what the
    end of the archive says.  Raises `Unusual` for what has to be merged.
    """

    def __init__(
        self,
        changes: CompactChanges,
        metadata: Metadata,
        target: str,
        limits: Limits = DEFAULT,
    ) -> None:
        self.name = ""
        self.closing: dict[str, str] = {}
        self._changes = changes
        self._metadata = metadata
        self._target = target
        self._limits = limits
        self._top: dict[str, bytes] = {}
        #: What the directory is called in the archive, and its entry there.
        self._entry: tuple[str, Entry] = ("", {})
        self._tree: NewTree | None = None
        # Of many objects there is much to say, once all is well.
        self._lines = tempfile.TemporaryFile(  # noqa: SIM115
            "w+", encoding="utf-8", errors="surrogateescape", newline="\n"
        )

    def __enter__(self) -> Arrival:
        return self

    def __exit__(self, *error: object) -> None:
        self._lines.close()

    def receive(self, fp: BinaryIO) -> None:
        """Take the whole archive."""
        stream = io.BufferedReader(cast(io.RawIOBase, _Raw(fp)), _buffer)
        count = total = 0
        while (header := read_header(stream, self._limits)) is not None:
            if self.closing:
                raise ArchiveDamaged("the archive goes on after its end")
            count += 1
            total += header.size
            check_totals(count, total, self._limits)
            if header.isdir:
                raise Unusual(header.path)
            self._take(header.path, header.size, stream)
        if not self.closing:
            raise ArchiveDamaged("the archive has no end: the server broke off")
        if self._tree is None or AGAIN in self.closing:
            raise Unusual("no whole directory")
        self._tree.finish()
        self._write_top()
        self._write_index(self._tree)

    def _take(self, path: str, size: int, stream: IO[bytes]) -> None:
        if not path.startswith(f"{paths.CONTROL}/"):
            self._begun(path).add(path, size, stream)
            return
        if size > _small or path in self._top or (self._tree and path != ANSWER):
            raise Unusual(path)
        data = stream.read(size)
        if len(data) < size:
            raise ArchiveDamaged("the archive ends within a file")
        if path == ANSWER:
            self.closing = closing_lines(io.BytesIO(data))
        else:
            self._top[path.removeprefix(f"{paths.CONTROL}/")] = data

    def _begun(self, path: str) -> NewTree:
        """Return the tree, which begins with the entries of the top directory."""
        if self._tree is None:
            top = path.partition("/")[0]
            if path != f"{top}/{paths.CONTROL}/{paths.ENTRIES}":
                raise Unusual(path)
            entries = load_entries(self._top.pop(paths.ENTRIES, b""), self._limits)
            if set(entries) != {top}:
                raise Unusual("entries")
            self._entry = top, entries[top]
            self.name = paths.file_name(top, entries[top].get("key", top))
            local = join(self._target, self.name)
            self._changes.mkdir(local)
            staged = self._changes.tree.staging(local)
            self._tree = NewTree(
                top, self.name, staged, local, self._note, self._limits
            )
        return self._tree

    def _note(self, line: str) -> None:
        # A line each, whatever is in it.
        self._lines.write(f"{line}\0")

    def _write_top(self) -> None:
        """Write what stands beside the directory, as it is done in any other."""
        local = join(self._target, self.name)
        top, said = self._entry
        self._metadata.getentry(local).update(entry_of(self.name, top, said))
        self._metadata.received(local)
        for what in (paths.EXTRA, paths.ANNOTATIONS):
            self._write_special(fsutil.getspecial(local, what), f"{what}/{top}/")
        if self._top:
            raise Unusual(min(self._top))

    def _write_index(self, tree: NewTree) -> None:
        """Let the first look at the files be as short as those that follow.

        Unless the clock of the file system is so coarse that an edit might not
        show.
        """
        control = join(self._changes.tree.root, paths.CONTROL)
        for _ in range(_ticks):
            time.sleep(_tick)
            if clock_of(control) > tree.ended:
                path = index_path(self._changes.tree.root)
                self._changes.write(path, index_chunks(tree.blocks))
                return

    def _write_special(self, special: str, prefix: str) -> None:
        data = self._top.pop(f"{prefix}{paths.CONTROL}/{paths.ENTRIES}", None)
        if data is None:
            return
        self._note(f"N {join(special, '')}")
        for name, entry in sorted(load_entries(data, self._limits).items()):
            content = self._top.pop(prefix + name, None)
            if content is None:
                raise Unusual(name)
            file = paths.file_name(name, entry.get("key", name))
            path = join(special, file)
            self._changes.write(path, [content])
            self._changes.write(fsutil.getoriginal(path), [content])
            self._metadata.getentry(path).update(entry_of(file, name, entry))
            self._note(f"U {path}")

    def replay(self, report: Callable[[str], object]) -> None:
        """Report what was written."""
        self._lines.seek(0)
        rest = ""
        while block := self._lines.read(_buffer):
            *lines, rest = (rest + block).split("\0")
            for line in lines:
                report(line)


class _Raw(io.RawIOBase):
    """What comes from the server, for a buffer."""

    def __init__(self, fp: BinaryIO) -> None:
        self._fp = fp

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._fp.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
