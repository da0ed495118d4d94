"""Containers of the toolkit become directories; their rules decide about new items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zope.container.constraints import checkObject
from zope.container.interfaces import INameChooser
from zope.exceptions.interfaces import UserError
from zope.interface import Invalid
from zope.interface import implementer

from zope.app.fssync.content.order import Order
from zope.app.fssync.content.order import order_of
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.synchronizer import DirectorySynchronizer
from zope.fssync.synchronizer import Extras

__all__ = ["ContainerSynchronizer"]

#: The exceptions of the rules for items of containers.
REFUSALS = (UserError, Invalid, ValueError, LookupError)


def _reason(error: Exception) -> str:
    args = [str(arg) for arg in error.args if isinstance(arg, str)]
    return args[0] if args else type(error).__name__


@implementer(IDirectorySynchronizer)
class ContainerSynchronizer(DirectorySynchronizer):
    """Synchronizes a container; new items must be what its rules allow."""

    self_contained = True

    def extras(self) -> Extras | None:
        """See `ISerializer`: the order of the items, if they have one."""
        found = order_of(self.context)
        return Extras(found) if found else None

    def setextras(self, extras: Mapping[str, Any]) -> Any:
        """See `IDeserializer`: an order was changed when it was loaded."""
        others = {n: v for n, v in extras.items() if not isinstance(v, Order)}
        return super().setextras(others) if others else None

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(key, bytes):
            key = key.decode("utf-8")
        chooser = INameChooser(self.context, None)
        try:
            if chooser is not None:
                chooser.checkName(key, value)
            checkObject(self.context, key, value)
        except REFUSALS as error:
            raise SynchronizationError(_reason(error)) from error
        self.context[key] = value
