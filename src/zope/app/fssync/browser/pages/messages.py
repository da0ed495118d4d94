"""The texts of the pages, for translation."""

from zope.i18nmessageid import MessageFactory

__all__ = ["_"]

_ = MessageFactory("zope.app.fssync")
