"""Where a commit puts items: content, extras and annotations are all mappings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.fssync.cached import cached_property
from zope.fssync.interfaces import IPartMaker
from zope.fssync.task.walk import child

__all__ = ["ItemContainer", "LazyContainer", "container_of", "has_item"]


class ItemContainer:
    """Where items are put: the content of an object, its extras or annotations.

    ``changes`` collects what is new in extras and annotations; content is
    changed at once.
    """

    def __init__(self, synchronizer: Any, owner: Any, changes: Any = None) -> None:
        self.synchronizer = synchronizer
        self.owner = owner
        self.changes = changes

    def __getitem__(self, key: Any) -> Any:
        return child(self.synchronizer, key)

    def __setitem__(self, key: Any, obj: Any) -> None:
        self.synchronizer[key] = obj
        if self.changes is not None:
            self.changes[key] = obj
            self.changes.removed -= {key}

    def __delitem__(self, key: Any) -> None:
        del self.synchronizer[key]
        if _makes(self.synchronizer, key):
            self.note(key, None)
        elif self.changes is not None:
            self.changes.removed |= {key}

    def note(self, key: Any, part: Any) -> None:
        """Note that a part of an object was loaded, or removed: None."""
        if self.changes is not None and _makes(self.synchronizer, key):
            self.changes[key] = part


def _makes(synchronizer: Any, key: Any) -> bool:
    return bool(IPartMaker.providedBy(synchronizer) and synchronizer.makes(key))


class LazyContainer(ItemContainer):
    """The container of the object that a commit is about.

    It is looked up only if it is to be changed: it may be withheld from the caller, or
    have no synchronizer.
    """

    changes = None

    def __init__(self, lookup: Callable[[], Any], owner: Any, obj: Any) -> None:
        self._lookup = lookup
        self._obj = obj
        self.owner = owner

    @cached_property
    def synchronizer(self) -> Any:
        """The synchronizer of the container, once it is needed."""
        return self._lookup()

    def __getitem__(self, key: Any) -> Any:
        if "synchronizer" not in vars(self):
            return self._obj
        return super().__getitem__(key)


def container_of(place: ItemContainer) -> Any:
    """Return what the steps of 3.6.0 take for the container of an item.

    Extras and annotations are put into the place itself, which notes the changes.
    """
    return place.owner if place.changes is None else place


def has_item(synchronizer: Any, key: Any) -> bool:
    """Return whether a directory has something with this key."""
    try:
        child(synchronizer, key)
    except KeyError:
        return False
    return True
