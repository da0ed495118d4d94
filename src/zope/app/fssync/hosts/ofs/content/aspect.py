"""Aspects: the parts of an object beside its body, each a text of its own.

An aspect that has only defaults is not written.  Empty or remove its file to return to
the defaults.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import ClassVar

from Acquisition import aq_base
from zope.component import adapter
from zope.event import notify
from zope.interface import implementer
from zope.interface import provider
from zope.lifecycleevent import Attributes
from zope.lifecycleevent import ObjectModifiedEvent
from zope.lifecycleevent.interfaces import IObjectModifiedEvent

from zope.app.fssync.hosts.ofs.content.described import synchronizer_class
from zope.app.fssync.hosts.ofs.content.interfaces import IAspect
from zope.app.fssync.hosts.ofs.content.permissions import SOURCE
from zope.app.fssync.hosts.ofs.interfaces import IGuarded
from zope.app.fssync.hosts.ofs.permissions import require
from zope.fssync import itemtext
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IPartMaker
from zope.fssync.interfaces import ISynchronizableExtras
from zope.fssync.itemtext import Item
from zope.fssync.messages import _
from zope.fssync.synchronizer import DirectorySynchronizer
from zope.fssync.synchronizer import Extras
from zope.fssync.synchronizer import FileSynchronizer
from zope.fssync.synchronizer import dottedname

__all__ = [
    "Aspect",
    "AspectSynchronizer",
    "Aspects",
    "AspectsSynchronizer",
    "TextAspect",
    "relay",
    "state",
]


def state(obj: Any) -> dict[str, Any]:
    """Return the attributes of an object itself, without those of its class."""
    base = aq_base(obj)
    activate = getattr(base, "_p_activate", None)
    if activate is not None:
        activate()
    attributes: dict[str, Any] = vars(base)
    return attributes


@implementer(IAspect)
class Aspect:
    """Base of the parts of an object.

    The class keywords ``write`` and ``read`` are its permissions, see `IGuarded`.
    """

    name: ClassVar[str]
    permissions: ClassVar[Mapping[str, str]]

    #: Names of the attributes that the part describes completely.
    covers: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(
        cls, write: str | None = None, read: str = SOURCE, **kw: Any
    ) -> None:
        super().__init_subclass__(**kw)
        if write is not None:
            cls.permissions = {"read": read, "write": write}

    def __init__(self, owner: Any) -> None:
        self.owner = owner

    @classmethod
    def create(cls, context: Any, name: str) -> Aspect:
        """See `IObjectGenerator`: make a part that has only defaults."""
        kinds = getattr(synchronizer_class(context), "aspects", None)
        fits = cls.belongs(context) if kinds is None else cls in kinds
        if name != cls.name or not fits:
            raise SynchronizationError(
                _("${class} does not fit here", mapping={"class": dottedname(cls)})
            )
        return cls(context)

    @classmethod
    def belongs(cls, obj: Any) -> bool:
        """Return True if an object can have the part without its type naming it."""
        return False

    @property
    def present(self) -> bool:
        """See `IAspect`."""
        raise NotImplementedError

    def more(self) -> Iterable[Aspect]:
        """Return further parts that belong to this part."""
        return ()

    def remove(self) -> None:
        """Return to the default."""
        self.load(io.BytesIO())

    def dump(self, writeable: Any) -> None:
        """See `IAspect`."""
        raise NotImplementedError

    def load(self, readable: Any) -> Any:
        """See `IAspect`."""
        raise NotImplementedError


class TextAspect(Aspect):
    """A part that is a list of items, see `itemtext`."""

    @property
    def present(self) -> bool:
        """See `IAspect`."""
        return any(True for _ in self.items())

    def dump(self, writeable: Any) -> None:
        """See `IAspect`."""
        writeable.write(itemtext.dumps(self.items()))

    def load(self, readable: Any) -> Any:
        """See `IAspect`."""
        return self.replace(itemtext.read(readable))

    def items(self) -> Iterable[Item]:
        """Return the items that describe the part."""
        raise NotImplementedError

    def replace(self, items: list[Item]) -> Any:
        """Change the object to what the items describe; return the result of `load`."""
        raise NotImplementedError


@implementer(IFileSynchronizer, IGuarded)
@provider(IExclusive)
class AspectSynchronizer(FileSynchronizer):
    """Synchronize one part of an object."""

    inherited = False

    @property
    def permissions(self) -> Mapping[str, str]:
        """See `IGuarded`."""
        permissions: Mapping[str, str] = self.context.permissions
        return permissions

    def annotations(self) -> None:
        """See `ISerializer`."""

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        self.context.dump(writeable)

    def load(self, readable: Any) -> Any:
        """See `IFileDeserializer`."""
        return self.context.load(readable)


@implementer(ISynchronizableExtras)
class Aspects(Extras):
    """The present parts of an object, by name."""

    def __init__(self, kinds: Iterable[type[Aspect]], owner: Any) -> None:
        self.owner = owner
        self.kinds = {kind.name: kind for kind in kinds}
        super().__init__()
        for kind in self.kinds.values():
            part = kind(owner)
            if part.present:
                self[part.name] = part
                self.update((each.name, each) for each in part.more())


@implementer(IPartMaker, IGuarded)
@provider(IExclusive)
class AspectsSynchronizer(DirectorySynchronizer):
    """Synchronize the parts of an object as a directory."""

    permissions: ClassVar[Mapping[str, str]] = {
        "read": SOURCE,
        "write": SOURCE,
    }

    def iteritems(self) -> Iterator[tuple[str, Any]]:
        """See `IDirectorySerializer`."""
        return iter(sorted(self.context.items()))

    def makes(self, key: str) -> bool:
        """See `IPartMaker`."""
        return True

    def make(self, key: str) -> Aspect:
        """See `IPartMaker`."""
        kind: type[Aspect] | None = self.context.kinds.get(key)
        if kind is None and key in self.context:
            part: Aspect = self.context[key]
            return part
        if kind is None:
            raise SynchronizationError(
                _(
                    "objects of this type have no part ${key}",
                    mapping={"key": repr(key)},
                ),
                advice=_(
                    "There are: ${names}.",
                    mapping={"names": ", ".join(sorted(self.context.kinds))},
                ),
            )
        return kind(self.context.owner)

    def __setitem__(self, key: str, value: Any) -> None:
        raise SynchronizationError(
            _("there is no part ${key} of an object", mapping={"key": repr(key)})
        )

    def __delitem__(self, key: str) -> None:
        aspect = self.make(key)
        # To remove a part needs the permission to change it: both set its values.
        require(aspect.permissions["write"], aspect.owner)
        aspect.remove()
        notify(ObjectModifiedEvent(aspect))


@adapter(IAspect, IObjectModifiedEvent)
def relay(aspect: Any, event: Any) -> None:
    """Notify subscribers that an object was modified when a part of it was."""
    notify(ObjectModifiedEvent(aspect.owner, Attributes(None, aspect.name)))
