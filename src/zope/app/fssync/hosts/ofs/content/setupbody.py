"""Synchronize tools that Products.GenericSetup describes as files in its XML.

The file of a ZCatalog has its indexes and its columns, but not the indexed values.
Loading purges nothing: indexes and columns that stay keep their data, and those that
the file lacks are removed.
"""

from __future__ import annotations

import logging
from typing import Any
from xml.dom.minidom import Document
from xml.dom.minidom import Element
from xml.dom.minidom import parseString
from xml.etree.ElementTree import canonicalize
from xml.parsers import expat

from Products.GenericSetup.interfaces import IBody
from Products.GenericSetup.interfaces import ISetupEnviron
from zope.component import getMultiAdapter
from zope.component import queryUtility
from zope.interface import implementer
from zope.interface import provider

from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import ILimits
from zope.fssync.interfaces import IMaker
from zope.fssync.limits import DEFAULT
from zope.fssync.messages import _

__all__ = [
    "BodySynchronizer",
    "CatalogSynchronizer",
    "drop_unchanged",
    "mark_removed",
    "parsed",
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
class _Environment:
    """An import environment that purges nothing."""

    def getLogger(self, name: str) -> logging.Logger:
        return logging.getLogger(f"GenericSetup.{name}")

    def shouldPurge(self) -> bool:
        return False


@implementer(IFileSynchronizer)
class BodySynchronizer(FileBody):
    """Base for tools with an adapter to `IBody`, whose body is the file."""

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(self._adapter().body)

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        self.refuse_locked()
        limit = queryUtility(ILimits, default=DEFAULT).pickle_size
        data = readable.read(limit + 1)
        if len(data) > limit:
            raise LimitExceeded(
                _("settings of more than ${limit} bytes", mapping={"limit": limit})
            )
        wanted, current = parsed(data), parsed(self._adapter().body)
        _check_kind(wanted, current)
        mark_removed(wanted, current)
        drop_unchanged(wanted, current)
        try:
            self._adapter().body = wanted.toxml("utf-8")
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise SynchronizationError(
                _("not taken: ${reason}", mapping={"reason": error})
            ) from error

    def _adapter(self) -> Any:
        return getMultiAdapter((self.context, _Environment()), IBody)


@provider(IMaker)
class CatalogSynchronizer(
    BodySynchronizer, write="Manage ZCatalog Entries", add="Add ZCatalogs"
):
    """Synchronize a ZCatalog."""

    body = frozenset(("_catalog", "_objects", "vocab_id", "title"))

    @staticmethod
    def make(klass: type) -> Any:
        """See `IMaker`."""
        return klass("")


def parsed(data: bytes) -> Document:
    """Return an XML document; refuse a DTD, whose entities may expand."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
        return parseString(data)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise SynchronizationError(
            _("not well-formed: ${reason}", mapping={"reason": error})
        ) from error


def _refuse_doctype(*args: Any) -> None:
    raise SynchronizationError(_("the document has a DTD"))


def _check_kind(wanted: Document, current: Document) -> None:
    """Refuse a document of another kind of tool: everything in the tool would go."""
    found, root = wanted.documentElement, current.documentElement
    if found is None or root is None:
        return
    kind = root.getAttribute("meta_type")
    if (found.tagName, found.getAttribute("meta_type")) != (root.tagName, kind):
        raise SynchronizationError(
            _("it does not describe a ${kind}", mapping={"kind": kind or root.tagName})
        )


def mark_removed(wanted: Document, current: Document) -> None:
    """Mark the parts that are missing in the wanted document as removed."""
    if wanted.documentElement is not None and current.documentElement is not None:
        _mark(wanted, wanted.documentElement, current.documentElement)


def drop_unchanged(wanted: Document, current: Document) -> None:
    """Drop unchanged parts, since importers may empty an index."""
    if wanted.documentElement is None or current.documentElement is None:
        return
    known = _parts(current.documentElement)
    for key, node in _parts(wanted.documentElement).items():
        if key in known and _canonical(node) == _canonical(known[key]):
            wanted.documentElement.removeChild(node)


def _canonical(node: Element) -> str:
    return canonicalize(node.toxml(), strip_text=True)


def _mark(document: Document, wanted: Element, current: Element) -> None:
    there = _parts(wanted)
    for key, node in _parts(current).items():
        if key in there:
            _mark(document, there[key], node)
        elif node.tagName not in GROUPS:
            gone = document.importNode(node, False)
            gone.setAttribute("remove", "True")
            wanted.appendChild(gone)


def _parts(element: Element) -> dict[tuple[str, ...], Element]:
    found = {}
    for node in element.childNodes:
        if not isinstance(node, Element):
            continue
        if node.tagName in PARTS or node.tagName in GROUPS:
            names = PARTS.get(node.tagName, ())
            found[node.tagName, *map(node.getAttribute, names)] = node
    return found
