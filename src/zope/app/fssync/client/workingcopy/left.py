"""Control data that a conversion has read, and that nobody needs any more.

A directory of it is moved away in one step of the journal, however much is in it, and
removed when all that was made of it is there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from collections.abc import Mapping
from os.path import join

from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.client.workingcopy.staging import Changes
from zope.fssync import paths
from zope.fssync.files import Signature
from zope.fssync.files import Tree
from zope.fssync.files import replace
from zope.fssync.files import signature_at

__all__ = ["LEFT", "Left", "remove_all"]

#: The directory for it in the control directory of the root.
LEFT = "Left"


class Left:
    """What is moved away until `remove`."""

    def __init__(self, changes: Changes, root: str) -> None:
        self.changes = changes
        self.root = root
        #: Where each directory was, and the files that were read of it.
        self._taken: dict[str, tuple[str, Mapping[str, Signature]]] = {}
        self._number = 0

    def take(self, path: str, read: Mapping[str, Signature]) -> None:
        """Plan to move a directory away.

        ``read`` are the signatures of its files when they were read, by their paths.
        """
        place = join(control_of(self.root), LEFT)
        self.changes.mkdir(place)
        target = join(place, str(self._number))
        while self.changes.exists(target):
            self._number += 1
            target = join(place, str(self._number))
        self._number += 1
        self.changes.relocate(path, target)
        self._taken[target] = path, read

    def remove(self) -> list[str]:
        """Remove what was moved away; return where edits of the last moment are kept.

        Such a file gets beside the object that it belongs to.
        """
        kept = []
        for target, (path, read) in self._taken.items():
            for found in _files_in(Tree(self.root), target):
                way = path + found[len(target) :]
                if signature_at(found) != read.get(way):
                    kept.append(_keep(found, way))
        self._taken.clear()
        remove_all(self.root)
        return kept


def remove_all(root: str) -> None:
    """Remove all that conversions have moved away."""
    tree = Tree(root)
    for name in (paths.DATA, paths.CONTROL):
        path = join(root, name, LEFT)
        if tree.isdir(path):
            tree.rmtree(path)


def _files_in(tree: Tree, directory: str) -> Iterator[str]:
    """Yield all in a directory that is none."""
    for name in tree.listdir(directory):
        path = join(directory, name)
        if tree.isdir(path):
            yield from _files_in(tree, path)
        else:
            yield path


def _keep(found: str, path: str) -> str:
    """Move a file out of what is removed; return its new path."""
    directory, _, way = path.partition(f"{os.sep}{paths.CONTROL}{os.sep}")
    name = ".".join(way.split(os.sep)[1:])
    kept = next(p for p in _names(join(directory, name)) if not os.path.lexists(p))
    replace(found, kept)
    return kept


def _names(path: str) -> Iterator[str]:
    yield f"{path}.mine"
    number = 2
    while True:
        yield f"{path}.mine{number}"
        number += 1
