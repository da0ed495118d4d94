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
from zope.app.fssync.client.workingcopy.newdirectory import SPECIALS
from zope.app.fssync.client.workingcopy.newdirectory import DescribedDirectory
from zope.app.fssync.client.workingcopy.newdirectory import Directory
from zope.app.fssync.client.workingcopy.newdirectory import Item
from zope.app.fssync.client.workingcopy.newdirectory import NotStreamable
from zope.app.fssync.client.workingcopy.newdirectory import Shared
from zope.app.fssync.client.workingcopy.newdirectory import Where
from zope.app.fssync.protocol.headers import AGAIN
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.descriptionnames import local_name
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.limits import BUFFER
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SMALL_MEMBER
from zope.fssync.limits import UNPACKED_SIZE
from zope.fssync.limits import Limits
from zope.fssync.metadata import Entries
from zope.fssync.metadata import Entry
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import entry_of
from zope.fssync.metadata import load_sent_entries
from zope.fssync.report import CREATED
from zope.fssync.report import Change
from zope.fssync.snarf import ANSWER
from zope.fssync.snarf import HeaderReader
from zope.fssync.snarf import Member
from zope.fssync.snarf import closing_lines
from zope.fssync.snarf import read_exactly
from zope.fssync.streams import RawReader

if TYPE_CHECKING:
    from zope.app.fssync.client.interfaces import IProgress

