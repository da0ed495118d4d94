"""Synchronize containers as directories, and models as files.

The file of a model has its attributes as an XML pickle of plain data, without those of
the toolkit, as annotations and the place in the tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from grokcore.content import Container
from grokcore.content import OrderedContainer
from persistent.interfaces import IPersistent
from zope.component import queryUtility
from zope.interface import implementer
from zope.lifecycleevent import Attributes

from zope.app.fssync.content.order import Order
from zope.app.fssync.content.order import order_of
from zope.app.fssync.folder.adapter import FolderSynchronizer
from zope.fssync import xmlpickle
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.messages import _
from zope.fssync.pickle import XMLPickler
from zope.fssync.pickle import XMLUnpickler
from zope.fssync.reference import ReferringExtras
from zope.fssync.synchronizer import FileSynchronizer
from zope.fssync.synchronizer import dottedname

__all__ = ["ContainerSynchronizer", "Maker", "ModelSynchronizer", "Synchronizer"]

#: Attributes of the toolkit: the place of an object, its items, its site manager.
_toolkit = frozenset(
    (
        *("__annotations__", "__name__", "__parent__", "__provides__"),
        *("_BTreeContainer__len", "_SampleContainer__data", "_order", "_sm"),
    )
)


class Synchronizer:
    """Base of synchronizers that are grokked.

    ``grok.context`` names the class of the objects, ``grok.require`` a permission, by
    default ``zope.ManageContent``.
    """


def attributes(obj: Any) -> dict[str, Any]:
    """Return the attributes that an application has set on an object."""
    if IPersistent.providedBy(obj):
        obj._p_activate()
    return {
        name: value
        for name, value in vars(obj).items()
        if name not in _toolkit and not name.startswith(("_v_", "_p_"))
    }


def set_attributes(obj: Any, wanted: Mapping[str, Any]) -> list[str]:
    """Set attributes to those wanted; return the names of the changed ones."""
    current = attributes(obj)
    changed = [n for n, v in wanted.items() if n not in current or current[n] != v]
    for name in changed:
        inherited = getattr(type(obj), name, None)
        if name in _toolkit or name.startswith(("__", "_v_", "_p_")):
            raise SynchronizationError(
                _(
                    "${name} is no attribute of the application's",
                    mapping={"name": repr(name)},
                )
            )
        if callable(inherited) or hasattr(inherited, "__set__"):
            raise SynchronizationError(
                _(
                    "${name} of a ${class} is not mere data",
                    mapping={"name": repr(name), "class": dottedname(type(obj))},
                )
            )
        setattr(obj, name, wanted[name])
    return changed


class Maker:
    """Make an empty object of a class, as unpickling does.

    Loading sets the attributes afterwards, also those that `__init__` would set.
    """

    def __init__(self, klass: type) -> None:
        self.klass = klass

    def __call__(self) -> Any:
        obj: Any = self.klass.__new__(self.klass)  # type: ignore[call-overload]
        for base in (OrderedContainer, Container):
            if isinstance(obj, base):
                base.__init__(obj)
                break
        return obj


@implementer(IDirectorySynchronizer)
class ContainerSynchronizer(FolderSynchronizer):
    """Synchronize a container; its attributes are extras.

    The site manager of a site is no content, and is not changed.
    """

    self_contained = True
    complete = True

    def __getitem__(self, key: str) -> Any:
        return self.context[key]

    def iteritems(self) -> Iterator[tuple[str, Any]]:
        """See `IDirectorySerializer`."""
        yield from self.context.items()

    def extras(self) -> ReferringExtras:
        """See `ISerializer`."""
        told = {**attributes(self.context), **order_of(self.context)}
        return ReferringExtras(told, self.context)

    def setextras(self, extras: Mapping[str, Any]) -> Any:
        """See `IDeserializer`."""
        wanted = {n: v for n, v in extras.items() if not isinstance(v, Order)}
        changed = set_attributes(self.context, wanted)
        return Attributes(None, *changed) if changed else None


class _StatePickler(XMLPickler):
    """Pickle the attributes of its context."""

    def dumps(self) -> bytes:
        limits = queryUtility(ILimits, default=DEFAULT)
        state = attributes(self.context)
        return xmlpickle.dumps(state, self._persistent_id(), limits)


class _PlaceNeeded(Exception):
    """A pickle refers to other objects."""


class _Rootless(XMLUnpickler):
    """Unpickle attributes that refer to no other objects."""

    def _persistent_load(self) -> Any:
        return self._refuse

    def _refuse(self, id: str) -> Any:
        raise _PlaceNeeded


@implementer(IFileSynchronizer)
class ModelSynchronizer(FileSynchronizer):
    """Synchronize a model: the file has its attributes."""

    self_contained = True
    complete = True

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        _StatePickler(self.context).dump(writeable)

    def load(self, readable: Any) -> Any:
        """See `IFileDeserializer`."""
        parent = getattr(self.context, "__parent__", None)
        limit = queryUtility(ILimits, default=DEFAULT).pickle_size
        data = readable.read(limit + 1)
        if len(data) > limit:
            raise LimitExceeded(
                _("the model is larger than ${limit} bytes", mapping={"limit": limit})
            )
        if parent is not None:
            return self._set(XMLUnpickler(parent).loads(data))
        try:
            return self._set(_Rootless(None).loads(data))
        except _PlaceNeeded:
            # References can only be followed when the object is in its place.
            return self._load_in_place(data)

    def _load_in_place(self, data: bytes) -> Any:
        return lambda: self._set(XMLUnpickler(self.context.__parent__).loads(data))

    def _set(self, wanted: Any) -> None:
        if not isinstance(wanted, dict) or not all(isinstance(n, str) for n in wanted):
            raise SynchronizationError(_("a model is a dictionary of attributes"))
        for name in attributes(self.context).keys() - wanted.keys():
            delattr(self.context, name)
        set_attributes(self.context, wanted)
