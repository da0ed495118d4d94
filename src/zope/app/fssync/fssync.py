"""Public names of release 3.6.0, which stand for code elsewhere."""

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.api import Network

__all__ = [
    "FSSync",
    "Network",
]
