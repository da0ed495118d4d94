"""Convert a working copy between its layouts.

Upgraded files have the names of their objects, downgraded ones those that servers of
3.6.0 send.  A few thousand files are converted at a time.  Both layouts are readable
in between, so that an interruption leaves a working copy that is as good as before,
and the same command continues where it ended.

From packs to descriptions directory by directory is converted, and the root last; in
the other direction it is the first.  So its control directory is always a whole one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import count
from os.path import join
from typing import NamedTuple

from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges
from zope.app.fssync.client.workingcopy.controlpath import packed_holder
from zope.app.fssync.client.workingcopy.described import SPECIALS
from zope.app.fssync.client.workingcopy.described import DescribedObject
from zope.app.fssync.client.workingcopy.index import index_path
from zope.app.fssync.client.workingcopy.layout import COMPACT
from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.client.workingcopy.layout import PLAIN
from zope.app.fssync.client.workingcopy.layout import read_layout
from zope.app.fssync.client.workingcopy.layout import write_ignored
from zope.app.fssync.client.workingcopy.layout import write_layout
from zope.app.fssync.client.workingcopy.left import Left
from zope.app.fssync.client.workingcopy.left import remove_all
from zope.app.fssync.client.workingcopy.place import LEFT
from zope.app.fssync.client.workingcopy.place import TREE
from zope.app.fssync.client.workingcopy.place import Place
from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.client.workingcopy.place import data_of
from zope.app.fssync.client.workingcopy.pristine import Base
from zope.app.fssync.client.workingcopy.renaming import Renaming
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.description import ASIDE
from zope.fssync.description import Part
from zope.fssync.description.described import as_part
from zope.fssync.description.described import described_entry
from zope.fssync.description.described import kept_text
from zope.fssync.description.described import text_of
from zope.fssync.descriptionnames import aside_name
from zope.fssync.descriptionnames import description_name
from zope.fssync.errors import WorkingCopyError
from zope.fssync.files import Signature
from zope.fssync.files import Tree
from zope.fssync.files import chunks
from zope.fssync.files import open_regular
from zope.fssync.files import same_content
from zope.fssync.files import signature
from zope.fssync.limits import CONVERTED_DIRECTORIES
from zope.fssync.limits import DESCRIBED_SIZE
from zope.fssync.limits import UNPACKED_SIZE
from zope.fssync.metadata import Entry
from zope.fssync.metadata import dump_entries

__all__ = ["check_renamed", "downgrade", "remove_left", "upgrade"]

#: The names that stay in a control directory at the root until the conversion ends.
_OWN = ("Journal", "Lock", ".gitignore", LEFT, TREE)


def upgrade(changes: CompactChanges, root: str, layout: int = COMPACT) -> list[str]:
    """Bring the working copy ``root``, or the rest of it, into a newer layout.

    Return the paths of files that could not be renamed, since the name is taken; the
    working copy becomes one of layout 2 meanwhile.
    """
    converter = _Converter(changes, root)
    states = States(changes, root)
    states.forget_received()
    before = read_layout(changes.tree, root)
    taken = []
    if before != DESCRIBED:
        # Noted first: until all is done both layouts are to be expected.
        changes.compact = True
        write_layout(changes, root, COMPACT)
        converter.each_directory(converter.pack)
        # Move old control data away before their directories are renamed.
        converter.settle()
        taken = _rename(converter, Renaming(changes, paths.file_name))
        converter.settle()
    if taken:
        return taken
    if layout == DESCRIBED and control_of(root) != data_of(root):
        write_layout(changes, root, DESCRIBED)
        _drop_index(converter)
        converter.each_directory(converter.describe)
        converter.settle()
        converter.describe_root()
        converter.settle()
        states.follow()
    return taken


def downgrade(changes: CompactChanges, root: str) -> list[str]:
    """Bring the working copy ``root``, or the rest of it, into the layout of 3.6.0.

    Return the paths of files that could not be renamed, since the name is taken.
    """
    converter = _Converter(changes, root)
    states = States(changes, root)
    states.forget_received()
    if changes.tree.isdir(join(root, paths.DATA)):
        if control_of(root) == data_of(root):
            _drop_index(converter)
            converter.undescribe_root()
            converter.settle()
            states.follow()
        converter.each_directory(converter.undescribe)
        write_layout(changes, root, COMPACT)
        converter.settle()
    changes.compact = False
    converter.each_directory(converter.unpack)
    write_layout(changes, root, PLAIN)
    return _rename(converter, Renaming(changes, _decomposed))


def check_renamed(taken: list[str], verb: str) -> None:
    """Raise an error if files could not be renamed."""
    if taken:
        raise WorkingCopyError(
            f"{len(taken)} not renamed, since another file has the same name in "
            f"another form: {', '.join(map(ascii, taken[:5]))}",
            path=taken[0],
            advice=f"Move the other file away, then run 'zsync {verb}' again.",
        )


def remove_left(root: str) -> None:
    """Remove what a conversion has left of the other layout at the root."""
    tree = Tree(root)
    data, control = join(root, paths.DATA), join(root, paths.CONTROL)
    if control_of(root) == data_of(root):
        if tree.isdir(control):
            tree.rmdir(control)
    elif tree.isdir(data):
        tree.rmtree(data)


def _rename(converter: _Converter, renaming: Renaming) -> list[str]:
    converter.each_directory(renaming.rename_in, deepest_first=True)
    # The index is derived data, with the old names.
    if renaming.renamed:
        _drop_index(converter)
    return renaming.taken


def _drop_index(converter: _Converter) -> None:
    index = index_path(converter.root)
    if converter.changes.exists(index):
        converter.changes.remove(index)


def _decomposed(name: str, key: str) -> str:
    """Return the name of a file in the layout of 3.6.0."""
    return paths.nfd(name)


class _Converter:
    def __init__(self, changes: CompactChanges, root: str) -> None:
        self.changes = changes
        self.root = root
        self.left = Left(changes.tree, root)

    def each_directory(
        self, method: Callable[[str], int], deepest_first: bool = False
    ) -> None:
        """Call a method, which returns how many files it has moved."""
        moved = 0
        directories: Iterable[str] = self._directories()
        if deepest_first:
            directories = reversed(list(directories))
        for directory in directories:
            moved += method(directory)
            if moved >= CONVERTED_DIRECTORIES:
                self.settle()
                moved = 0

    def settle(self) -> None:
        """Let all that was converted become real."""
        self.left.note()
        self.changes.apply()
        self.changes.journal.kept.extend(remove_all(self.root))
        self.changes.restart()

    def _directories(self) -> Iterator[str]:
        """The directories with control data, other working copies apart."""
        stack = [self.root]
        while stack:
            directory = stack.pop()
            names = self.changes.listdir(directory)
            if self.changes.place(directory).home not in (None, self.root):
                continue
            if paths.CONTROL in names:
                control = join(directory, paths.CONTROL)
                own = self.changes.isfile(join(control, paths.ROOT))
                if own and directory != self.root:
                    continue
                yield directory
            stack.extend(
                path
                for path in (join(directory, name) for name in names)
                if os.path.basename(path) not in (paths.CONTROL, paths.DATA)
                and self.changes.tree.kind(path) == "dir"
            )

    def pack(self, directory: str) -> int:
        """Bring the files that are packed now into the pack."""
        place = self.changes.place(directory)
        return sum(
            self._pack_below(place, what)
            for what in (paths.ORIGINAL, paths.EXTRA, paths.ANNOTATIONS)
            if self.changes.tree.isdir(join(place.control, what))
        )

    def _pack_below(self, place: Place, name: str) -> int:
        moved = 0
        disk = self.changes.tree
        path = join(place.control, *name.split("/"))
        packed = packed_holder(name) is not None
        if packed:
            small = self._all_small(path, name)
            if small is not None:
                return self._pack_all(place, path, small)
        for child in disk.listdir(path):
            below = join(path, child)
            if disk.isdir(below):
                moved += self._pack_below(place, f"{name}/{child}")
            elif packed and disk.isfile(below):
                with self.changes.open(below) as stream:
                    self.changes.write(below, chunks(stream))
                moved += 1
        if packed:
            disk.rmdir(path)
        return moved

    def _all_small(self, path: str, name: str) -> dict[str, _Read] | None:
        """Read all files below a directory, if all of them get into the pack."""
        disk = self.changes.tree
        found: dict[str, _Read] = {}
        for child in disk.listdir(path):
            below, packed = join(path, child), f"{name}/{child}"
            kind = disk.kind(below)
            if kind == "file":
                read = self.read(below, UNPACKED_SIZE)
                if read.content is None:
                    return None
                found[packed] = read
            else:
                inside = kind == "dir" and packed_holder(packed) is not None
                more = self._all_small(below, packed) if inside else None
                if more is None:
                    return None
                found.update(more)
        return found

    def _pack_all(self, place: Place, path: str, small: dict[str, _Read]) -> int:
        for name, read in small.items():
            assert read.content is not None
            self.changes.hold(place, name, read.content)
        self.left.take(path, {read.path: read.look for read in small.values()})
        return len(small)

    def read(self, path: str, most: int) -> _Read:
        """Read a file on the disk, unless it has more than ``most`` bytes."""
        with self.changes.tree.open(path) as stream:
            look = signature(os.fstat(stream.fileno()))
            content = stream.read(most + 1)
        return _Read(path, look, content if len(content) <= most else None)

    def unpack(self, directory: str) -> int:
        """Make files of the members of the pack."""
        moved = 0
        base = self.changes.base(directory)
        for name in sorted(base.index):
            holder = packed_holder(name)
            if holder is None or name == paths.RECEIVED or self._is_left(base, holder):
                base.remove(name)
                continue
            path = join(base.control, *name.split("/"))
            if self.changes.tree.exists(path):
                base.remove(name)
            else:
                self.changes.write(path, base.pieces(name))
            moved += 1
        return moved

    # Descriptions

    def describe(self, directory: str) -> int:
        """Write descriptions of what is in a directory, and move its control data.

        The root is left out.
        """
        place = self.changes.place(directory)
        if place.is_described or directory == self.root:
            return 0
        number = self._describe_all(place)
        data = join(self.root, paths.DATA, TREE)
        mirror = join(data, os.path.relpath(directory, self.root))
        self.changes.tree.mkdir(mirror)
        self.changes.tree.relocate(place.control, join(mirror, paths.CONTROL))
        return number

    def describe_root(self) -> None:
        """The same for the root."""
        self._describe_all(self.changes.place(self.root))
        self._relocate_control(paths.CONTROL, paths.DATA)

    def _describe_all(self, place: Place) -> int:
        disk = self.changes.tree
        entries = self.changes.stored_entries(place)
        parts: dict[str, dict[str, _Read]] = {name: {} for name in entries}
        for what in SPECIALS:
            special = join(place.control, what)
            if disk.kind(special) == "dir":
                self._take_special(what, special, parts)
        for name, entry in entries.items():
            self._describe(place, name, entry, parts[name])
        return len(entries) + 1

    def _take_special(
        self, what: str, special: str, parts: dict[str, dict[str, _Read]]
    ) -> None:
        """Read the extras or the annotations of all objects, and move them away.

        What belongs to none, or is to stay as a file, stays.
        """
        disk = self.changes.tree
        scans, is_whole = {}, True
        for name in disk.listdir(special):
            path = join(special, name)
            if name in parts and disk.kind(path) == "dir":
                scan = scans[path] = _Scan(self)
                parts[name].update(scan.parts(what, path))
                is_whole &= scan.is_whole
            else:
                is_whole = False
        if is_whole:
            looks = {p: look for s in scans.values() for p, look in s.looks.items()}
            self.left.take(special, looks)
            return
        for path, scan in scans.items():
            self._take_object(path, scan)

    def _take_object(self, path: str, scan: _Scan) -> None:
        """Move away what was read of one object."""
        if scan.is_whole:
            self.left.take(path, scan.looks)
            return
        for file in scan.looks:
            self.changes.tree.remove(file)
        self._remove_empty(path)

    def _describe(
        self, place: Place, name: str, entry: Entry, found: dict[str, _Read]
    ) -> None:
        disk, path = self.changes.tree, join(place.directory, name)
        kind = disk.kind(path)
        is_gone = kind is None and entry.get("flag") == "removed"
        parts = {}
        inside, own = (path, "") if kind == "dir" else (place.directory, name)
        for key, part in found.items():
            parts[key] = self._part(place, name, key, part)
            if parts[key].data is ASIDE and not is_gone:
                aside = join(inside, aside_name(own), *key.split("/"))
                with open_regular(part.path) as stream:
                    disk.write_beside(aside, chunks(stream))
        if not is_gone or not all(map(self._is_original, found.values())):
            text = text_of(entry, parts)
            folder_type = self.changes.type_at(place)
            text = kept_text(text, folder_type, name, kind == "dir")
            if text:
                disk.write_beside(join(inside, description_name(own)), [text])

    def _part(self, place: Place, name: str, key: str, read: _Read) -> Part:
        what, _, rest = key.partition("/")
        holder = f"{what}/{name}/{rest}".rpartition("/")[0]
        entries = self.changes.packed_entries(place, holder)
        entry = entries.get(key.rpartition("/")[2], {})
        if read.content is None:
            return Part(described_entry(entry), ASIDE)
        return as_part(entry, read.content)

    def _is_original(self, read: _Read) -> bool:
        original = fsutil.getoriginal(read.path)
        if not self.changes.isfile(original):
            return False
        with open_regular(read.path) as one, self.changes.open(original) as other:
            return same_content(one, other)

    def _remove_empty(self, directory: str) -> None:
        """Remove a directory on the disk if there are only directories in it."""
        disk = self.changes.tree
        if disk.kind(directory) != "dir":
            return
        for name in disk.listdir(directory):
            self._remove_empty(join(directory, name))
        disk.rmdir(directory)

    def _relocate_control(self, source: str, target: str) -> None:
        disk = self.changes.tree
        old, new = join(self.root, source), join(self.root, target)
        disk.mkdir(new)
        write_ignored(disk, self.root)
        for name in disk.listdir(old):
            if name not in _OWN:
                self._move_aside(join(new, name))
                disk.relocate(join(old, name), join(new, name))

    def _move_aside(self, path: str) -> None:
        """Plan to move what is none of ours out of the way of control data."""
        disk = self.changes.tree
        if disk.kind(path) is None:
            return
        names = (f"{path}.mine{number or ''}" for number in count())
        kept = next(name for name in names if disk.kind(name) is None)
        disk.relocate(path, kept)
        self.changes.journal.kept.append(kept)

    def undescribe_root(self) -> None:
        """Make files of what descriptions say, and move the control data back."""
        self._undescribe_all(self.changes.place(self.root))
        self._relocate_control(paths.DATA, paths.CONTROL)

    def undescribe(self, directory: str) -> int:
        """The same for another directory."""
        place = self.changes.place(directory)
        if not place.is_described:
            return 0
        number = self._undescribe_all(place)
        own = join(directory, paths.CONTROL)
        if self.changes.tree.kind(place.control) == "dir":
            self._move_aside(own)
            self.changes.tree.relocate(place.control, own)
        return number

    def _undescribe_all(self, place: Place) -> int:
        entries = dict(self.changes.stored_entries(place))
        for name in list(entries):
            entries[name] = self._undescribe(place, name, entries[name])
        disk = self.changes.tree
        if entries != self.changes.stored_entries(place):
            disk.write(join(place.control, paths.ENTRIES), [dump_entries(entries)])
        for name in self.changes.base_at(place).index:
            # Without its directory a member does not exist.
            holder = packed_holder(name)
            if holder:
                disk.mkdir(join(place.control, *holder.split("/")))
        return len(entries) + 1

    def _undescribe(self, place: Place, name: str, entry: Entry) -> Entry:
        """Make files of a description; return what it says of the entry."""
        disk = self.changes.tree
        found = DescribedObject(self.changes, place, name)
        for key, is_directory in found.files_of():
            what, _, rest = key.partition("/")
            target = join(place.control, what, name, *rest.split("/"))
            if is_directory:
                disk.mkdir(target)
            else:
                with found.open(key) as stream:
                    disk.write_beside(target, chunks(stream))
        for what in SPECIALS:
            edited = found.entries(what)
            if edited is not None:
                packed = f"{what}/{name}/{paths.CONTROL}/{paths.ENTRIES}"
                self.changes.base_at(place).write(packed, edited)
        for path in (found.path, *map(found.aside, found.files_aside())):
            if disk.kind(path) not in (None, "dir"):
                disk.remove(path)
        # Keep control data that was not read, since there is no other copy.
        self._remove_empty(found.asides)
        return {**entry, **found.edits}

    def _is_left(self, base: Base, holder: str) -> bool:
        """Return True if the directory of a packed name is gone."""
        return not self.changes.tree.isdir(join(base.control, *holder.split("/")))


class _Read(NamedTuple):
    """A file that was read: its path, its signature before, and its content.

    None is that of a large one.
    """

    path: str
    look: Signature
    content: bytes | None


class _Scan:
    """Reads extras or annotations on the disk.

    ``looks`` are the signatures of all that are found.  ``is_whole`` says that there
    is nothing else on the disk beside them.
    """

    def __init__(self, converter: _Converter) -> None:
        self.converter = converter
        self.disk = converter.changes.tree
        self.looks: dict[str, Signature] = {}
        self.is_whole = True

    def parts(self, key: str, special: str) -> Iterator[tuple[str, _Read]]:
        """Find the parts of an object, and their own, with their keys."""
        for name in self.disk.listdir(special):
            path = join(special, name)
            kind = self.disk.kind(path)
            if name == paths.CONTROL and kind == "dir":
                yield from self._parts_of_parts(f"{key}/{name}", path)
            elif kind == "file":
                read = self.converter.read(path, DESCRIBED_SIZE)
                self.looks[path] = read.look
                yield f"{key}/{name}", read
            elif kind == "dir":
                yield from self.parts(f"{key}/{name}", path)
            else:
                self.is_whole = False

    def _parts_of_parts(self, key: str, control: str) -> Iterator[tuple[str, _Read]]:
        for what in self.disk.listdir(control):
            below = join(control, what)
            if what not in SPECIALS or self.disk.kind(below) != "dir":
                self.is_whole = False
                continue
            for owner in self.disk.listdir(below):
                if self.disk.kind(join(below, owner)) == "dir":
                    yield from self.parts(f"{key}/{what}/{owner}", join(below, owner))
                else:
                    self.is_whole = False
