"""The order of the items of a container: an extra, one name in each line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zope.container.interfaces import IOrdered
from zope.interface import implementer

from zope.fssync.interfaces import IObjectGenerator

__all__ = ["ORDER", "Order", "OrderGenerator", "arranged", "order_of"]

#: The name of the extra.
ORDER = "order"


class Order:
    """The order of the items of ``owner``."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner

    def names(self) -> list[str]:
        """Return the names of the items in their order."""
        return list(self.owner.keys())

    def replace(self, wanted: Iterable[str]) -> None:
        """Arrange the items; those that are not named stay where they are."""
        current = self.names()
        names = arranged(current, wanted)
        if names != current:
            self.owner.updateOrder(names)


def order_of(container: Any) -> dict[str, Order]:
    """Return the order of a container by the name of the extra, if it has one."""
    if not IOrdered.providedBy(container) or len(container) < 2:
        return {}
    return {ORDER: Order(container)}


@implementer(IObjectGenerator)
class OrderGenerator:
    """Makes the order of a container that has no items yet."""

    def create(self, context: Any, name: str) -> Order:
        """See `IObjectGenerator`."""
        return Order(context)


def arranged(current: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Return names in the order of ``wanted``; those it does not name stay in place."""
    current = list(current)
    there = set(current)
    named = [name for name in dict.fromkeys(wanted) if name in there]
    moving, following = set(named), iter(named)
    return [next(following) if name in moving else name for name in current]
