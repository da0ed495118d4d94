"""Synchronize folders of all kinds as directories.

Items are added and removed by the folder's own methods, with their events.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from Acquisition import aq_base
from OFS.Folder import Folder
from zope.interface import implementer
from zope.interface import provider
from ZPublisher.BeforeTraverse import NameCaller
from ZPublisher.BeforeTraverse import queryBeforeTraverse
from ZPublisher.BeforeTraverse import registerBeforeTraverse
from ZPublisher.BeforeTraverse import unregisterBeforeTraverse

from zope.app.fssync.content.order import arranged
from zope.app.fssync.hosts.ofs import itemorder
from zope.app.fssync.hosts.ofs.content.aspect import TextAspect
from zope.app.fssync.hosts.ofs.content.described import synchronizer_class
from zope.app.fssync.hosts.ofs.content.items import ItemAccess
from zope.app.fssync.hosts.ofs.content.permissions import CHANGE_OWNER
from zope.app.fssync.hosts.ofs.content.properties import Properties
from zope.app.fssync.hosts.ofs.content.synchronizer import SECURITY
from zope.app.fssync.hosts.ofs.content.synchronizer import ObjectSynchronizer
from zope.app.fssync.hosts.ofs.permissions import ANYTHING
from zope.app.fssync.hosts.ofs.permissions import allowed
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IMaker
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

__all__ = [
    "AccessRule",
    "BTreeFolderSynchronizer",
    "FolderSynchronizer",
    "ObjectManagerSynchronizer",
    "Order",
    "OrderedFolderSynchronizer",
    "PlainOrder",
    "RootSynchronizer",
]


class AccessRule(TextAspect, write="Add Site Roots"):
    """The name of the method that is called before a folder is traversed."""

    name = "access-rule"

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        for _rank, hook in queryBeforeTraverse(aq_base(self.owner), "AccessRule"):
            yield Item("method", hook.name)

    def replace(self, items: list[Item]) -> Any:
        """See `TextAspect`."""
        if [item.key for item in items] not in ([], ["method"]):
            raise SynchronizationError(_("an access rule is a method"))
        before = list(self.items())
        container = self.owner.this()
        unregisterBeforeTraverse(container, "AccessRule")
        for item in items:
            registerBeforeTraverse(
                container, NameCaller(item.value or ""), "AccessRule", 1
            )
        return self._check if items != before else None

    def _check(self) -> None:
        """Refuse a missing method: nothing below could be reached any more."""
        for item in self.items():
            if getattr(aq_base(self.owner), item.value or " ", None) is None:
                raise SynchronizationError(
                    _(
                        "there is no method ${value}",
                        mapping={"value": repr(item.value)},
                    )
                )


class PlainOrder(
    TextAspect, write="Manage properties", read="Access contents information"
):
    """The order of the items of a plain folder, if they are not sorted by name.

    As `Order`, it has only the names of items that the caller may see.
    """

    name = "order"

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        names = itemorder.ids(self.owner)
        if itemorder.by_name(names):
            return
        for name in names:
            item = self.owner._getOb(name)
            if allowed(_reading(item), item):
                yield Item(name)

    def replace(self, items: list[Item]) -> None:
        """See `TextAspect`."""
        if any(item.kind for item in items):
            raise SynchronizationError(_("the items of this folder cannot be sorted"))
        current = itemorder.ids(self.owner)
        wanted = arranged(current, (item.key for item in items))
        if not items:
            wanted.sort()
        if wanted != current:
            itemorder.arrange(self.owner, wanted)


#: The aspects of folders of all kinds.
PLACE = (*SECURITY, Properties, AccessRule)


@implementer(IDirectorySynchronizer)
class FolderSynchronizer(
    ItemAccess, ObjectSynchronizer, write="Manage properties", add="Add Folders"
):
    """Synchronize a folder."""

    aspects = (*PLACE, PlainOrder)

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        #: The ids are read once: folders search all items for each id.
        self._ids: set[str] | None = None
        #: True if the items are sorted by name.
        self._by_name: bool | None = None

    def has(self, key: Any) -> bool:
        """Return True if there is an item of this name."""
        if self._ids is None:
            self._ids = set(self.context.objectIds())
        return key in self._ids

    def forget_items(self) -> None:
        """Read the items again, since others have changed them."""
        self._ids = None
        self._by_name = None

    def __setitem__(self, key: str, value: Any) -> None:
        value = aq_base(value)
        if value.getId() != key:
            value._setId(key)
        # Otherwise the user who adds the object owns it, as everywhere in Zope.
        own = 0 if allowed(CHANGE_OWNER, self.context) else 1
        if self._by_name is None:
            names = itemorder.ids(self.context)
            self._by_name = PlainOrder in self.aspects and itemorder.by_name(names)
        self.context._setObject(key, value, set_owner=own)
        if self._by_name:
            itemorder.put_last_by_name(self.context)
        if self._ids is not None:
            self._ids.add(key)

    def __delitem__(self, key: str) -> None:
        if not self.has(key):
            raise KeyError(key)
        if key in self.context._reserved_names:
            raise SynchronizationError(
                _("${key} cannot be removed", mapping={"key": repr(key)})
            )
        self.context._delObject(key)
        if self._ids is not None:
            self._ids.discard(key)


class ObjectManagerSynchronizer(FolderSynchronizer):
    """Synchronize a container that is no folder, and may have no properties."""

    aspects = (*SECURITY, AccessRule, PlainOrder)


@provider(IMaker, IExclusive)
class RootSynchronizer(FolderSynchronizer):
    """Synchronize the root, whose user folder stays; elsewhere it becomes a folder."""

    @staticmethod
    def make(klass: type) -> Any:
        """See `IMaker`."""
        return Folder()

    def __delitem__(self, key: str) -> None:
        if key == "acl_users":
            raise SynchronizationError(_("the users of the root cannot be removed"))
        super().__delitem__(key)


class Order(TextAspect, write="Manage properties", read="Access contents information"):
    """The order of the items of a folder.

    It has the names of items that the caller may see.  Other items stay in their
    places; names without an item are ignored.
    """

    name = "order"
    covers = frozenset(("_default_sort_key", "_default_sort_reverse"))

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        folder = self.owner
        if folder.getDefaultSorting() != ("position", 0):
            key, reverse = folder.getDefaultSorting()
            yield Item(key, kind="sorted backwards" if reverse else "sorted")
        for name, item in folder.objectItems():
            if allowed(_reading(item), item):
                yield Item(name)

    def replace(self, items: list[Item]) -> None:
        """See `TextAspect`."""
        folder = self.owner
        sorting = [item for item in items if item.kind]
        key, reverse = "position", 0
        for item in sorting:
            key, reverse = item.key, int(item.kind == "sorted backwards")
        if len(sorting) > 1 or folder.getDefaultSorting() != (key, reverse):
            folder.setDefaultSorting(key, reverse)
        current = list(folder.objectIds())
        wanted = (item.key for item in items if not item.kind)
        ids = arranged(current, wanted)
        if ids != current:
            folder.moveObjectsByDelta(ids, -len(ids))


def _reading(item: Any) -> str | None:
    """Return the permission to see an item."""
    factory = synchronizer_class(item)
    # Items of Plone have a permission that depends on the object.
    guarded = None if factory is None else factory(item)
    permissions: Mapping[str, str | None] = getattr(guarded, "permissions", {})
    return permissions.get("read", ANYTHING)


class OrderedFolderSynchronizer(FolderSynchronizer):
    """Synchronize a folder whose items have an order."""

    aspects = (*PLACE, Order)


class BTreeFolderSynchronizer(
    FolderSynchronizer, write="Manage properties", add="Add BTreeFolder2s"
):
    """Synchronize a folder for many items."""

    aspects = PLACE
    body = frozenset(("_count", "_mt_index", "_tree"))

    def has(self, key: Any) -> bool:
        """See `FolderSynchronizer`: a BTree finds an id quickly."""
        return isinstance(key, str) and bool(self.context.has_key(key))
