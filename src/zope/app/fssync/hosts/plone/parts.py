"""The parts of content beside its body, each a file of its own.

The synchronizer of the object collects what parts have changed, so that there is one
event for each object, as there is for an edit form.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from AccessControl.Permissions import view
from zope.interface import implementer
from zope.interface import provider
from zope.lifecycleevent import Attributes

from zope.app.fssync.hosts.ofs.content.aspect import AspectsSynchronizer
from zope.app.fssync.hosts.ofs.content.aspect import AspectSynchronizer
from zope.app.fssync.hosts.ofs.permissions import require
from zope.app.fssync.hosts.plone.site import in_site
from zope.fssync import itemtext
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import ISynchronizableExtras
from zope.fssync.itemtext import Item
from zope.fssync.messages import _
from zope.fssync.synchronizer import Extras

__all__ = [
    "MODIFY",
    "Part",
    "PartSynchronizer",
    "Parts",
    "PartsSynchronizer",
    "TextPart",
]

MODIFY = "Modify portal content"


class Part:
    """A part of an object; the keywords of a class are its permissions.

    ``changes`` are what `load` has changed, as `IModificationDescription`.
    """

    write = MODIFY
    read = view

    def __init_subclass__(
        cls, write: str | None = None, read: str | None = None, **kw: Any
    ) -> None:
        super().__init_subclass__(**kw)
        cls.write = write or cls.write
        cls.read = read or cls.read

    def __init__(self, owner: Any, key: str, is_new: bool = False) -> None:
        self.owner = owner
        self.key = key
        self.is_new = is_new
        self.changes: list[Any] = []

    @property
    def permissions(self) -> Mapping[str, str]:
        """See `IGuarded`."""
        return {"read": self.read, "write": self.write}

    @property
    def present(self) -> bool:
        """Whether there is anything to be written."""
        raise NotImplementedError

    def dump(self, writeable: Any) -> None:
        """Write the part as bytes."""
        raise NotImplementedError

    def load(self, readable: Any) -> Any:
        """Replace the part; may return a callable as `IFileDeserializer.load` does."""
        raise NotImplementedError

    def remove(self) -> Any:
        """Return to the default, as the removal of the file means."""
        return self.load(io.BytesIO())


class TextPart(Part):
    """A part that is a list of items, see `itemtext`."""

    #: The items that were found, until others are loaded.
    _found: list[Item] | None = None

    @property
    def present(self) -> bool:
        """See `Part`."""
        return bool(self._items())

    def dump(self, writeable: Any) -> None:
        """See `Part`."""
        writeable.write(itemtext.dumps(self._items()))

    def _items(self) -> list[Item]:
        if self._found is None:
            self._found = list(self.items())
        return self._found

    def load(self, readable: Any) -> Any:
        """See `Part`."""
        self._found = None
        items = itemtext.read(readable)
        if items == list(self.items()):
            return None
        callback = self.replace(items)
        if not self.changes:
            self.changes.append(Attributes(None, self.key))
        return callback

    def items(self) -> Iterator[Item]:
        """Iterate over the items."""
        raise NotImplementedError

    def replace(self, items: list[Item]) -> Any:
        """Set the part to what the items say, and note in ``changes`` what that was."""
        raise NotImplementedError


@implementer(ISynchronizableExtras)
class Parts(Extras):
    """The parts of an object that are present, by name.

    ``makers`` make each part that there may be, of the object and its name.
    """

    def __init__(
        self,
        owner: Any,
        makers: Mapping[str, Callable[[Any, str, bool], Part]],
        is_new: bool,
    ) -> None:
        self.owner = owner
        self.makers = makers
        self.is_new = is_new
        found = {name: self.make(name) for name in makers}
        super().__init__((name, each) for name, each in found.items() if each.present)

    def make(self, name: str) -> Part:
        """Return a part of the object."""
        return self.makers[name](self.owner, name, self.is_new)


@provider(IExclusive)
class PartsSynchronizer(AspectsSynchronizer):
    """Synchronizes the parts of an object: a directory."""

    complete = True
    permissions = {"read": view, "write": view}

    def annotations(self) -> None:
        """See `ISerializer`."""

    def makes(self, key: str) -> bool:
        """See `IPartMaker`."""
        return True

    def make(self, key: str) -> Any:
        """See `IPartMaker`."""
        if key not in self.context.makers:
            raise SynchronizationError(
                _(
                    "objects of this type have no part ${key}",
                    mapping={"key": repr(key)},
                ),
                advice=_(
                    "There are: ${names}.",
                    mapping={"names": ", ".join(sorted(self.context.makers))},
                ),
            )
        return self.context.make(key)

    def __delitem__(self, key: str) -> None:
        part = self.make(key)
        require(part.permissions["write"], part.owner)
        with in_site(part.owner):
            part.remove()


@provider(IExclusive)
class PartSynchronizer(AspectSynchronizer):
    """Synchronizes one part of an object."""

    complete = True
    inherited = True

    def metadata(self) -> None:
        """See `ISerializer`: the name of a part says how it is made."""

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        with in_site(self.context.owner):
            super().dump(writeable)

    def load(self, readable: Any) -> Any:
        """See `IFileDeserializer`."""
        with in_site(self.context.owner):
            return super().load(readable)
