"""The classes that products offer in the menu "Add" of the management screens."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from typing import Any

import Products
from zope.interface import implementedBy
from zope.interface import implementer

from zope.fssync.interfaces import IMaker
from zope.fssync.interfaces import ITypes
from zope.fssync.registry.synchronizers import DEFAULT
from zope.fssync.registry.synchronizers import find
from zope.fssync.registry.synchronizers import loaded
from zope.fssync.synchronizer import dottedname

__all__ = ["OfferedTypes", "adding_permissions", "item_permissions"]


@implementer(ITypes)
class OfferedTypes:
    """The offered classes, by name, that a base or an interface describes."""

    def factory(self, name: str) -> Callable[[], Any] | None:
        """See `ITypes`."""
        for klass, _ in _offered(name):
            if dottedname(klass) == name:
                found = find(None, klass, implementedBy(klass))
                if found is None or found.how == DEFAULT:
                    return None
                if IMaker.providedBy(found.factory):
                    return partial(found.factory.make, klass)
                return klass
        return None


def adding_permissions(klass: type) -> Iterator[str]:
    """Yield the permissions that products ask for where an object is added."""
    for offered, permission in _offered(dottedname(klass)):
        if offered is klass and permission is not None:
            yield permission


def item_permissions(meta_type: str) -> Iterator[str]:
    """Yield the permissions that products ask for to add items of a meta type."""
    for entry in getattr(Products, "meta_types", ()):
        if entry.get("name") == meta_type and entry.get("permission") is not None:
            yield entry["permission"]


def _offered(name: str) -> Iterator[tuple[type, str | None]]:
    """Yield the offered classes, among them the class of that name if CMF offers it.

    The entry for all tools or all content of a product has no class.
    """
    named = loaded(name)
    factory = None if named is None else vars(named).get(_FACTORY)
    for entry in getattr(Products, "meta_types", ()):
        klass = entry.get("instance")
        if klass is None and factory is not None and entry.get("name") == factory:
            klass = named
        if isinstance(klass, type):
            yield klass, entry.get("permission")


#: In a class, the name of the entry that offers it.
_FACTORY = "__factory_meta_type__"
