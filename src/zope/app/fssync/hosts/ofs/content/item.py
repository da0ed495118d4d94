"""Synchronize items of products that have properties, and no own synchronizer.

Their classes are not registered here: name them in ``fssync:synchronizer``.
"""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from zope.app.fssync.hosts.ofs.content.aspect import TextAspect
from zope.app.fssync.hosts.ofs.content.properties import Properties
from zope.app.fssync.hosts.ofs.content.synchronizer import SECURITY
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync import itemtext
from zope.fssync.interfaces import IFileSynchronizer

__all__ = ["PropertyItemSynchronizer"]


@implementer(IFileSynchronizer)
class PropertyItemSynchronizer(
    FileBody, write="Manage properties", add="Add Documents, Images, and Files"
):
    """Synchronize an item with properties, which are the content of its file.

    Its other attributes are in ``attributes``.
    """

    aspects = SECURITY

    def properties(self) -> TextAspect:
        """Return the properties of the item."""
        return Properties(self.context)

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(itemtext.dumps(self.properties().items()))

    def load(self, readable: Any) -> Any:
        """See `IFileDeserializer`."""
        self.refuse_locked()
        return self.properties().replace(itemtext.read(readable))