__all__ = ["NotStreamable", "StreamedCheckout"]


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
        #: The directories that are open, the innermost last, and what it is to get.
        self._stack: list[Directory] = []
        self._items: list[Item] = []
        self._shared = Shared(changes.tree.root)
        #: The blocks of the index, and when the last file was written.
        self._blocks: dict[str, Block] = {}
        self._ended = 0

    def receive(self, fp: BinaryIO) -> None:
        """Read the whole archive, and write the working copy."""
        stream = io.BufferedReader(RawReader(fp.read), BUFFER)
        for members in HeaderReader(stream, self._limits).members(UNPACKED_SIZE):
            for member in members:
                self._take(member, stream)
            self._write(stream)
            self._tell_made()
        if not self.closing:
            raise ArchiveDamaged("the archive has no end: the server broke off")
        if not self.name or AGAIN in self.closing:
            raise NotStreamable("no whole directory")
        self._tell("")
        while self._stack:
            self._leave(stream)
        self._write_beside()
        self._tell_made()
        self._write_index()

    def _take(self, member: Member, stream: IO[bytes]) -> None:
        if self.closing:
            raise ArchiveDamaged("the archive goes on after its end")
        if member.isdir:
            raise NotStreamable(member.path)
        if member.path.startswith(f"{paths.CONTROL}/"):
            self._add_beside(member, stream)
        else:
            self._add(member, stream)

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

    def _tell_made(self) -> None:
        """Report what was made."""
        made = self._shared.made
        changes = [Change(CREATED, path, said) for path, said in made]
        made.clear()
        for change in changes:
            self._report(change)

    def _add(self, member: Member, stream: IO[bytes]) -> None:
        """Take a file at or below the directory."""
        path, size, _, content = member
        directory, marker, rest = f"/{path}".rpartition(f"/{paths.CONTROL}/")
        if not marker:
            parent, _, name = path.rpartition("/")
            self._put(parent, Item(name, "", "", size, content), stream)
            self._count(1)
            return
        parts = rest.split("/")
        outer = directory[1:].split("/")
        if rest == paths.ENTRIES and paths.CONTROL not in outer:
            self._open(directory[1:], self._read_entries(member, stream), stream)
        elif paths.CONTROL in (outer if parts[0] in SPECIALS else outer[:-3]):
            # The parts of a part.
            raise NotStreamable(path)
        elif rest == paths.ENTRIES and outer[-3:-2] == [paths.CONTROL]:
            data, above = self._read_entries(member, stream), "/".join(outer[:-3])
            if outer[-2] not in SPECIALS:
                raise NotStreamable(path)
            self._put(above, Item(outer[-1], outer[-2], "", size, data), stream)
        elif len(parts) == 3 and parts[0] in SPECIALS:
            item = Item(parts[1], parts[0], parts[2], size, content)
            self._put(directory[1:], item, stream)
        else:
            raise NotStreamable(path)

    def _read_entries(self, member: Member, stream: IO[bytes]) -> bytes:
        if member.size > self._limits.entries_size:
            raise NotStreamable("entries of that size")
        if member.content is None:
            return read_exactly(stream, member.size)
        return member.content

    def _put(self, path: str, item: Item, stream: IO[bytes]) -> None:
        """Let an item be written in the directory at ``path``."""
        self._enter(path, stream)
        self._items.append(item)

    def _write(self, stream: IO[bytes]) -> None:
        """Hand over what is in the open directory."""
        if self._items:
            self._stack[-1].take(self._items, stream)
            self._items = []

    def _open(self, path: str, data: bytes, stream: IO[bytes]) -> None:
        """Begin a directory, which its entries do."""
        entries = _entries(data, self._limits, path)
        above, _, name = path.rpartition("/")
        if not above and not self.name:
            place = self._begin(name)
            shown = join(self._target, place)
            where = Where(path, place, *self._begin_staging(shown), shown)
            entry = self._top[1]
        else:
            parent = self._enter(above, stream)
            self._write(stream)
            where = parent.add_directory(name)
            entry = parent.entry(os.path.basename(where.place))
        self._count(1, len(entries))
        self._shared.made.append((join(where.shown, ""), "N"))
        if where.mirror:
            self._stack.append(DescribedDirectory(where, entries, self._shared, entry))
        else:
            self._stack.append(Directory(where, entries, self._shared))

    def _begin_staging(self, shown: str) -> tuple[str, str]:
        """Return where the directory is built, and its control data if elsewhere."""
        # Nothing is known of it: the working copy is new as well.
        self._changes.tree.mkdir(shown)
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

    def _enter(self, path: str, stream: IO[bytes]) -> Directory:
        """Return the directory at ``path``, and close all that are not above it."""
        while self._stack and self._stack[-1].where.path != path:
            self._leave(stream)
        if not self._stack:
            raise NotStreamable(path)
        return self._stack[-1]

    def _leave(self, stream: IO[bytes]) -> None:
        self._write(stream)
        directory = self._stack.pop()
        name = os.path.basename(directory.where.place)
        if self._stack:
            # In the directory, whose block tells how it was when all was in it.
            self._stack[-1].describe([name])
        self._blocks[directory.where.place] = directory.finish()
        self._ended = max(self._ended, directory.ended)
        if self._stack:
            self._stack[-1].report_specials(name)

    # Beside the directory

    def _add_beside(self, member: Member, stream: IO[bytes]) -> None:
        """Keep a member until all of the directory is written."""
        path, size, _, data = member
        if (
            size > SMALL_MEMBER
            or path in self._beside
            or (self.name and path != ANSWER)
        ):
            raise NotStreamable(path)
        if data is None:
            data = read_exactly(stream, size)
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
        for what in SPECIALS:
            special = fsutil.getspecial(local, what)
            self._write_special(special, f"{paths.CONTROL}/{what}/{top}/")
        if self._beside:
            raise NotStreamable(min(self._beside))

    def _write_special(self, special: str, prefix: str) -> None:
        data = self._beside.pop(f"{prefix}{paths.CONTROL}/{paths.ENTRIES}", None)
        if data is None:
            return
        self._shared.made.append((join(special, ""), "N"))
        for name, entry in sorted(_entries(data, self._limits, prefix[:-1]).items()):
            content = self._beside.pop(prefix + name, None)
            if content is None:
                raise NotStreamable(name)
            file = local_name(name, entry.get("key", name))
            path = join(special, file)
            self._changes.write(path, [content])
            self._changes.write(fsutil.getoriginal(path), [content])
            self._metadata.getentry(path).update(entry_of(file, name, entry))
            self._shared.made.append((path, "U"))

    def _write_index(self) -> None:
        """Write the stat cache, so that the first status is as fast as later ones.

        Skipped if the clock of the file system is too coarse to show an edit.
        """
        root = self._changes.tree.root
        if passed(clocks(root), self._ended):
            self._changes.tree.write(index_path(root), index_chunks(self._blocks))


_top_entries = f"{paths.CONTROL}/{paths.ENTRIES}"


def _entries(data: bytes, limits: Limits, path: str) -> Entries:
    return load_sent_entries(data, limits, f"{path}/{paths.CONTROL}/{paths.ENTRIES}")
