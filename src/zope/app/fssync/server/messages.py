"""Texts that people at a browser are shown, for translation."""

from collections.abc import Callable

from zope.i18nmessageid import MessageFactory

__all__ = ["_"]

_: Callable[[str], str] = MessageFactory("zope.app.fssync")
