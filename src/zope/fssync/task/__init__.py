"""Tasks: walk a tree of objects and a repository side by side."""

from zope.fssync.errors import SynchronizationError
from zope.fssync.task.base import EntryId
from zope.fssync.task.base import ObjectSynchronized
from zope.fssync.task.base import SyncTask
from zope.fssync.task.check import Check
from zope.fssync.task.checkin import Checkin
from zope.fssync.task.checkout import Checkout
from zope.fssync.task.commit import Commit
from zope.fssync.task.hooks import NullHooks

__all__ = [
    "Check",
    "Checkin",
    "Checkout",
    "Commit",
    "EntryId",
    "NullHooks",
    "ObjectSynchronized",
    "SyncTask",
    "SynchronizationError",
]
