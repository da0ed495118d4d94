"""The working copy: its root, its lock, and changes that are all or nothing.

What is named here is imported when it is asked for: completion waits for none of it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.compact import CompactTree
    from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges
    from zope.app.fssync.client.workingcopy.lock import Lock
    from zope.app.fssync.client.workingcopy.staging import Changes
    from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy

__all__ = ["Changes", "CompactChanges", "CompactTree", "Lock", "WorkingCopy"]


def __getattr__(name: str) -> object:
    if name == "Changes":
        from zope.app.fssync.client.workingcopy.staging import Changes

        return Changes
    if name == "CompactChanges":
        from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges

        return CompactChanges
    if name == "CompactTree":
        from zope.app.fssync.client.workingcopy.compact import CompactTree

        return CompactTree
    if name == "Lock":
        from zope.app.fssync.client.workingcopy.lock import Lock

        return Lock
    if name == "WorkingCopy":
        from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy

        return WorkingCopy
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
