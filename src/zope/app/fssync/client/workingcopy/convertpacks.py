"""Pack the control data of a working copy of 3.6.0, and unpack them again."""

from __future__ import annotations

from os.path import join

from zope.app.fssync.client.workingcopy.controlpath import packed_holder
from zope.app.fssync.client.workingcopy.conversion import Conversion
from zope.app.fssync.client.workingcopy.conversion import ReadFile
from zope.app.fssync.client.workingcopy.place import Place
from zope.app.fssync.client.workingcopy.pristine import Base
from zope.fssync import paths
from zope.fssync.limits import UNPACKED_SIZE
from zope.fssync.streams import chunks

__all__ = ["PackConverter"]


class PackConverter:
    """Convert control data between files of their own and packs."""

    def __init__(self, conversion: Conversion) -> None:
        self.changes = conversion.changes
        self.left = conversion.left
        self._conversion = conversion

    def pack(self, directory: str) -> int:
        """Move the files that belong into the pack there."""
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

    def _all_small(self, path: str, name: str) -> dict[str, ReadFile] | None:
        """Read all files below a directory, if all of them get into the pack."""
        disk = self.changes.tree
        found: dict[str, ReadFile] = {}
        for child in disk.listdir(path):
            below, packed = join(path, child), f"{name}/{child}"
            kind = disk.kind(below)
            if kind == "file":
                read = self._conversion.read(below, UNPACKED_SIZE)
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

    def _pack_all(self, place: Place, path: str, small: dict[str, ReadFile]) -> int:
        for name, read in small.items():
            assert read.content is not None
            self.changes.hold(place, name, read.content)
        self.left.take(path, {read.path: read.look for read in small.values()})
        return len(small)

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

    def _is_left(self, base: Base, holder: str) -> bool:
        """Return True if the directory of a packed name is gone."""
        return not self.changes.tree.isdir(join(base.control, *holder.split("/")))
