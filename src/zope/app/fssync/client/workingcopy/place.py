"""The places of control data and of descriptions in a working copy.

In layouts 1 and 2 each directory has its control data in `@@Zope`.  In layout 3 all
control data is in `.zsync` at the root: that of the root in it, and that of a
directory in `tree/PATH/@@Zope` below it.  It may be elsewhere, see `outside`.

During a conversion the `@@Zope` of a directory counts, as long as it has entries.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from os.path import join
from typing import TYPE_CHECKING

from zope.fssync import paths

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree

__all__ = [
    "BASE",
    "LEFT",
    "POINTER",
    "ROOT_ADVICE",
    "Place",
    "below",
    "control_at",
    "control_in",
    "control_of",
    "data_of",
    "described_data",
    "find_place",
    "is_outside",
    "is_root",
    "journal_of",
    "left_at",
    "names_of",
    "staging_of",
    "state_of",
]

#: What to do where a root of a working copy is named for an object.
ROOT_ADVICE = (
    "The root of a working copy is no object of the server. Name one of the "
    "directories in it."
)

#: The pack in a control directory, see `pristine`.
BASE = "Base"

#: Below `.zsync` a directory for each one that is registered.
TREE = "tree"

#: What conversions have moved away, in a control directory at the root.
LEFT = "Left"

#: In `.zsync`: where the control data is, if it is outside.
POINTER = "Control"


_journal = "Journal"


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
    """Return whether a directory is the root of a working copy."""
    return is_outside(root) or any(
        os.path.lexists(join(root, name, paths.ROOT))
        for name in (paths.DATA, paths.CONTROL)
    )


def is_outside(root: str) -> bool:
    """Return whether the control data of a working copy is outside of its tree."""
    return os.path.lexists(join(root, paths.DATA, POINTER))


def data_of(root: str) -> str:
    """Return the directory with the control data of layout 3."""
    if not is_outside(root):
        return join(root, paths.DATA)
    # Imported here: few working copies need it.
    from zope.app.fssync.client.workingcopy.outside import followed

    return followed(root)


def names_of(root: str, places: Iterable[str]) -> list[str]:
    """Return how plans name paths: from the root, with slashes.

    Control data of layout 3 is in `.zsync`, wherever it lies.
    """
    inside, names = join(root, ""), []
    for path in places:
        if not path.startswith(inside):
            path = join(root, paths.DATA, os.path.relpath(path, data_of(root)))
        names.append(os.path.relpath(path, root).replace(os.sep, "/"))
    return names


def below(root: str, name: str) -> str:
    """Return the path that has a name, see `name_of`."""
    first, *rest = name.split("/")
    return join(data_of(root) if first == paths.DATA else join(root, first), *rest)


def control_of(root: str) -> str:
    """Return the control directory at the root of a working copy."""
    data, control = join(root, paths.DATA), join(root, paths.CONTROL)
    if not os.path.lexists(data):
        return control
    if is_outside(root):
        return data_of(root)
    # A conversion that was interrupted ends where it began.
    for name in (_journal, paths.ROOT):
        for place in (control, data):
            if os.path.lexists(join(place, name)):
                return place
    return data


def journal_of(root: str) -> str:
    """Return the directory with the journal, and with changes of control data."""
    return join(control_of(root), _journal)


def staging_of(root: str) -> str:
    """Return the directory in which changes of the tree wait.

    It is on the file system of the tree, wherever the control data is: so they can be
    moved into place in one step.
    """
    return join(root, paths.DATA, _journal) if is_outside(root) else journal_of(root)


def left_at(root: str) -> list[str]:
    """Return the directories with what conversions have moved away."""
    places = (join(root, name, LEFT) for name in (paths.DATA, paths.CONTROL))
    return [place for place in places if os.path.lexists(place)]


def state_of(root: str) -> str:
    """Return the file with the states of the server that were received."""
    return join(control_of(root), "State")


def described_data(root: str) -> str | None:
    """Return the directory with the control data of layout 3, None in others."""
    return data_of(root) if os.path.lexists(join(root, paths.DATA)) else None


def control_at(root: str, place: str) -> str:
    """Return the control directory of a directory, a path below the root."""
    return control_in(root, place, described_data(root))


def control_in(root: str, place: str, data: str | None) -> str:
    """See `control_at`; ``data`` is what `described_data` returns."""
    own = join(root, place, paths.CONTROL)
    if data is None or os.path.lexists(join(own, paths.ENTRIES)):
        return own
    return data if place == os.curdir else _mirrored(data, place)


def _mirrored(data: str, place: str) -> str:
    return join(data, TREE, place, paths.CONTROL)


def find_place(files: IFileTree, directory: str, roots: dict[str, str | None]) -> Place:
    """Return where the control data of a directory is, a real path.

    ``roots`` remembers where the working copies of layout 3 begin.
    """
    own = join(directory, paths.CONTROL)
    root = _root_of(files, directory, roots)
    if root is None or files.kind(join(own, paths.ENTRIES)) is not None:
        return Place(directory, own, root)
    data = data_of(root)
    if directory == root:
        return Place(directory, data, root, True)
    if f"{directory}{os.sep}".startswith(f"{data}{os.sep}"):
        # Control data has none of its own, and nothing describes it.
        return Place(directory, own, root)
    place = os.path.relpath(directory, root)
    return Place(directory, _mirrored(data, place), root, True)


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
