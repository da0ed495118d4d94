"""Public names of release 3.6.0, which stand for code elsewhere."""

from zope.app.fssync.server.checkout import getSynchronizer
from zope.app.fssync.server.checkout import toFS
from zope.app.fssync.server.checkout import toSNARF

__all__ = [
    "getSynchronizer",
    "toFS",
    "toSNARF",
]
