"""The ZCML directive that registers the aspects of objects of Zope."""

from __future__ import annotations

from typing import Any

from zope.component.zcml import utility
from zope.configuration.fields import GlobalObject
from zope.interface import Interface

from zope.app.fssync.hosts.ofs.content.aspect import AspectSynchronizer
from zope.fssync.interfaces import IObjectGenerator
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.synchronizer import dottedname

__all__ = ["IAspectDirective", "aspect"]


class IAspectDirective(Interface):
    """Add a part to objects, which is a file of its own."""

    class_ = GlobalObject(title="Class", description="A subclass of `Aspect`.")


def aspect(_context: Any, class_: Any) -> None:
    """Handle ``fssync:aspect``."""
    name = dottedname(class_)
    utility(
        _context, provides=ISynchronizerFactory, component=AspectSynchronizer, name=name
    )
    utility(_context, provides=IObjectGenerator, component=class_, name=name)
