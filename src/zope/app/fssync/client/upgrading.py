"""Upgrade and downgrade: change the layout of a working copy."""

from __future__ import annotations

from zope.app.fssync.client.opencopies import OpenCopies
from zope.app.fssync.client.workingcopy import convert
from zope.app.fssync.client.workingcopy import layout as layouts
from zope.app.fssync.client.workingcopy.modified import remember
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy

__all__ = ["downgrade", "upgrade"]


def upgrade(copies: OpenCopies, target: str, layout: int | None) -> bool:
    """Give a working copy a layout, by default that of new ones.

    Return False if it has it already; a newer layout is kept.
    """
    copy = WorkingCopy.find(target)
    before = copy.layout()
    wanted = max(layout or layouts.NEW, before)
    with copies.converting(copy, "upgrade", wanted) as changes:
        taken = convert.upgrade(changes, copy.root, wanted)
    remember(copy.root)
    convert.check_renamed(taken, "upgrade")
    return wanted != before


def downgrade(copies: OpenCopies, target: str) -> bool:
    """Give a working copy the layout of 3.6.0; return False if it has it already."""
    copy = WorkingCopy.find(target)
    copy.check_inside()
    before = copy.layout()
    with copies.converting(copy, "downgrade", before) as changes:
        taken = convert.downgrade(changes, copy.root)
    convert.check_renamed(taken, "downgrade")
    return copy.layout() != before
