"""Synchronize workflows of Products.DCWorkflow: the definition, with its scripts.

The XML of GenericSetup names the file of a script; here the element has its source.
"""

from __future__ import annotations

from typing import Any
from xml.dom.minidom import Document
from xml.dom.minidom import Element

from Acquisition import aq_base

from zope.app.fssync.hosts.ofs.content.setupbody import body_of
from zope.app.fssync.hosts.ofs.content.setupbody import import_body
from zope.app.fssync.hosts.ofs.content.setupbody import parsed
from zope.app.fssync.hosts.ofs.content.setupbody import written
from zope.app.fssync.hosts.ofs.content.setupobjects import SetupFile

__all__ = ["WorkflowSynchronizer", "remove_undefined"]

#: The parts of a workflow definition: element, attribute, collection.
DEFINED = (
    ("state", "state_id", "states"),
    ("transition", "transition_id", "transitions"),
    ("variable", "variable_id", "variables"),
    ("worklist", "worklist_id", "worklists"),
    ("script", "script_id", "scripts"),
)


def remove_undefined(workflow: Any, document: Document) -> None:
    """Remove the parts that a definition lacks: the importer only adds parts."""
    for element, attribute, collection in DEFINED:
        named = {
            node.getAttribute(attribute)
            for node in document.getElementsByTagName(element)
            if isinstance(node, Element)
        }
        container = getattr(workflow, collection)
        for name in set(container.objectIds()) - named:
            container._delObject(name)


class WorkflowSynchronizer(SetupFile):
    """Synchronize a workflow definition."""

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        data = body_of(self.context) or b""
        document = parsed(data)
        scripts = _scripts(document)
        for name, node in scripts.items():
            source = _source(self.context.scripts._getOb(name))
            if source is not None:
                node.appendChild(document.createTextNode(source))
        writeable.write(written(document) if scripts else data)

    def replace(self, wanted: Document, current: Document) -> None:
        """See `BodySynchronizer`."""
        files = {
            node.getAttribute("filename"): "".join(
                each.data for each in node.childNodes if each.nodeType == each.TEXT_NODE
            ).encode()
            for node in _scripts(wanted).values()
        }
        import_body(self.context, wanted, files=files)
        remove_undefined(self.context, wanted)


def _scripts(document: Document) -> dict[str, Element]:
    return {
        node.getAttribute("script_id"): node
        for node in document.getElementsByTagName("script")
        if isinstance(node, Element)
    }


def _source(script: Any) -> str | None:
    """Return the source of a script in the database, None for other scripts."""
    read = getattr(aq_base(script), "read", None)
    return None if read is None else str(script.read())
