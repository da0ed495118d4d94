"""The layout of a working copy: that of 3.6.0, that with packs, or with descriptions.

`Format` in the control directory of the root holds the number of the layout.  Without
it the layout is that of 3.6.0; a number that is not known here is never guessed at.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from zope.app.fssync.client.workingcopy.place import control_of
from zope.fssync import paths
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import UsageError
from zope.fssync.errors import WorkingCopyError
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree

__all__ = [
    "COMPACT",
    "DESCRIBED",
    "NAMES",
    "PLAIN",
    "check_layout",
    "read_layout",
    "write_ignored",
    "write_layout",
]

PLAIN = 1
COMPACT = 2
DESCRIBED = 3

#: That of new working copies.
NEW = DESCRIBED

#: What people call them.
NAMES = {PLAIN: "3.6.0", COMPACT: "compact", DESCRIBED: "described"}

_name = "Format"


def _path(root: str) -> str:
    return os.path.join(control_of(root), _name)


def read_layout(files: IFileTree, root: str) -> int:
    """The layout of the working copy ``root``; raises for an unknown one."""
    path = _path(root)
    if files.kind(path) is None:
        return PLAIN
    with files.open(path) as stream:
        line = stream.read(16)
    if not line.strip().isdigit():
        raise MetadataDamaged(
            f"no number of a layout in {escape(path)}",
            path=path,
            advice="Put back the number that was there; in this release it is 2 or 3.",
        )
    layout = int(line)
    if layout not in NAMES:
        raise WorkingCopyError(
            f"working copy made by a newer zsync: {escape(root)}",
            path=root,
            advice="Use that release, or 'zsync downgrade' with it.",
        )
    return layout


def check_layout(text: str) -> int:
    """Return the layout of a number that a person has written."""
    if text.isdigit() and int(text) in NAMES:
        return int(text)
    raise UsageError(
        f"there is no layout '{escape(text)}'",
        advice="Write 1 for that of 3.6.0, 2 for the one with packs, 3 for the one "
        "with descriptions.",
    )


def write_ignored(files: IFileTree, root: str) -> None:
    """Let git leave the control directory of layout 3 alone, and what asks git."""
    control = os.path.join(root, paths.DATA)
    path = os.path.join(control, ".gitignore")
    if files.kind(control) == "dir" and files.kind(path) is None:
        files.write(path, [b"*\n"])


def write_layout(files: IFileTree, root: str, layout: int) -> None:
    """Note the layout of a working copy."""
    path = _path(root)
    if layout != PLAIN:
        files.write(path, [b"%d\n" % layout])
    elif files.kind(path) is not None:
        files.remove(path)
