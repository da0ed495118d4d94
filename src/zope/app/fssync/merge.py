"""Public names of release 3.6.0, which stand for code elsewhere."""

from zope.app.fssync.client.transplant import merge

__all__ = [
    "merge",
]
