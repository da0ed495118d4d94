"""Items of a product that wrote no synchronizer: a schema, and properties."""

from __future__ import annotations

from OFS.PropertyManager import PropertyManager
from OFS.SimpleItem import SimpleItem
from zope.interface import Interface
from zope.interface import implementer
from zope.schema import Text
from zope.schema import TextLine

__all__ = ["Bottle", "IBottle", "ITagged", "Tagged"]


class IBottle(Interface):
    """What a bottle says."""

    label = TextLine(title="Label", default="")
    notes = Text(title="Notes", default="")


@implementer(IBottle)
class Bottle(SimpleItem):
    """An item that a schema describes; it may have roles of its own."""

    label = notes = raw = ""

    def __init__(self, id: str = "") -> None:
        self.id = id

    def manage_proxy(self, roles: tuple[str, ...] = ()) -> None:
        """Set its roles."""
        self._proxy_roles = tuple(roles)


class ITagged(Interface):
    """Something that has properties."""


@implementer(ITagged)
class Tagged(SimpleItem, PropertyManager):
    """An item that an adapter for its interface describes."""

    _properties = ({"id": "colour", "type": "string", "mode": "wd"},)
    colour = ""

    def __init__(self, id: str = "") -> None:
        self.id = id
