"""A file tree with control data in packs, and parts in descriptions.

Callers use the paths of the layout of 3.6.0.  In the control directory of a
directory these names are *packed*: all in ``Original``, and ``Entries.xml`` and
``Original`` of the control directories of extras and annotations.  They are looked
up as files on the disk first, then in the pack of the directory; in a compact
working copy they are written to the pack unless they are large.  All other names
are those of the tree below.

In a working copy of layout 3 control directories lie elsewhere, see `place`, and so do
extras and annotations, see `described`.  Callers find both by the same paths.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING
from typing import BinaryIO
from typing import NamedTuple

from zope.app.fssync.client.workingcopy.controlpath import SPECIALS
from zope.app.fssync.client.workingcopy.controlpath import located
from zope.app.fssync.client.workingcopy.controlpath import packed_holder
from zope.app.fssync.client.workingcopy.controlpath import part_of
from zope.app.fssync.client.workingcopy.place import BASE
from zope.app.fssync.client.workingcopy.place import Place
from zope.app.fssync.client.workingcopy.place import find_place
from zope.fssync import paths
from zope.fssync.descriptionnames import description_name
from zope.fssync.descriptionnames import is_description
from zope.fssync.descriptionnames import local_name
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import KEPT_PACKS
from zope.fssync.limits import REMEMBERED_DIRECTORIES

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.described import DescribedObject
    from zope.app.fssync.client.workingcopy.pristine import Base
    from zope.fssync.fileinterfaces import IFileTree
    from zope.fssync.metadata import Entries

__all__ = ["CompactTree", "ControlPath", "PackedName", "load_stored"]


class PackedName(NamedTuple):
    """A packed name, and the pack that it may be in."""

    base: Base
    name: str
    holder: str

    @property
    def kind(self) -> str | None:
        if self.name in self.base.index:
            return "file"
        return "dir" if self.name in self.base.directories else None

    @property
    def directory(self) -> str:
        return os.path.join(self.base.control, *filter(None, self.holder.split("/")))


class ControlPath(NamedTuple):
    """A path in a control directory: what it belongs to, and its name there.

    ``path`` is where it is on the disk; ``part`` are the object and the key of what a
    description holds, None for others.
    """

    place: Place
    name: str
    path: str
    part: tuple[str, str] | None
    is_described: bool


class CompactTree:
    """The file tree ``tree`` with packs, to be read; `CompactWriter` changes it."""

    def __init__(self, tree: IFileTree, compact: bool = False) -> None:
        self.tree = tree
        self.compact = compact
        #: By control directory, the last used at the end.
        self._bases: dict[str, Base] = {}
        self._weight = 0
        self._places: dict[str, Place] = {}
        self._roots: dict[str, str | None] = {}
        #: By directory and name, the last used at the end.
        self._objects: dict[tuple[str, str], DescribedObject] = {}
        self._entries: dict[str, Entries] = {}
        #: What descriptions that were read say otherwise than entries do.
        self._edited: dict[str, Entries] = {}
        #: Where what is moved is until all is applied, by its new place.
        self._moved: dict[str, str] = {}
        #: Where what was moved by hand is already, by its old place.
        self._carried: dict[str, str] = {}
        #: Where its control data is until all is applied, by the new place of it.
        self._mirrors: dict[str, str] = {}

    # Bases

    def place(self, directory: str) -> Place:
        """Return the place of the control data of a directory."""
        place = self._places.get(directory)
        if place is None:
            if len(self._places) >= REMEMBERED_DIRECTORIES:
                self._places.clear()
                self._roots.clear()
            real = self.tree.realdir(directory or os.curdir)
            place = find_place(self.tree, real, self._roots)
            for new, old in self._mirrors.items():
                if place.control.startswith(f"{new}{os.sep}"):
                    place.control = old + place.control[len(new) :]
            self._places[directory] = place
        return place

    def is_described(self, directory: str) -> bool:
        """Return whether a directory is in layout 3."""
        return self.place(directory).is_described

    def base(self, directory: str) -> Base:
        """The base of a directory."""
        return self.base_at(self.place(directory))

    def base_at(self, place: Place) -> Base:
        """The base of a directory."""
        control = place.control
        base = self._bases.pop(control, None)
        if base is None:
            # Imported here: what has not changed is not compared with its original.
            from zope.app.fssync.client.workingcopy.pristine import Base

            base = Base(self.tree, control)
            self._weigh(base.weight)
        self._bases[control] = base
        return base

    def _weigh(self, more: int) -> None:
        """Free memory where there is too much in it."""
        self._weight += more
        if self._weight > KEPT_PACKS:
            last = list(self._objects.items())[-1:]
            for key, found in self._objects.items():
                if (key, found) not in last:
                    found.flush()
            self._objects = dict(last)
            self._flush_bases()
            self._bases.clear()
            self._entries.clear()
            self._weight = 0

    def flush(self) -> None:
        """Write what waits."""
        for found in list(self._objects.values()):
            found.flush()
        self._flush_bases()

    def _flush_bases(self) -> None:
        for base in self._bases.values():
            base.flush()

    def _at(self, path: str) -> ControlPath | None:
        """Return what a path in a control directory belongs to; None for others."""
        found = located(path) if paths.CONTROL in path else None
        if found is None:
            return None
        directory, name = found
        place = self.place(directory)
        if not place.is_described:
            return ControlPath(place, name, path, None, False)
        path = os.path.join(place.control, *filter(None, name.split("/")))
        return ControlPath(place, name, path, part_of(name), True)

    def on_disk(self, path: str) -> str:
        """Return where a path is on the disk, if it is there."""
        at = self._at(path)
        if at is None:
            return path
        if at.part is None:
            return at.path
        owner, key = at.part
        return self._object(at.place, owner).file_of(key)

    def _packed(self, at: ControlPath) -> PackedName | None:
        """Return where a control file may be packed; None if it is never packed."""
        holder = packed_holder(at.name) if at.part is None else None
        if holder is None:
            return None
        return PackedName(self.base_at(at.place), at.name, holder)

    def _member(self, at: ControlPath) -> PackedName | None:
        """Return where a control file is packed; None if it is on the disk or lost."""
        packed = self._packed(at)
        if packed is None or packed.kind is None:
            return None
        if self.tree.kind(at.path) is not None:
            return None
        # Without its directory a member does not exist.
        holder = at.place.directory if at.is_described else packed.directory
        return packed if self.tree.kind(holder) == "dir" else None

    # Descriptions

    def stored_entries(self, place: Place) -> Entries:
        """The entries of a directory as they are stored."""
        found = self._entries.get(place.control)
        if found is None:
            path = os.path.join(place.control, paths.ENTRIES)
            found = {}
            if self.tree.kind(path) is not None:
                with self.tree.open(path) as stream:
                    found = load_stored(stream.read(DEFAULT.entries_size + 1), path)
            self._entries[place.control] = found
        return found

    def packed_entries(self, place: Place, holder: str) -> Entries:
        """The entries of a directory of parts as they are stored."""
        base = self.base_at(place)
        name = f"{holder}/{paths.CONTROL}/{paths.ENTRIES}"
        path = os.path.join(place.control, *name.split("/"))
        if name in base.index:
            text = b"".join(base.pieces(name))
        elif self.tree.kind(path) is not None:
            with self.tree.open(path) as stream:
                text = stream.read(DEFAULT.entries_size + 1)
        else:
            return {}
        return load_stored(text, path)

    def type_at(self, place: Place) -> str:
        """Return the type of a directory, as it is stored; empty for the root."""
        if place.directory == place.home:
            return ""
        above, name = os.path.split(place.directory)
        return self.stored_entries(self.place(above)).get(name, {}).get("type", "")

    def _object(self, place: Place, name: str) -> DescribedObject:
        key = place.directory, name
        found = self._objects.pop(key, None)
        if found is None:
            # Imported here: most commands look into no description.
            from zope.app.fssync.client.workingcopy.described import DescribedObject

            found = DescribedObject(self, place, name)
            self._weigh(found.weight)
            if found.edits:
                edited = self._edited.setdefault(place.control, {})
                edited[name] = found.edits
        self._objects[key] = found
        return found

    def described(self, path: str) -> DescribedObject | None:
        """Return the description of an object; None in the older layouts."""
        directory, name = os.path.split(path)
        if name in ("", os.curdir, os.pardir):
            directory, name = os.path.split(os.path.realpath(path))
        place = self.place(directory)
        return self._object(place, name) if place.is_described else None

    def shown(self, path: str) -> str:
        """Return the file where a person finds what is at a path.

        In layout 3 that of an extra or an annotation is a description.
        """
        at = self._at(path)
        if at is None or not at.is_described:
            return path
        found = at.path
        if at.part is not None:
            owner, key = at.part
            found = self._object(at.place, owner).shown(key)
        above = path.partition(paths.CONTROL)[0]
        way = os.path.relpath(found, at.place.directory)
        return os.path.normpath(os.path.join(above, way))

    def has_received_parts(self, path: str) -> bool:
        """Return True if a description says that no extra and no annotation differs.

        It has to be looked at them where the answer is False.
        """
        described = self.described(path)
        return described is not None and described.has_received_parts

    def description_of(self, path: str) -> str:
        """Return the file that describes an object, named as its path is."""
        described = self.described(path)
        if described is not None and described.is_directory:
            return os.path.join(path, description_name(""))
        directory, name = os.path.split(path)
        return os.path.join(directory, description_name(name))

    def owner_of(self, path: str) -> str | None:
        """Return the object that a file describes; None for all other files."""
        directory, name = os.path.split(path)
        if not is_description(name):
            return None
        place = self.place(directory)
        if not place.is_described:
            return None
        if name == description_name(""):
            return directory or os.curdir
        for each in self.stored_entries(place):
            if description_name(each) == name:
                return os.path.join(directory, each)
        return None

    def moved_from(self, path: str) -> str:
        """Return where a real path is until all is applied."""
        found = self._moved.get(path, path)
        return self._carried.get(found, found)

    def is_moved(self, path: str) -> bool:
        """Return whether the object at a real path is registered at another one."""
        return path in self._moved.values() or path in self._carried

    # Looking

    def kind(self, path: str) -> str | None:
        at = self._at(path)
        if at is None:
            found: str | None = self.tree.kind(path)
            return found
        # ControlPath data without their directory do not count.
        if at.is_described and self.tree.kind(at.place.directory) != "dir":
            return None
        if at.part is not None:
            owner, key = at.part
            if self._has_control(at):
                return "dir"
            return self._object(at.place, owner).kind(key)
        kind: str | None = self.tree.kind(at.path)
        if kind is None:
            packed = self._member(at)
            if packed is not None:
                return packed.kind
        if at.is_described:
            if at.name in SPECIALS:
                return "dir" if self._has_control(at) else None
            if kind is None and self._entries_of(at) is not None:
                return "file"
        return kind

    def _has_control(self, at: ControlPath) -> bool:
        """Return whether anything is packed below a directory of parts."""
        base = self.base_at(at.place)
        return at.name in base.directories or self.tree.kind(at.path) == "dir"

    def _holder(self, at: ControlPath) -> tuple[DescribedObject, str] | None:
        """Return the directory of parts whose entries a path holds; None for others."""
        holder, marker, name = at.name.rpartition(f"/{paths.CONTROL}/")
        if not marker or name != paths.ENTRIES or not at.is_described:
            return None
        part = part_of(holder)
        return None if part is None else (self._object(at.place, part[0]), part[1])

    def _entries_of(self, at: ControlPath) -> bytes | None:
        """Return the entries of a directory of parts, if its text was edited."""
        holder = self._holder(at)
        return None if holder is None else holder[0].entries(holder[1])

    def isfile(self, path: str) -> bool:
        return self.kind(path) == "file"

    def isdir(self, path: str) -> bool:
        return self.kind(path) == "dir"

    def exists(self, path: str) -> bool:
        return self.kind(path) is not None

    def file_name(self, name: str, key: str) -> str:
        # In the layout of 3.6.0 names are as 3.6.0 writes them, which pairs the
        # files of both sides by name.
        return local_name(name, key) if self.compact else name

    def folds(self, path: str) -> bool:
        found: bool = self.tree.folds(path)
        return found

    def realdir(self, path: str) -> str:
        found: str = self.tree.realdir(path)
        return found

    def listdir(self, path: str) -> list[str]:
        at = self._at(path)
        if at is None:
            return self._listed(path)
        names = set()
        on_disk = self.tree.kind(at.path)
        if on_disk == "dir" or self.kind(path) != "dir":
            names.update(self.tree.listdir(at.path))
        below = self.base_at(at.place).listdir(at.name)
        if at.name == "":
            names.discard(BASE)
            below = [each for each in below if each in (paths.ORIGINAL, *SPECIALS)]
            if not at.is_described:
                below = [each for each in below if each == paths.ORIGINAL]
        names.update(each for each in below if self.kind(os.path.join(path, each)))
        if at.part is not None:
            owner, key = at.part
            names.update(self._object(at.place, owner).listdir(key))
        return sorted(names)

    def _listed(self, path: str) -> list[str]:
        """List what is in a directory, as in the layout of 3.6.0."""
        names: list[str] = self.tree.listdir(path)
        place = self.place(path)
        if place.home is None:
            return names
        hidden = {paths.DATA} if place.directory == place.home else set()
        names = [n for n in names if n not in hidden and not is_description(n)]
        if self.tree.kind(place.control) == "dir" and paths.CONTROL not in names:
            names = sorted([*names, paths.CONTROL])
        return names

    def open(self, path: str) -> BinaryIO:
        at = self._at(path)
        if at is None:
            found: BinaryIO = self.tree.open(path)
            return found
        if at.part is not None:
            owner, key = at.part
            return self._object(at.place, owner).open(key)
        entries = self._edited_entries(at)
        if entries is not None:
            return io.BytesIO(entries)
        packed = self._member(at)
        if packed is None:
            found = self.tree.open(at.path)
            return found
        return packed.base.open(packed.name)

    def _edited_entries(self, at: ControlPath) -> bytes | None:
        if not at.is_described:
            return None
        if at.name == paths.ENTRIES:
            return self._with_edits(at.place)
        return self._entries_of(at)

    def _with_edits(self, place: Place) -> bytes | None:
        """Return the entries of a directory, where a description says otherwise."""
        edited = self._edited.get(place.control)
        if not edited:
            return None
        # Imported here: not all that look at files look at entries.
        from zope.fssync.metadata import dump_entries

        stored = self.stored_entries(place)
        return dump_entries(
            {name: {**entry, **edited.get(name, {})} for name, entry in stored.items()}
        )

    def size(self, path: str) -> int:
        at = self._at(path)
        if at is None:
            found: int = self.tree.size(path)
            return found
        if at.part is not None:
            owner, key = at.part
            return self._object(at.place, owner).size(key)
        entries = self._edited_entries(at)
        if entries is not None:
            return len(entries)
        packed = self._member(at)
        if packed is None:
            found = self.tree.size(at.path)
            return found
        return packed.base.index[packed.name].size

    def had(self, path: str) -> bool:
        """Return True if a directory is in the pack and lost on the disk."""
        at = self._at(path)
        if at is None or at.is_described or self.tree.kind(path) is not None:
            return False
        return bool(self.base_at(at.place).listdir(at.name))

    def digest(self, path: str) -> str | None:
        """The digest of a packed content, None for what is not packed."""
        at = self._at(path)
        packed = None if at is None else self._member(at)
        return None if packed is None else packed.base.index[packed.name].digest

    def digests(self, directory: str) -> Iterator[tuple[str, str]]:
        """The names of what is packed for a directory, each with its digest."""
        for name, member in self.base(directory).index.items():
            yield name, member.digest

    def modified(self, path: str) -> int:
        at = self._at(path)
        packed = None if at is None else self._member(at)
        where = self.on_disk(path) if packed is None else packed.base.path
        if at is not None and at.part is not None and self.tree.kind(where) is None:
            # The object has no description any more.
            where = self.base_at(at.place).path
        found: int = self.tree.modified(where)
        return found


def load_stored(text: bytes, path: str) -> Entries:
    # Imported here: not all that look at files look at entries.
    from zope.fssync.metadata import load_entries

    return load_entries(text, DEFAULT, path)
