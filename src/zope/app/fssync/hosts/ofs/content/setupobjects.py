"""Synchronize what Products.GenericSetup writes: tools, types, workflows, policies.

Such an object is a file with the XML of its adapter to `IBody`.  A container is a
directory: its own XML is the part ``setup``, and items that this does not describe are
files and directories.  What GenericSetup does not write of an object is not recorded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from functools import partial
from typing import Any
from xml.dom.minidom import Document
from xml.dom.minidom import Element

from Acquisition import aq_base
from OFS.interfaces import IFolder
from OFS.interfaces import IObjectManager
from OFS.interfaces import IOrderedContainer
from Products.GenericSetup.interfaces import IBody
from Products.GenericSetup.interfaces import ISetupEnviron
from Products.GenericSetup.interfaces import ISetupTool
from zope.component import getGlobalSiteManager
from zope.interface import Interface
from zope.interface import provider

from zope.app.fssync.hosts.ofs.content.aspect import Aspect
from zope.app.fssync.hosts.ofs.content.aspect import TextAspect
from zope.app.fssync.hosts.ofs.content.folder import FolderSynchronizer
from zope.app.fssync.hosts.ofs.content.folder import Order
from zope.app.fssync.hosts.ofs.content.folder import PlainOrder
from zope.app.fssync.hosts.ofs.content.security import LocalRoles
from zope.app.fssync.hosts.ofs.content.security import Owner
from zope.app.fssync.hosts.ofs.content.security import PermissionSettings
from zope.app.fssync.hosts.ofs.content.security import Roles
from zope.app.fssync.hosts.ofs.content.setupbody import BodySynchronizer
from zope.app.fssync.hosts.ofs.content.setupbody import body_of
from zope.app.fssync.hosts.ofs.content.setupbody import import_body
from zope.app.fssync.hosts.ofs.content.setupbody import made
from zope.app.fssync.hosts.ofs.content.setupbody import mark_moved
from zope.app.fssync.hosts.ofs.content.setupbody import mark_removed
from zope.app.fssync.hosts.ofs.content.setupbody import parsed
from zope.app.fssync.hosts.ofs.content.setupbody import read_body
from zope.app.fssync.hosts.ofs.content.setupbody import refuse_other_kind
from zope.app.fssync.hosts.ofs.content.setupbody import remove_nodes
from zope.app.fssync.hosts.ofs.content.setupbody import require_added
from zope.app.fssync.hosts.ofs.content.setupbody import written
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.app.fssync.server.registration import Described
from zope.app.fssync.server.registration import Registration
from zope.app.fssync.server.registration import registration
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IMaker
from zope.fssync.interfaces import ISynchronizer
from zope.fssync.itemtext import Item
from zope.fssync.registry.synchronizers import ADAPTER
from zope.fssync.registry.synchronizers import NAME
from zope.fssync.registry.synchronizers import find

__all__ = [
    "MANAGE",
    "SetupDirectory",
    "SetupFile",
    "SetupOrder",
    "SetupPart",
    "SetupSynchronizer",
    "SetupToolSynchronizer",
    "ToolSynchronizer",
    "is_setup",
    "register_setup",
    "setup_objects",
]

#: What the tools of CMF ask for.
MANAGE = "Manage portal"

#: The aspects of objects whose other attributes GenericSetup writes.
ASPECTS = (Owner, PermissionSettings, Roles, LocalRoles)

#: Folders and sites: their adapters do not describe what is in them.
NOT_SETTINGS = frozenset(
    (IFolder.__identifier__, "Products.CMFCore.interfaces.ISiteRoot")
)


class SetupPart(Aspect, write=MANAGE, read=MANAGE):
    """What GenericSetup writes of a container itself."""

    name = "setup"

    @property
    def present(self) -> bool:
        """See `IAspect`."""
        return _is_container(self.owner) and body_of(self.owner) is not None

    def dump(self, writeable: Any) -> None:
        """See `IAspect`."""
        writeable.write(written(_own(self.owner, body_of(self.owner) or b"")))

    def load(self, readable: Any) -> Callable[[], None]:
        """See `IAspect`: settings may name items that are made later."""
        return partial(self._replace, read_body(readable))

    def _replace(self, data: bytes) -> None:
        wanted = _own(self.owner, data)
        current = _own(self.owner, body_of(self.owner) or b"")
        refuse_other_kind(wanted, current)
        require_added(self.owner, wanted, current)
        mark_moved(self.owner, wanted, current)
        mark_removed(wanted, current)
        import_body(self.owner, wanted)


class SetupOrder(
    TextAspect, write="Manage properties", read="Access contents information"
):
    """The order of the items of a container, ordered or plain."""

    name = "order"

    def items(self) -> Iterable[Item]:
        """See `TextAspect`."""
        return self._order().items()

    def replace(self, items: list[Item]) -> None:
        """See `TextAspect`."""
        self._order().replace(items)

    def _order(self) -> Order | PlainOrder:
        ordered = IOrderedContainer.providedBy(self.owner)
        return Order(self.owner) if ordered else PlainOrder(self.owner)


def _own(obj: Any, data: bytes) -> Document:
    """Return the document of a container without the items that are files."""
    document = parsed(data)
    root = document.documentElement
    if root is None:
        return document
    gone: list[Any] = []
    for node in root.childNodes:
        if isinstance(node, Element) and node.tagName == "object":
            item = obj._getOb(node.getAttribute("name"), None)
            if item is not None and _travels(item):
                gone.append(node)
                before: Any = node.previousSibling
                if before is not None and before.nodeType == before.TEXT_NODE:
                    gone.append(before)
    remove_nodes(root, gone)
    return document


def _travels(item: Any) -> bool:
    """Return True if an item is described as an object of its own."""
    found = find(aq_base(item))
    if found is None or found.how not in (NAME, ADAPTER):
        return False
    return found.base is None or is_setup(found.factory)


def is_setup(factory: Any) -> bool:
    """Return True if a registered factory makes synchronizers of this module."""
    found = registration(factory).factory
    return isinstance(found, type) and issubclass(found, _KINDS)


def _is_container(obj: Any) -> bool:
    return bool(IObjectManager.providedBy(obj))


@provider(IMaker, IExclusive)
class SetupFile(BodySynchronizer, read=MANAGE, write=MANAGE, add=MANAGE):
    """Synchronize an object that GenericSetup writes completely."""

    aspects = ASPECTS
    make = staticmethod(made)

    def load(self, readable: Any) -> Callable[[], None]:
        """See `IFileDeserializer`: an importer needs the object in its place."""
        self.refuse_locked()
        return partial(self._take, parsed(read_body(readable)))

    def _take(self, wanted: Document) -> None:
        current = parsed(body_of(self.context) or b"")
        refuse_other_kind(wanted, current)
        self.replace(wanted, current)

    def replace(self, wanted: Document, current: Document) -> None:
        """See `BodySynchronizer`: without items, what the document lacks is purged."""
        if _is_container(self.context):
            super().replace(wanted, current)
        else:
            import_body(self.context, wanted, purge=True)


@provider(IMaker, IExclusive)
class SetupDirectory(FolderSynchronizer, read=MANAGE, write=MANAGE, add=MANAGE):
    """Synchronize a container by the XML of GenericSetup, and its items."""

    aspects = (*ASPECTS, SetupPart, SetupOrder)
    make = staticmethod(made)

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        #: The names that the XML of the container has.
        self._described: frozenset[str] | None = None

    def has(self, key: Any) -> bool:
        """See `FolderSynchronizer`."""
        return super().has(key) and self._is_item(key, self.context._getOb(key))

    def iteritems(self) -> Iterator[tuple[str, Any]]:
        """See `IDirectorySerializer`."""
        for name, item in super().iteritems():
            if self._is_item(name, item):
                yield name, item

    def forget_items(self) -> None:
        """See `FolderSynchronizer`."""
        super().forget_items()
        self._described = None

    def _is_item(self, name: str, item: Any) -> bool:
        return _travels(item) or name not in self._names()

    def _names(self) -> frozenset[str]:
        if self._described is None:
            root = parsed(body_of(self.context) or b"<none/>").documentElement
            self._described = frozenset(
                node.getAttribute("name")
                for node in ([] if root is None else root.childNodes)
                if isinstance(node, Element) and node.tagName == "object"
            )
        return self._described


class SetupSynchronizer(SetupDirectory):
    """Synchronize any object with an adapter to `IBody`: a container, or a file."""

    def __new__(cls, context: Any) -> Any:
        """Return the synchronizer of a container, or of another object."""
        if _is_container(context):
            return super().__new__(cls)
        return SetupFile(context)


@provider(IMaker, IExclusive)
class SetupToolSynchronizer(FolderSynchronizer, read=MANAGE, write=MANAGE, add=MANAGE):
    """Synchronize a setup tool: its logs, and the versions of profiles.

    Steps are registered by packages; those in the tool are for old sites.
    """

    body = frozenset(("_export_registry", "_import_registry", "_toolset_registry"))
    make = staticmethod(made)


@provider(IMaker, IExclusive)
class ToolSynchronizer(FileBody, read=MANAGE, write=MANAGE, add=MANAGE):
    """Synchronize a tool that GenericSetup does not write: its attributes."""

    make = staticmethod(made)

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""


_KINDS = (SetupFile, SetupDirectory, ToolSynchronizer)


class ISetupObjectsDirective(Interface):
    """Describe every object that GenericSetup writes, and nothing nearer describes."""


def setup_objects(_context: Any) -> None:
    """Handle ``fssync:setupObjects``, after everything else of the configuration."""
    _context.action(None, register_setup, order=sys.maxsize)


def register_setup() -> None:
    """Register a synchronizer for each interface that has an adapter to `IBody`."""
    registry = getGlobalSiteManager()
    kinds = [
        each.required[0]
        for each in registry.registeredAdapters()
        if each.provided is IBody and not each.name and _is_settings(*each.required)
    ]
    for kind in kinds:
        _register(registry, kind, SetupSynchronizer)
    _register(registry, ISetupTool, SetupToolSynchronizer)


def _is_settings(kind: Any, environment: Any = None) -> bool:
    return (
        environment is not None
        and ISetupEnviron.isOrExtends(environment)
        and kind is not Interface
        and getattr(kind, "__identifier__", "") not in NOT_SETTINGS
    )


def _register(registry: Any, kind: Any, factory: Any) -> None:
    if registry.adapters.registered((kind,), ISynchronizer) is None:
        described = Described(Registration(factory, trusted=True, adapter=True), True)
        registry.registerAdapter(described, (kind,), ISynchronizer)
