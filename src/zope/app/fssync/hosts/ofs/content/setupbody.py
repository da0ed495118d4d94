"""Synchronize objects by the adapters of Products.GenericSetup that provide `IBody`.

The file of a ZCatalog has its indexes and its columns, but not the indexed values.
Loading purges nothing unless it is asked to: parts that stay keep their data, and those
that the document lacks are removed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from collections.abc import Mapping
from inspect import signature
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from typing import ClassVar
from xml.dom.minidom import Document
from xml.dom.minidom import Element
from xml.dom.minidom import parseString
from xml.etree.ElementTree import canonicalize
from xml.parsers import expat

from OFS.interfaces import IOrderedContainer
from Products.GenericSetup.interfaces import IBody
from Products.GenericSetup.interfaces import ISetupEnviron
from zope.component import getMultiAdapter
from zope.component import queryUtility
from zope.interface import implementer
from zope.interface import provider

from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.app.fssync.hosts.ofs.permissions import require
from zope.app.fssync.hosts.ofs.products import item_permissions
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import ILimits
from zope.fssync.interfaces import IMaker
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SETTINGS_PARTS
from zope.fssync.messages import _

__all__ = [
    "BodySynchronizer",
    "CatalogSynchronizer",
    "body_of",
    "drop_unchanged",
    "import_body",
    "made",
    "mark_moved",
    "mark_removed",
    "parsed",
    "read_body",
    "refuse_other_kind",
    "remove_nodes",
    "require_added",
    "written",
]

#: Elements for the parts of a tool, and the attributes with their ids.
PARTS = {
    "assignment": ("manager", "category", "key", "name"),
    "column": ("value",),
    "configlet": ("action_id",),
    "index": ("name",),
    "object": ("name",),
    "skin-path": ("name",),
    "type": ("type_id",),
}

#: Elements whose children are parts of the tool.
GROUPS = frozenset(("bindings",))


@implementer(ISetupEnviron)
class Environment:
    """An import environment; ``files`` are those that the document names."""

    def __init__(
        self, purge: bool = False, files: Mapping[str, bytes] = MappingProxyType({})
    ) -> None:
        self.purge = purge
        self.files = files

    def getLogger(self, name: str) -> logging.Logger:
        return logging.getLogger(f"GenericSetup.{name}")

    def shouldPurge(self) -> bool:
        return self.purge

    def readDataFile(self, filename: str, subdir: str | None = None) -> bytes | None:
        return self.files.get(filename)


def body_of(obj: Any) -> bytes | None:
    """Return the XML of an object, None if its adapter has none."""
    body: bytes | None = getMultiAdapter((obj, Environment()), IBody).body
    return body


def read_body(readable: Any) -> bytes:
    """Return the content of a file, at most as many bytes as a pickle may have."""
    limit = queryUtility(ILimits, default=DEFAULT).pickle_size
    data: bytes = readable.read(limit + 1)
    if len(data) > limit:
        raise LimitExceeded(
            _("settings of more than ${limit} bytes", mapping={"limit": limit})
        )
    return data


def import_body(
    obj: Any,
    document: Document,
    purge: bool = False,
    files: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """Let the adapter of an object import a document."""
    adapter = getMultiAdapter((obj, Environment(purge, files)), IBody)
    try:
        adapter.body = document.toxml("utf-8")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise SynchronizationError(
            _("not taken: ${reason}", mapping={"reason": error})
        ) from error


@implementer(IFileSynchronizer)
class BodySynchronizer(FileBody):
    """Base for objects with an adapter to `IBody`, whose body is the file."""

    #: True if an importer gets only what differs: it may empty the rest.
    prunes: ClassVar[bool] = False

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(body_of(self.context) or b"")

    def load(self, readable: Any) -> Any:
        """See `IFileDeserializer`."""
        self.refuse_locked()
        wanted = parsed(read_body(readable))
        current = parsed(body_of(self.context) or b"")
        refuse_other_kind(wanted, current)
        self.replace(wanted, current)

    def replace(self, wanted: Document, current: Document) -> None:
        """Make the object what a document says."""
        require_added(self.context, wanted, current)
        mark_moved(self.context, wanted, current)
        mark_removed(wanted, current)
        if self.prunes:
            drop_unchanged(wanted, current)
        import_body(self.context, wanted)


@provider(IMaker)
class CatalogSynchronizer(
    BodySynchronizer, write="Manage ZCatalog Entries", add="Add ZCatalogs"
):
    """Synchronize a ZCatalog."""

    body = frozenset(("_catalog", "_objects", "vocab_id", "title"))
    prunes = True

    @staticmethod
    def make(klass: type) -> Any:
        """See `IMaker`."""
        return made(klass)


def made(klass: Any) -> Any:
    """Return a new object, as GenericSetup makes it: an item is called with its id."""
    try:
        signature(klass.__init__).bind(None)
    except TypeError:
        return klass("")
    except ValueError:
        # An ``__init__`` in C, that of tools without one of their own.
        pass
    return klass()


def parsed(data: bytes) -> Document:
    """Return an XML document; refuse a DTD, whose entities may expand.

    The document takes up to a hundred times as much memory as its text.
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = _Gauge().begin
    try:
        parser.Parse(data, True)
        return parseString(data)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise SynchronizationError(
            _("not well-formed: ${reason}", mapping={"reason": error})
        ) from error


