"""The texts of the pages, for translation."""

from zope.app.fssync.server.messages import _

__all__ = ["_"]
