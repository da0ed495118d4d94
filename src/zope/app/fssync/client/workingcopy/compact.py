"""A file tree that keeps the control data that nobody edits in packs.

Callers use the paths of the layout of 3.6.0.  In the control directory of a
directory these names are *packed*: all in ``Original``, and ``Entries.xml`` and
``Original`` of the control directories of extras and annotations.  They are looked
up as files on the disk first, then in the pack of the directory; in a compact
working copy they are written to the pack unless they are large.  All other names
are those of the tree below.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO
from typing import NamedTuple

from zope.interface import implementer

from zope.app.fssync.client.workingcopy.pristine import BASE
from zope.app.fssync.client.workingcopy.pristine import Base
from zope.app.fssync.client.workingcopy.staging import Changes
from zope.fssync import files
from zope.fssync import paths
from zope.fssync.fileinterfaces import IFileTree
from zope.fssync.limits import KEPT_PACKS
from zope.fssync.limits import REMEMBERED_DIRECTORIES
from zope.fssync.limits import UNPACKED_SIZE

__all__ = ["CompactChanges", "CompactTree", "packed_holder"]


_marker = f"{os.sep}{paths.CONTROL}{os.sep}"


def _located(path: str) -> tuple[str, str] | None:
    """The directory whose control directory ``path`` is in, and the name there.

    The name has slashes and is empty for the control directory itself.
    """
    if paths.CONTROL not in path:
        return None
    # With something at both ends the control directory is found everywhere.
    directory, marker, name = f"{os.sep}{path}{os.sep}".partition(_marker)
    if not marker:
        return None
    top = path[: path.startswith(os.sep)]
    return directory[1:] or top, name[:-1].replace(os.sep, "/")


def packed_holder(name: str) -> str | None:
    """The directory on the disk that a packed name belongs to.

    None if this is not a packed name.
    """
    parts = name.split("/")
    if paths.CONTROL not in parts:
        return "" if parts[0] in (paths.ORIGINAL, paths.RECEIVED) else None
    last = len(parts) - 1 - parts[::-1].index(paths.CONTROL)
    if parts[last + 1 : last + 2] in ([], [paths.ENTRIES], [paths.ORIGINAL]):
        return "/".join(parts[:last])
    return None


class _Packed(NamedTuple):
    """A packed name, and the pack that it may be in."""

    base: Base
    name: str
    holder: str

    @property
    def kind(self) -> str | None:
        return "file" if self.name in self.base.index else self.base.kind(self.name)

    @property
    def directory(self) -> str:
        return os.path.join(self.base.control, *filter(None, self.holder.split("/")))


@implementer(IFileTree)
class CompactTree:
    """The file tree ``tree`` with packs; ``compact`` ones are written to.

    What is written waits in memory, at most a few megabytes, until `flush`.
    """

    def __init__(self, tree: IFileTree, compact: bool = False) -> None:
        self.tree = tree
        self.compact = compact
        #: By control directory, the last used at the end.
        self._bases: dict[str, Base] = {}
        self._weight = 0
        self._controls: dict[str, str] = {}

    # Bases

    def base(self, directory: str) -> Base:
        """The base of a directory."""
        control = self._controls.get(directory)
        if control is None:
            if len(self._controls) >= REMEMBERED_DIRECTORIES:
                self._controls.clear()
            real = self.tree.realdir(directory or os.curdir)
            control = self._controls[directory] = os.path.join(real, paths.CONTROL)
        base = self._bases.pop(control, None)
        if base is None:
            base = Base(self.tree, control)
            self._weigh(base.weight)
        self._bases[control] = base
        return base

    def _weigh(self, more: int) -> None:
        """Free memory where there is too much in it."""
        self._weight += more
        if self._weight > KEPT_PACKS:
            self.flush()
            self._bases.clear()
            self._weight = 0

    def flush(self) -> None:
        """Write what waits."""
        for base in self._bases.values():
            base.flush()

    def forget(self) -> None:
        """Drop what waits and what was read."""
        self._controls.clear()
        self._bases.clear()
        self._weight = 0

    def _packed(self, path: str) -> _Packed | None:
        found = _located(path)
        if found is None:
            return None
        holder = packed_holder(found[1])
        if holder is None:
            return None
        return _Packed(self.base(found[0]), found[1], holder)

    def _member(self, path: str) -> _Packed | None:
        """Return where ``path`` is packed; None if it is not, or is on the disk."""
        packed = self._packed(path)
        if packed is None or packed.kind is None:
            return None
        holder = packed.directory
        if self.tree.kind(path) is not None or self.tree.kind(holder) != "dir":
            # Without its directory a member does not exist.
            return None
        return packed

    # Looking

    def kind(self, path: str) -> str | None:
        packed = self._member(path)
        return self.tree.kind(path) if packed is None else packed.kind

    def isfile(self, path: str) -> bool:
        return self.kind(path) == "file"

    def isdir(self, path: str) -> bool:
        return self.kind(path) == "dir"

    def exists(self, path: str) -> bool:
        return self.kind(path) is not None

    def file_name(self, name: str, key: str) -> str:
        # In the layout of 3.6.0 names are as 3.6.0 writes them, which pairs the
        # files of both sides by name.
        return paths.file_name(name, key) if self.compact else name

    def folds(self, path: str) -> bool:
        found: bool = self.tree.folds(path)
        return found

    def realdir(self, path: str) -> str:
        found: str = self.tree.realdir(path)
        return found

    def listdir(self, path: str) -> list[str]:
        names = set()
        if self.tree.kind(path) == "dir" or self.kind(path) != "dir":
            names.update(self.tree.listdir(path))
        found = _located(path)
        if found is not None:
            directory, name = found
            below = self.base(directory).listdir(name)
            if name == "":
                names.discard(BASE)
                below = [each for each in below if each == paths.ORIGINAL]
            names.update(each for each in below if self.kind(os.path.join(path, each)))
        return sorted(names)

    def open(self, path: str) -> BinaryIO:
        packed = self._member(path)
        if packed is None:
            found: BinaryIO = self.tree.open(path)
            return found
        return packed.base.open(packed.name)

    def size(self, path: str) -> int:
        packed = self._member(path)
        if packed is None:
            found: int = self.tree.size(path)
            return found
        return packed.base.index[packed.name].size

    def had(self, path: str) -> bool:
        """Return True if a directory is in the pack and lost on the disk."""
        found = _located(path)
        if found is None or self.tree.kind(path) is not None:
            return False
        return bool(self.base(found[0]).listdir(found[1]))

    def set_base_aside(self, directory: str) -> str:
        """Move a pack that cannot be read out of the way; returns where to."""
        control = os.path.join(self.tree.realdir(directory), paths.CONTROL)
        path = os.path.join(control, BASE)
        moved = f"{path}.damaged"
        if self.tree.isfile(path):
            with self.tree.open(path) as stream:
                self.tree.write(moved, files.chunks(stream))
        self.tree.remove(path)
        return moved

    def digest(self, path: str) -> str | None:
        """The digest of a packed content, None for what is not packed."""
        packed = self._member(path)
        return None if packed is None else packed.base.index[packed.name].digest

    def digests(self, directory: str) -> Iterator[tuple[str, str]]:
        """The names of what is packed for a directory, each with its digest."""
        for name, member in self.base(directory).index.items():
            yield name, member.digest

    def modified(self, path: str) -> int:
        packed = self._member(path)
        found: int = self.tree.modified(path if packed is None else packed.base.path)
        return found

    # Verifying

    def spoiled(self, directory: str) -> list[str]:
        """The packed names of a directory whose content is not what was written.

        Raises `MetadataDamaged` or `UnsafeData` where the file is not a pack.
        """
        base = self.base(directory)
        return [name for name in base.index if base.is_spoiled(name)]

    def drop(self, directory: str, names: Iterable[str]) -> None:
        """Forget packed contents."""
        base = self.base(directory)
        for name in names:
            base.remove(name)

    # Changing

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        packed = self._packed(path)
        if packed is None:
            if paths.CONTROL in path:
                self._make_directory(os.path.dirname(path))
            self.tree.write(path, chunks)
            return
        if self.compact:
            rest = iter(chunks)
            content = _beginning(rest)
            if len(content) <= UNPACKED_SIZE:
                self._pack(packed, path, content)
                return
            chunks = chain([content], rest)
        self.tree.write(path, chunks)
        if packed.name in packed.base.index:
            packed.base.remove(packed.name)

    def _pack(self, packed: _Packed, path: str, content: bytes) -> None:
        self._make_directory(packed.directory)
        if self.tree.kind(path) is not None:
            self.tree.remove(path)
        packed.base.write(packed.name, content)
        self._weigh(len(content))

    def _make_directory(self, path: str) -> None:
        """Make a directory on the disk, without the members of a former one."""
        if self.tree.kind(path) is not None:
            return
        found = _located(path)
        if found is not None:
            self.base(found[0]).remove_below(found[1])
        self.tree.mkdir(path)

    def keep(self, path: str, content: bytes) -> None:
        packed = self._packed(path)
        if not self.compact or packed is None or packed.name != paths.RECEIVED:
            return
        if content:
            # 3.6.0 has no such file, however large it is.
            self._pack(packed, path, content)
        elif self.kind(path) is not None:
            self.remove(path)

    def remove(self, path: str) -> None:
        packed = self._packed(path)
        known = packed is not None and packed.name in packed.base.index
        if not known or self.tree.kind(path) is not None:
            self.tree.remove(path)
        if packed is not None and known:
            packed.base.remove(packed.name)

    def mkdir(self, path: str) -> None:
        packed = self._packed(path)
        if packed is not None and self.compact:
            self._make_directory(packed.directory)
        else:
            self._make_directory(path)

    def rmdir(self, path: str) -> bool:
        if self.listdir(path):
            return False
        if _located(path) is not None:
            # The pack of an empty control directory is in the way.
            self.flush()
        return self.tree.kind(path) is None or self.tree.rmdir(path)

    def rmtree(self, path: str) -> None:
        found = _located(path)
        if found is not None:
            self.base(found[0]).remove_below(found[1])
        if self.tree.kind(path) is not None:
            real = self.tree.realdir(path)
            for control in list(self._bases):
                if f"{control}{os.sep}".startswith(f"{real}{os.sep}"):
                    del self._bases[control]
            self.tree.rmtree(path)


class CompactChanges(CompactTree):
    """Staged changes of a tree with packs."""

    tree: Changes

    def __init__(self, changes: Changes, compact: bool) -> None:
        super().__init__(changes, compact)
        self.journal = changes.journal

    def relocate(self, path: str, target: str) -> None:
        """See `Changes.relocate`; what is packed for it is not moved."""
        self.tree.relocate(path, target)

    def edited(self) -> list[str]:
        """See `Changes.edited`."""
        self.flush()
        return self.tree.edited()

    def apply(self) -> list[str]:
        """See `Changes.apply`."""
        self.flush()
        return self.tree.apply()

    def restart(self) -> None:
        """See `Changes.restart`."""
        self.forget()
        self.tree.restart()

    def abandon(self) -> None:
        """See `Changes.abandon`."""
        self.forget()
        self.tree.abandon()


def _beginning(chunks: Iterator[bytes]) -> bytes:
    """Return the first chunks, up to the one that exceeds `UNPACKED_SIZE`."""
    parts, size = [], 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > UNPACKED_SIZE:
            break
    return b"".join(parts)
