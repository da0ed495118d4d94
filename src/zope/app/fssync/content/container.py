"""Containers of the toolkit become directories; their rules decide about new items.

`ContainerSynchronizer` is for the containers of zope.container themselves,
`GeneralSynchronizer` for all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from BTrees.Length import Length
from zope.container.btree import BTreeContainer
from zope.container.constraints import checkObject
from zope.container.interfaces import INameChooser
from zope.container.sample import SampleContainer
from zope.exceptions.interfaces import UserError
from zope.interface import Invalid
from zope.interface import implementer
from zope.lifecycleevent import Attributes

from zope.app.fssync.content.order import Order
from zope.app.fssync.content.order import order_of
from zope.fssync.errors import SynchronizationError
from zope.fssync.inheritance import beyond
from zope.fssync.inheritance import set_data
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.messages import _
from zope.fssync.reference import ReferringExtras
from zope.fssync.synchronizer import DirectorySynchronizer
from zope.fssync.synchronizer import Extras

__all__ = ["ContainerSynchronizer", "GeneralSynchronizer"]

#: Containers that are known to keep their items in no attribute of an application.
KNOWN = (BTreeContainer, SampleContainer)

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


class GeneralSynchronizer(ContainerSynchronizer):
    """Synchronizes a container of any class that implements `IContainer`.

    Its attributes are extras.  A class that is not derived from a container of the
    toolkit keeps its items in one of them, which is recognized by what it holds.
    """

    self_contained = True
    general = True

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        # What is derived from a known class only has more than that.
        self.complete = not isinstance(context, KNOWN)

    def extras(self) -> Extras | None:
        """See `ISerializer`."""
        own = super().extras()
        if not self.complete:
            return own
        return ReferringExtras({**self._attributes(), **(own or {})}, self.context)

    def setextras(self, extras: Mapping[str, Any]) -> Any:
        """See `IDeserializer`."""
        if not self.complete:
            return super().setextras(extras)
        wanted = {n: v for n, v in extras.items() if not isinstance(v, Order)}
        changed = list(self._set(wanted))
        return Attributes(None, *changed) if changed else None

    def _set(self, wanted: Mapping[str, Any]) -> Iterator[str]:
        attributes = beyond(self.context, object)
        # Any empty mapping of an empty container looks like the one for the items.
        for name in wanted if len(self.context) else ():
            if name in attributes and self._is_storage(attributes[name]):
                raise SynchronizationError(
                    _("${name} holds the items", mapping={"name": repr(name)})
                )
        yield from set_data(self.context, wanted, attributes, self.context)

    def _attributes(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in beyond(self.context, object).items()
            if not self._is_storage(value)
        }

    def _is_storage(self, value: Any) -> bool:
        """Return True if a value has the items, or their number."""
        if isinstance(value, Length):
            return bool(value() == len(self.context))
        if not (hasattr(value, "keys") and hasattr(value, "__getitem__")):
            return False
        # An empty one may get items that are recorded as files.
        if len(value) != len(self.context):
            return False
        return all(
            name in value and value[name] is item for name, item in self.context.items()
        )
