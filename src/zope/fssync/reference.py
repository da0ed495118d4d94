"""Extras that are other objects of the tree: they are recorded as references.

An attribute may be an object that has its place elsewhere, or an item of the very
container.  Recorded as what it is, it would come twice, and one above would never end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zope.component import queryUtility
from zope.interface import implementer
from zope.location.interfaces import IRoot

from zope.fssync import xmlpickle
from zope.fssync.interfaces import IDefaultSynchronizer
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.pickle import is_item
from zope.fssync.pickle import path_of
from zope.fssync.synchronizer import DefaultSynchronizer
from zope.fssync.synchronizer import Extras

__all__ = ["Reference", "ReferenceSynchronizer", "ReferringExtras"]


class Reference:
    """An object ``target`` that an attribute is."""

    def __init__(self, target: Any) -> None:
        self.target = target


class ReferringExtras(Extras):
    """The attributes of ``owner``, with references in the place of what lies elsewhere.

    What is set is the object itself.
    """

    def __init__(self, values: Mapping[str, Any], owner: Any) -> None:
        super().__init__(values)
        self._owner = owner

    def __getitem__(self, key: str) -> Any:
        return self._told(super().__getitem__(key))

    def get(self, key: str, default: Any = None) -> Any:
        """Return what is told of an attribute."""
        return self._told(super().get(key, default))

    def items(self) -> Any:
        """Return all attributes as they are told."""
        return {key: self[key] for key in self}.items()

    def _told(self, value: Any) -> Any:
        parent = getattr(value, "__parent__", None)
        if parent is None:
            elsewhere = bool(IRoot.providedBy(value))
        else:
            elsewhere = parent != self._owner or is_item(value)
        return Reference(value) if elsewhere else value


@implementer(IDefaultSynchronizer)
class ReferenceSynchronizer(DefaultSynchronizer):
    """Synchronizes a reference: a pickle of the path."""

    def extras(self) -> None:
        """See `ISerializer`."""

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        target = self.context.target
        limits = queryUtility(ILimits, default=DEFAULT)
        writeable.write(
            xmlpickle.dumps(
                target, lambda obj: path_of(obj) if obj is target else None, limits
            )
        )
