"""The working copy: its root, its lock, and changes that are all or nothing."""

from zope.app.fssync.client.workingcopy.compact import CompactChanges
from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.lock import Lock
from zope.app.fssync.client.workingcopy.staging import Changes
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy

__all__ = ["Changes", "CompactChanges", "CompactTree", "Lock", "WorkingCopy"]
