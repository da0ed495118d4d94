"""Write descriptions of objects in place of packed extras and annotations, and back.

Directory by directory is described, and the root last; in the other direction the root
is the first.  So its control directory is always a whole one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from os.path import join

from zope.app.fssync.client.workingcopy.controlpath import packed_holder
from zope.app.fssync.client.workingcopy.conversion import Conversion
from zope.app.fssync.client.workingcopy.conversion import ReadFile
from zope.app.fssync.client.workingcopy.described import SPECIALS
from zope.app.fssync.client.workingcopy.described import DescribedObject
from zope.app.fssync.client.workingcopy.layout import write_ignored
from zope.app.fssync.client.workingcopy.place import LEFT
from zope.app.fssync.client.workingcopy.place import TREE
from zope.app.fssync.client.workingcopy.place import Place
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
from zope.fssync.files import Signature
from zope.fssync.files import open_regular
from zope.fssync.limits import DESCRIBED_SIZE
from zope.fssync.metadata import Entry
from zope.fssync.metadata import dump_entries
from zope.fssync.streams import chunks
from zope.fssync.streams import same_content

__all__ = ["DescriptionConverter"]


#: The names that stay in a control directory at the root until the conversion ends.
_OWN = ("Journal", "Lock", ".gitignore", LEFT, TREE)


class DescriptionConverter:
    """Convert the control data of objects between packs and descriptions."""

    def __init__(self, conversion: Conversion) -> None:
        self.changes = conversion.changes
        self.left = conversion.left
        self._root = conversion.root
        self._conversion = conversion

    def describe(self, directory: str) -> int:
        """Write descriptions of what is in a directory, and move its control data.

        The root is left out.
        """
        place = self.changes.place(directory)
        if place.is_described or directory == self._root:
            return 0
        number = self._describe_all(place)
        data = join(self._root, paths.DATA, TREE)
        mirror = join(data, os.path.relpath(directory, self._root))
        self.changes.tree.mkdir(mirror)
        self.changes.tree.relocate(place.control, join(mirror, paths.CONTROL))
        return number

    def describe_root(self) -> None:
        """Write descriptions of what is in the root, and move its control data."""
        self._describe_all(self.changes.place(self._root))
        self._relocate_control(paths.CONTROL, paths.DATA)

    def _describe_all(self, place: Place) -> int:
        disk = self.changes.tree
        entries = self.changes.stored_entries(place)
        parts: dict[str, dict[str, ReadFile]] = {name: {} for name in entries}
        for what in SPECIALS:
            special = join(place.control, what)
            if disk.kind(special) == "dir":
                self._take_special(what, special, parts)
        for name, entry in entries.items():
            self._describe(place, name, entry, parts[name])
        return len(entries) + 1

    def _take_special(
        self, what: str, special: str, parts: dict[str, dict[str, ReadFile]]
    ) -> None:
        """Read the extras or the annotations of all objects, and move them away.

        Other files stay.
        """
        disk = self.changes.tree
        scans, is_whole = {}, True
        for name in disk.listdir(special):
            path = join(special, name)
            if name in parts and disk.kind(path) == "dir":
                scan = scans[path] = _Scan(self._conversion)
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
        self, place: Place, name: str, entry: Entry, found: dict[str, ReadFile]
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

    def _part(self, place: Place, name: str, key: str, read: ReadFile) -> Part:
        what, _, rest = key.partition("/")
        holder = f"{what}/{name}/{rest}".rpartition("/")[0]
        entries = self.changes.packed_entries(place, holder)
        entry = entries.get(key.rpartition("/")[2], {})
        if read.content is None:
            return Part(described_entry(entry), ASIDE)
        return as_part(entry, read.content)

    def _is_original(self, read: ReadFile) -> bool:
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
        old, new = (
            join(self._root, source),
            join(self._root, target),
        )
        disk.mkdir(new)
        write_ignored(disk, self._root)
        for name in disk.listdir(old):
            if name not in _OWN:
                self._move_aside(join(new, name))
                disk.relocate(join(old, name), join(new, name))

    def _move_aside(self, path: str) -> None:
        """Plan to rename a foreign file that is in the way of control data."""
        disk = self.changes.tree
        if disk.kind(path) is None:
            return
        names = (f"{path}.mine{number or ''}" for number in count())
        kept = next(name for name in names if disk.kind(name) is None)
        disk.relocate(path, kept)
        self.changes.journal.kept.append(kept)

    def undescribe_root(self) -> None:
        """Make files of the descriptions in the root, and move its control data."""
        self._undescribe_all(self.changes.place(self._root))
        self._relocate_control(paths.DATA, paths.CONTROL)

    def undescribe(self, directory: str) -> int:
        """Make files of the descriptions in a directory, except for the root."""
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


class _Scan:
    """Reads extras or annotations on the disk.

    ``looks`` are the signatures of all that are found.  ``is_whole`` says that there
    is nothing else on the disk beside them.
    """

    def __init__(self, conversion: Conversion) -> None:
        self.conversion = conversion
        self.disk = conversion.changes.tree
        self.looks: dict[str, Signature] = {}
        self.is_whole = True

    def parts(self, key: str, special: str) -> Iterator[tuple[str, ReadFile]]:
        """Find the parts of an object, and their own, with their keys."""
        for name in self.disk.listdir(special):
            path = join(special, name)
            kind = self.disk.kind(path)
            if name == paths.CONTROL and kind == "dir":
                yield from self._parts_of_parts(f"{key}/{name}", path)
            elif kind == "file":
                read = self.conversion.read(path, DESCRIBED_SIZE)
                self.looks[path] = read.look
                yield f"{key}/{name}", read
            elif kind == "dir":
                yield from self.parts(f"{key}/{name}", path)
            else:
                self.is_whole = False

    def _parts_of_parts(self, key: str, control: str) -> Iterator[tuple[str, ReadFile]]:
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
