"""The working copy: its root, its lock, and changes that are all or nothing."""

from zope.app.fssync.workingcopy.changes import Changes
from zope.app.fssync.workingcopy.compact import CompactChanges
from zope.app.fssync.workingcopy.compact import CompactTree
from zope.app.fssync.workingcopy.lock import Lock
from zope.app.fssync.workingcopy.workingcopy import WorkingCopy

__all__ = ["Changes", "CompactChanges", "CompactTree", "Lock", "WorkingCopy"]
