"""ZCML directives that register content types of Zope and their aspects."""

from __future__ import annotations

from typing import Any

from zope.component.zcml import utility
from zope.configuration.fields import GlobalObject
from zope.interface import Interface

from zope.app.fssync.hosts.ofs.content.aspect import AspectSynchronizer
from zope.fssync.interfaces import IObjectGenerator
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.synchronizer import dottedname

__all__ = ["IAspectDirective", "ITypeDirective", "aspect", "content_type"]


class ITypeDirective(Interface):
    """Synchronize the objects of a class, and of none below it."""

    for_ = GlobalObject(title="Class", description="The class of the objects.")
    synchronizer = GlobalObject(
        title="Synchronizer", description="A subclass of `ObjectSynchronizer`."
    )


class IAspectDirective(Interface):
    """Let objects have a part, in a file of its own."""

    class_ = GlobalObject(title="Class", description="A subclass of `Aspect`.")


def content_type(_context: Any, for_: Any, synchronizer: Any) -> None:
    """Handle ``fssync:type``."""
    utility(
        _context,
        provides=ISynchronizerFactory,
        component=synchronizer,
        name=dottedname(for_),
    )


def aspect(_context: Any, class_: Any) -> None:
    """Handle ``fssync:aspect``."""
    name = dottedname(class_)
    utility(
        _context, provides=ISynchronizerFactory, component=AspectSynchronizer, name=name
    )
    utility(_context, provides=IObjectGenerator, component=class_, name=name)
