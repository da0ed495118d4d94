"""The places of control data and of descriptions in a working copy.

In layouts 1 and 2 each directory has its control data in `@@Zope`.  In layout 3 all
control data is in `.zsync` at the root: that of the root in it, and that of a
directory in `tree/PATH/@@Zope` below it.

During a conversion the `@@Zope` of a directory counts, as long as it has entries.
"""

from __future__ import annotations

import os
from os.path import join
from typing import TYPE_CHECKING

from zope.fssync import paths

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree

__all__ = [
    "LEFT",
    "Place",
    "control_at",
    "control_of",
    "find_place",
    "is_root",
    "left_at",
    "state_of",
]

#: Below `.zsync` a directory for each one that is registered.
TREE = "tree"

#: What conversions have moved away, in a control directory at the root.
LEFT = "Left"


class Place:
    """The control data of one directory, on the disk.

    ``home`` is the root of the working copy, where that is or becomes one of layout 3,
    and None in others; ``control`` is the directory with the data.  With
    ``is_described`` that is not in the directory.
    """

    __slots__ = ("control", "directory", "home", "is_described")

    def __init__(
        self,
        directory: str,
        control: str,
        home: str | None = None,
        is_described: bool = False,
    ) -> None:
        self.directory = directory
        self.control = control
        self.home = home
        self.is_described = is_described

    def mirror_of(self, name: str) -> str:
        """Return where the data of a directory in this one is, and of all below."""
        if self.directory == self.home:
            return join(self.control, TREE, name)
        return join(self.mirror, name)

    @property
    def mirror(self) -> str:
        """The place of the data of the directory, and of all below."""
        return os.path.dirname(self.control)


def is_root(root: str) -> bool:
    """Does a working copy begin in a directory?"""
    return any(
        os.path.lexists(join(root, name, paths.ROOT))
        for name in (paths.DATA, paths.CONTROL)
    )


def control_of(root: str) -> str:
    """Return the control directory at the root of a working copy."""
    data, control = join(root, paths.DATA), join(root, paths.CONTROL)
    if not os.path.lexists(data):
        return control
    # A conversion that was interrupted ends where it began.
    for name in ("Journal", paths.ROOT):
        for place in (control, data):
            if os.path.lexists(join(place, name)):
                return place
    return data


def left_at(root: str) -> list[str]:
    """Return the directories with what conversions have moved away."""
    places = (join(root, name, LEFT) for name in (paths.DATA, paths.CONTROL))
    return [place for place in places if os.path.lexists(place)]


def state_of(root: str) -> str:
    """Return the file with the states of the server that were received."""
    return join(control_of(root), "State")


def control_at(root: str, place: str) -> str:
    """Return the control directory of a directory, a path below the root."""
    own = join(root, place, paths.CONTROL)
    if not os.path.lexists(join(root, paths.DATA)):
        return own
    if os.path.lexists(join(own, paths.ENTRIES)):
        return own
    if place == os.curdir:
        return join(root, paths.DATA)
    return _mirrored(root, place)


def _mirrored(root: str, place: str) -> str:
    return join(root, paths.DATA, TREE, place, paths.CONTROL)


def find_place(files: IFileTree, directory: str, roots: dict[str, str | None]) -> Place:
    """Return where the control data of a directory is, a real path.

    ``roots`` remembers where the working copies of layout 3 begin.
    """
    own = join(directory, paths.CONTROL)
    root = _root_of(files, directory, roots)
    if root is None or files.kind(join(own, paths.ENTRIES)) is not None:
        return Place(directory, own, root)
    if directory == root:
        return Place(directory, join(root, paths.DATA), root, True)
    place = os.path.relpath(directory, root)
    return Place(directory, _mirrored(root, place), root, True)


def _root_of(
    files: IFileTree, directory: str, roots: dict[str, str | None]
) -> str | None:
    """Return the root of the working copy of layout 3 that a directory is in."""
    way, found = [], None
    while directory not in roots:
        way.append(directory)
        parent = os.path.dirname(directory)
        if files.kind(join(directory, paths.DATA)) == "dir":
            found = directory
            break
        if parent == directory or files.exists(
            join(directory, paths.CONTROL, paths.ROOT)
        ):
            break
        directory = parent
    else:
        found = roots[directory]
    roots.update(dict.fromkeys(way, found))
    return found


# Descriptions
