"""The order of a container as a file, without the items withheld from the caller."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from zope.app.fssync.server.checkout import getSynchronizer
from zope.fssync import itemtext
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.itemtext import Item
from zope.fssync.messages import _
from zope.fssync.synchronizer import FileSynchronizer

__all__ = ["OrderSynchronizer"]


@implementer(IFileSynchronizer)
class OrderSynchronizer(FileSynchronizer):
    """Synchronize the order of a container, without the names of withheld items."""

    # If other items are withheld later, the file changes with the next new order.
    self_contained = True

    def annotations(self) -> None:
        """See `ISerializer`."""

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        owner = self.context.owner
        names = (
            name
            for name in self.context.names()
            if getSynchronizer(owner[name], False, owner) is not None
        )
        writeable.write(itemtext.dumps(map(Item, names)))

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        items = itemtext.read(readable)
        if any(item != Item(item.key) for item in items):
            raise SynchronizationError(_("an order is one name in each line"))
        self.context.replace(item.key for item in items)
