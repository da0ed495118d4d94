"""The layout of a working copy: that of 3.6.0, or the compact one with packs.

`@@Zope/Format` of the root holds the number of the layout.  Without it the
layout is that of 3.6.0; a number that is not known here is never guessed at.
"""

from __future__ import annotations

import os

from zope.fssync import paths
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import WorkingCopyError
from zope.fssync.fileinterfaces import IFileTree
from zope.fssync.terminal import escape

__all__ = ["COMPACT", "PLAIN", "read_layout", "write_layout"]

PLAIN = 1
COMPACT = 2

_name = "Format"


def _path(root: str) -> str:
    return os.path.join(root, paths.CONTROL, _name)


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
            advice="Put back the number that was there, which is 2 in this release.",
        )
    layout = int(line)
    if layout not in (PLAIN, COMPACT):
        raise WorkingCopyError(
            f"working copy made by a newer zsync: {escape(root)}",
            path=root,
            advice="Use that release, or 'zsync downgrade' with it.",
        )
    return layout


def write_layout(files: IFileTree, root: str, layout: int) -> None:
    """Note the layout of a working copy."""
    path = _path(root)
    if layout != PLAIN:
        files.write(path, [b"%d\n" % layout])
    elif files.kind(path) is not None:
        files.remove(path)
