"""Change a file tree with control data in packs, and parts in descriptions.

Verbs that only look need nothing of it: `CompactTree` reads.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.compact import ControlPath
from zope.app.fssync.client.workingcopy.compact import PackedName
from zope.app.fssync.client.workingcopy.compact import load_stored
from zope.app.fssync.client.workingcopy.place import BASE
from zope.app.fssync.client.workingcopy.place import Place
from zope.fssync import paths
from zope.fssync.contracts import keeps
from zope.fssync.descriptionnames import aside_name
from zope.fssync.descriptionnames import description_name
from zope.fssync.limits import UNPACKED_SIZE
from zope.fssync.streams import beginning
from zope.fssync.streams import chunks

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.described import DescribedObject
    from zope.fssync.fileinterfaces import IFileTree

__all__ = ["CompactWriter"]


@keeps("zope.fssync.fileinterfaces.IFileTree")
class CompactWriter(CompactTree):
    """A tree that is changed: what is packed gets into packs if it is ``compact``.

    What is written waits in memory, at most a few megabytes, until `flush`.
    """

    def __init__(self, tree: IFileTree, compact: bool = False) -> None:
        super().__init__(tree, compact)
        #: Descriptions of what was unregistered, and stays unless its directory goes.
        self._loose: dict[str, set[str]] = {}

    def forget(self) -> None:
        """Drop what waits and what was read."""
        for known in (
            self._places,
            self._roots,
            self._bases,
            self._objects,
            self._entries,
            self._edited,
            self._loose,
            self._moved,
            self._carried,
            self._mirrors,
        ):
            known.clear()
        self._weight = 0

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        at = self._at(path)
        if at is None:
            self._write_content(path, chunks)
            return
        if at.part is not None:
            owner, key = at.part
            self._weigh(self._object(at.place, owner).write(key, chunks))
            return
        if at.is_described and at.name == paths.ENTRIES:
            self._write_entries(at.place, at.path, b"".join(chunks))
            return
        packed = self._packed(at)
        if packed is None:
            self._make_directory(os.path.dirname(path))
            self.tree.write(at.path, chunks)
            return
        if self.compact or at.is_described:
            rest = iter(chunks)
            content = beginning(rest, UNPACKED_SIZE)
            if len(content) <= UNPACKED_SIZE:
                self._pack(packed, at, content)
                self._touch(at)
                return
            chunks = chain([content], rest)
        self.tree.write(at.path, chunks)
        if packed.name in packed.base.index:
            packed.base.remove(packed.name)

    def _write_content(self, path: str, chunks: Iterable[bytes]) -> None:
        directory, name = os.path.split(path)
        place = self.place(directory)
        found = None
        if place.is_described and self.tree.kind(path) is None:
            # With a file that was lost its description comes back.
            found = self._object(place, name)
        self.tree.write(path, chunks)
        if found is not None:
            found.touch()

    def _write_entries(self, place: Place, path: str, text: bytes) -> None:
        """Write the entries of a directory, and describe what has changed in them."""
        before, after = self.stored_entries(place), load_stored(text, path)
        changed = [
            name for name in {**before, **after} if before.get(name) != after.get(name)
        ]
        # Edits in a description are found by comparing it with the entry before.
        found = [self._object(place, name) for name in changed]
        for name in changed:
            if before.get(name, {}).get("type") != after.get(name, {}).get("type"):
                found.extend(self._implied_in(os.path.join(place.directory, name)))
        self.tree.write(path, [text])
        self._entries[place.control] = after
        for each in found:
            each.touch()

    def _implied_in(self, directory: str) -> Iterator[DescribedObject]:
        """Find what describes the items of a directory, whose type implies it."""
        if self.tree.kind(directory) != "dir":
            return
        place = self.place(directory)
        if place.is_described:
            for name in self.stored_entries(place):
                yield self._object(place, name)

    def _touch(self, at: ControlPath) -> None:
        """Note that entries of parts have changed."""
        holder = self._holder(at)
        if holder is not None:
            holder[0].touch()

    def pack(self, path: str, content: bytes) -> None:
        """Write a packed name, whatever its size; nothing is described anew."""
        at = self._at(path)
        packed = None if at is None else self._packed(at)
        assert at is not None
        assert packed is not None
        self._pack(packed, at, content)

    def _pack(self, packed: PackedName, at: ControlPath, content: bytes) -> None:
        if not at.is_described:
            self._make_directory(packed.directory)
        elif self.tree.kind(at.place.control) is None:
            self.tree.mkdir(at.place.control)
        if self.tree.kind(at.path) is not None:
            self.tree.remove(at.path)
        packed.base.write(packed.name, content)
        self._weigh(len(content))

    def hold(self, place: Place, name: str, content: bytes) -> None:
        """Pack a name, whatever is on the disk in its place."""
        self.base_at(place).write(name, content)
        self._weigh(len(content))

    def _make_directory(self, path: str) -> None:
        """Make a directory on the disk, without the members of a former one."""
        at = self._at(path)
        where = path if at is None else at.path
        if self.tree.kind(where) is not None:
            return
        if at is not None and not (at.is_described and at.name):
            self.base_at(at.place).remove_below(at.name)
        self.tree.mkdir(where)

    def keep(self, path: str, content: bytes) -> None:
        at = self._at(path)
        if at is None or not (self.compact or at.is_described):
            return
        packed = self._packed(at)
        if packed is None or packed.name != paths.RECEIVED:
            return
        if content:
            # 3.6.0 has no such file, however large it is.
            self._pack(packed, at, content)
        elif self.kind(path) is not None:
            self.remove(path)

    def remove(self, path: str) -> None:
        at = self._at(path)
        if at is None:
            self.tree.remove(path)
            return
        if at.part is not None:
            owner, key = at.part
            self._object(at.place, owner).remove(key)
            return
        packed = self._packed(at)
        known = packed is not None and packed.name in packed.base.index
        if not known or self.tree.kind(at.path) is not None:
            self.tree.remove(at.path)
        if packed is not None and known:
            packed.base.remove(packed.name)
            self._touch(at)

    def mkdir(self, path: str) -> None:
        at = self._at(path)
        if at is None:
            self._make_content(path)
        elif at.part is not None:
            owner, key = at.part
            self._object(at.place, owner).make(key)
        elif at.is_described:
            if self.tree.kind(at.place.control) is None:
                self.tree.mkdir(at.place.control)
        else:
            packed = self._packed(at) if self.compact else None
            self._make_directory(path if packed is None else packed.directory)

    def _make_content(self, path: str) -> None:
        """Make a directory of content, of which nothing is known yet."""
        found = None
        if self.tree.kind(path) is None:
            place = self.place(path)
            if place.is_described:
                found = self.described(place.directory)
                if self.tree.kind(place.mirror) == "dir":
                    self._forget_below(place)
                    self.tree.rmtree(place.mirror)
        self.tree.mkdir(path)
        if found is not None:
            found.touch()

    def _forget_below(self, place: Place) -> None:
        """Drop what is known of a directory and of all below."""
        for known in (self._bases, self._entries):
            for control in list(known):
                if f"{control}{os.sep}".startswith(f"{place.mirror}{os.sep}"):
                    del known[control]
        for key in list(self._objects):
            if f"{key[0]}{os.sep}".startswith(f"{place.directory}{os.sep}"):
                del self._objects[key]

    def rmdir(self, path: str) -> bool:
        if self.listdir(path):
            return False
        at = self._at(path)
        if at is None:
            place = self.place(path)
            if place.is_described:
                self._remove_hidden(place)
        elif at.part is not None:
            at_object = self._object(at.place, at.part[0])
            at_object.remove_below(at.part[1])
            return True
        else:
            # Remove the empty pack from an empty control directory.
            self._flush_bases()
        where = path if at is None else at.path
        return self.tree.kind(where) is None or self.tree.rmdir(where)

    def _remove_hidden(self, place: Place) -> None:
        """Remove the descriptions and the control data of an empty directory."""
        loose = self._loose.pop(place.directory, set())
        for own in (description_name(""), aside_name("")):
            loose.add(os.path.join(place.directory, own))
        for path in sorted(loose):
            self._remove(path)
        above, name = os.path.split(place.directory)
        self._objects.pop((above, name), None)
        if place.directory != place.home and self.tree.kind(place.mirror) == "dir":
            self._forget_below(place)
            self.tree.rmtree(place.mirror)

    def _remove(self, path: str) -> None:
        """Remove a description, or what lies aside, if it is there."""
        kind = self.tree.kind(path)
        if kind == "dir":
            self.tree.rmtree(path)
        elif kind is not None:
            self.tree.remove(path)

    def rmtree(self, path: str) -> None:
        at = self._at(path)
        if at is None:
            self.tree.rmtree(path)
            return
        if at.is_described and at.name == "":
            self._loosen(at.place)
        if at.part is not None:
            self._object(at.place, at.part[0]).remove_below(at.part[1])
        self.base_at(at.place).remove_below(at.name)
        if self.tree.kind(at.path) is not None:
            real = self.tree.realdir(at.path)
            for control in list(self._bases):
                if f"{control}{os.sep}".startswith(f"{real}{os.sep}"):
                    del self._bases[control]
                    self._entries.pop(control, None)
            self.tree.rmtree(at.path)

    def _loosen(self, place: Place) -> None:
        """Remove the descriptions of a directory whose control data goes.

        That of a file which stays is left beside it.
        """
        for name in self.stored_entries(place):
            found = self._object(place, name)
            path = os.path.join(place.directory, name)
            for each in (found.path, found.asides):
                if self.tree.kind(path) is None:
                    self._remove(each)
                else:
                    self._loose.setdefault(place.directory, set()).add(each)
            self._objects.pop((place.directory, name), None)

    # Repairing

    def spoiled(self, directory: str) -> list[str]:
        """The packed names of a directory whose content is not what was written.

        Raises `MetadataDamaged` or `UnsafeData` where the file is not a pack.
        """
        base = self.base(directory)
        return [name for name in base.index if base.is_spoiled(name)]

    def drop_edits(self, path: str) -> dict[str, str | None]:
        """Take back what was edited in an entry; return what it says then."""
        described = self.described(path)
        if described is None or not described.edits:
            return {}
        place, name = described.place, described.name
        stored = self.stored_entries(place)[name]
        before = {key: stored.get(key) for key in described.edits}
        described.drop_edits()
        del self._edited[place.control][name]
        return before

    def set_base_aside(self, directory: str) -> str:
        """Move a pack that cannot be read out of the way; returns where to."""
        path = os.path.join(self.place(directory).control, BASE)
        moved = f"{path}.damaged"
        if self.tree.isfile(path):
            with self.tree.open(path) as stream:
                self.tree.write(moved, chunks(stream))
        self.tree.remove(path)
        return moved

    def drop(self, directory: str, names: Iterable[str]) -> None:
        """Forget packed contents."""
        base = self.base(directory)
        for name in names:
            base.remove(name)