def written(document: Document) -> bytes:
    """Return the text of a document that was changed."""
    root = document.documentElement
    text = "" if root is None else root.toxml()
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _refuse_doctype(*args: Any) -> None:
    raise SynchronizationError(_("the document has a DTD"))


class _Gauge:
    """Counts the elements and attributes of a document, which may have only some."""

    def __init__(self) -> None:
        self._count = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Count an element."""
        self._count += 1 + len(attributes)
        if self._count > SETTINGS_PARTS:
            raise LimitExceeded(
                _(
                    "the document has more than ${number} elements and attributes",
                    mapping={"number": SETTINGS_PARTS},
                )
            )


def refuse_other_kind(wanted: Document, current: Document) -> None:
    """Refuse a document of another kind of tool: everything in the tool would go."""
    found, root = wanted.documentElement, current.documentElement
    if found is None or root is None:
        return
    kind = root.getAttribute("meta_type")
    if (found.tagName, found.getAttribute("meta_type")) != (root.tagName, kind):
        raise SynchronizationError(
            _("it does not describe a ${kind}", mapping={"kind": kind or root.tagName})
        )


def mark_moved(obj: Any, wanted: Document, current: Document) -> None:
    """Mark the places of items where the order of an ordered container changes."""
    if wanted.documentElement is not None and current.documentElement is not None:
        _mark_moved(obj, wanted.documentElement, current.documentElement)


def _mark_moved(obj: Any, wanted: Element, current: Element) -> None:
    there, here = _items(wanted), _items(current)
    stay = [name for name in here if name in there]
    if IOrderedContainer.providedBy(obj) and list(there) != [
        *stay,
        *(name for name in there if name not in here),
    ]:
        before = ""
        for name, node in there.items():
            place = "insert-after" if before else "insert-before"
            node.setAttribute(place, before or "*")
            before = name
    for name in stay:
        item = getattr(obj, "_getOb", _nothing)(name, None)
        _mark_moved(item, there[name], here[name])


def require_added(obj: Any, wanted: Document, current: Document) -> None:
    """Require the permissions that products ask for to add the new items."""
    if wanted.documentElement is not None and current.documentElement is not None:
        _require(obj, wanted.documentElement, current.documentElement)


def _require(obj: Any, wanted: Element, current: Element) -> None:
    here = _items(current)
    for name, node in _items(wanted).items():
        if name in here:
            _require(getattr(obj, "_getOb", _nothing)(name, obj), node, here[name])
            continue
        for each in (node, *node.getElementsByTagName("object")):
            for permission in item_permissions(each.getAttribute("meta_type")):
                require(permission, obj)


def _nothing(name: str, default: Any) -> Any:
    return default


def _items(element: Element) -> dict[str, Element]:
    return {key[1]: node for key, node in _parts(element).items() if key[0] == "object"}


def mark_removed(wanted: Document, current: Document) -> None:
    """Mark the parts that are missing in the wanted document as removed.

    What a group has besides its parts is dropped where it is unchanged: an importer may
    refuse what its exporter writes, as a chain that names a workflow which is gone.
    """
    if wanted.documentElement is not None and current.documentElement is not None:
        _mark(wanted, wanted.documentElement, current.documentElement)


def drop_unchanged(wanted: Document, current: Document) -> None:
    """Drop unchanged parts, since importers may empty an index."""
    if wanted.documentElement is None or current.documentElement is None:
        return
    known = _parts(current.documentElement)
    unchanged = [
        node
        for key, node in _parts(wanted.documentElement).items()
        if key in known and _canonical(node) == _canonical(known[key])
    ]
    remove_nodes(wanted.documentElement, unchanged)


def remove_nodes(parent: Element, nodes: Iterable[Any]) -> None:
    """Remove children of an element; `removeChild` looks for each among all others."""
    gone = set(map(id, nodes))
    kept = [each for each in parent.childNodes if id(each) not in gone]
    parent.childNodes[:] = kept
    for before, after in pairwise([None, *kept, None]):
        if before is not None:
            before.nextSibling = after
        if after is not None:
            after.previousSibling = before


def _canonical(node: Element) -> str:
    return canonicalize(node.toxml(), strip_text=True)


def _mark(document: Document, wanted: Element, current: Element) -> None:
    there = _parts(wanted)
    for key, node in _parts(current).items():
        if key in there:
            _mark(document, there[key], node)
            if node.tagName in GROUPS:
                _drop_same(there[key], node)
        elif node.tagName not in GROUPS:
            gone = document.importNode(node, False)
            gone.setAttribute("remove", "True")
            wanted.appendChild(gone)


def _drop_same(wanted: Element, current: Element) -> None:
    known = {_canonical(node) for node in _unnamed(current)}
    same = [node for node in _unnamed(wanted) if _canonical(node) in known]
    remove_nodes(wanted, same)


def _unnamed(element: Element) -> list[Element]:
    return [
        node
        for node in element.childNodes
        if isinstance(node, Element) and node.tagName not in PARTS
    ]


def _parts(element: Element) -> dict[tuple[str, ...], Element]:
    found = {}
    for node in element.childNodes:
        if not isinstance(node, Element):
            continue
        if node.tagName in PARTS or node.tagName in GROUPS:
            names = PARTS.get(node.tagName, ())
            found[node.tagName, *map(node.getAttribute, names)] = node
    return found
