"""Old control data, which a conversion has read and moved away.

A directory of it is moved away in one step of the journal, however much is in it, and
removed when all that was made of it is there.  What its files looked like when they
were read is written down beside it, and moved there in the same plan.  So whoever
removes it, after an interruption another command, finds the edits of the last moment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from collections.abc import Mapping
from os.path import join

from zope.app.fssync.client.workingcopy.journal import safe_parts
from zope.app.fssync.client.workingcopy.place import LEFT
from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.client.workingcopy.place import left_at
from zope.app.fssync.client.workingcopy.staging import Changes
from zope.fssync import paths
from zope.fssync.errors import MetadataDamaged
from zope.fssync.files import Signature
from zope.fssync.files import Tree
from zope.fssync.files import open_regular
from zope.fssync.files import replace
from zope.fssync.files import signature_at
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SIZES
from zope.fssync.terminal import escape

__all__ = ["Left", "remove_all"]

#: The file in each batch that says what was read.
_READ = "Read"

#: What reading a damaged one raises.
_DAMAGES = (ValueError, TypeError, KeyError, RecursionError, FileNotFoundError)


class Left:
    """The files that one plan of the journal moves away."""

    def __init__(self, changes: Changes, root: str) -> None:
        self.changes = changes
        self.root = root
        self._batch = ""
        #: Where each directory was, and the files that were read of it.
        self._taken: list[tuple[str, Mapping[str, Signature]]] = []

    def take(self, path: str, read: Mapping[str, Signature]) -> None:
        """Plan to move a directory away.

        ``read`` are the signatures of its files when they were read, by their paths.
        """
        if not self._batch:
            self._batch = self._begin()
        self.changes.relocate(path, join(self._batch, str(len(self._taken))))
        self._taken.append((path, read))

    def _begin(self) -> str:
        """Make a directory whose name is free: there may be others, of before."""
        place, number = join(control_of(self.root), LEFT), 0
        while self.changes.exists(join(place, str(number))):
            number += 1
        batch = join(place, str(number))
        self.changes.mkdir(batch)
        return batch

    def note(self) -> None:
        """Plan to write down what was read; due before the changes are applied."""
        if self._batch:
            self.changes.write(join(self._batch, _READ), self._lines())
            self._batch, self._taken = "", []

    def _lines(self) -> Iterator[bytes]:
        for number, (path, read) in enumerate(self._taken):
            place = os.path.relpath(path, self.root).replace(os.sep, "/")
            yield _line(number, place, None)
            for file, look in read.items():
                name = file[len(path) + 1 :].replace(os.sep, "/")
                yield _line(number, name, look)


def _line(number: int, path: str, look: Signature | None) -> bytes:
    return json.dumps([str(number), path, look]).encode("ascii") + b"\n"


def remove_all(root: str) -> list[str]:
    """Remove all that conversions have moved away.

    What was edited since it was read, or is new, gets beside the object that it belongs
    to; the paths are returned.
    """
    tree = Tree(root)
    kept: list[str] = []
    for place in left_at(root):
        # Links are left alone.
        if tree.isdir(os.path.dirname(place)) and tree.isdir(place):
            for batch in tree.listdir(place):
                kept.extend(_Batch(root, join(place, batch)).remove())
            tree.rmdir(place)
    return kept


class _Batch:
    """The files that one plan has moved away, on the disk."""

    def __init__(self, root: str, path: str) -> None:
        self.root = root
        self.path = path
        self._tree = Tree(root)
        #: Where each directory was, as the parts of a path below the root.
        self._origins: dict[str, list[str]] = {}
        self._looks: dict[str, Signature] = {}

    def remove(self) -> Iterator[str]:
        """Remove it; yield where the edits of the last moment are kept."""
        tree = self._tree
        if not tree.isdir(self.path):
            return
        names = [n for n in tree.listdir(self.path) if tree.isdir(join(self.path, n))]
        if names:
            self._load()
        for name in names:
            directory = join(self.path, name)
            yield from self._keep_edits(name, directory)
            tree.rmtree(directory)
        # Remove the list last: without it edits cannot be recognized.
        read = join(self.path, _READ)
        if tree.isfile(read):
            tree.remove(read)
        tree.rmdir(self.path)

    def _load(self) -> None:
        read = join(self.path, _READ)
        try:
            with open_regular(read) as stream:
                for line in iter(lambda: stream.readline(SIZES.plan_line), b""):
                    self._note(*json.loads(line))
        except _DAMAGES as error:
            raise self._damaged() from error

    def _note(self, number: str, path: str, look: Signature | None) -> None:
        if look is not None:
            self._looks[f"{number}/{path}"] = look
            return
        parts = safe_parts(path)
        if paths.CONTROL not in parts:
            raise ValueError("no control data")
        self._origins[number] = parts

    def _damaged(self) -> MetadataDamaged:
        return MetadataDamaged(
            f"not known what was converted of {escape(self.path)}",
            path=self.path,
            advice="Move that folder away; it holds control data of before.",
        )

    def _keep_edits(self, name: str, directory: str) -> Iterator[str]:
        for found in _files_in(self._tree, directory):
            way = found[len(self.path) + 1 :].replace(os.sep, "/")
            if signature_at(found) == self._looks.get(way):
                continue
            if name not in self._origins:
                raise self._damaged()
            yield self._keep(found, [*self._origins[name], *way.split("/")[1:]])

    def _keep(self, found: str, parts: list[str]) -> str:
        """Move a file out of what is removed; return its new path."""
        at = parts.index(paths.CONTROL)
        directory = self.root
        for part in parts[:at]:
            # Its directory may have been removed.
            if not self._tree.isdir(join(directory, part)):
                break
            directory = join(directory, part)
        name = ".".join(parts[at + 2 :])
        kept = next(p for p in _names(directory, name) if not os.path.lexists(p))
        replace(found, kept)
        return kept


def _files_in(tree: Tree, directory: str) -> Iterator[str]:
    """Yield all in a directory that is none."""
    for name in tree.listdir(directory):
        path = join(directory, name)
        if tree.isdir(path):
            yield from _files_in(tree, path)
        else:
            yield path


def _names(directory: str, name: str) -> Iterator[str]:
    suffix, number = ".mine", 1
    while True:
        # The parts of a path may be too long for one name.
        room = DEFAULT.name_size - len(suffix)
        yield join(directory, os.fsdecode(os.fsencode(name)[:room]) + suffix)
        number += 1
        suffix = f".mine{number}"
