"""The portlets of an object, as the elements of a profile.

For each manager the portlets come in their order, then the blocked categories.  Those
of the site itself are in ``portlets.xml`` of its profile.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.dom.minidom import Element

from Acquisition import aq_base
from plone.app.portlets.exportimport.interfaces import (
    IPortletAssignmentExportImportHandler,
)
from plone.app.portlets.interfaces import IPortletTypeInterface
from plone.portlets.constants import CONTENT_TYPE_CATEGORY
from plone.portlets.constants import CONTEXT_ASSIGNMENT_KEY
from plone.portlets.constants import CONTEXT_BLACKLIST_STATUS_KEY
from plone.portlets.constants import CONTEXT_CATEGORY
from plone.portlets.constants import GROUP_CATEGORY
from plone.portlets.constants import USER_CATEGORY
from plone.portlets.interfaces import ILocalPortletAssignmentManager
from plone.portlets.interfaces import IPortletAssignmentMapping
from plone.portlets.interfaces import IPortletAssignmentSettings
from plone.portlets.interfaces import IPortletManager
from Products.CMFCore.utils import getToolByName
from Products.GenericSetup.interfaces import IBody
from Products.GenericSetup.utils import PrettyDocument
from zope.annotation.interfaces import IAnnotations
from zope.component import getMultiAdapter
from zope.component import getUtilitiesFor
from zope.component import queryMultiAdapter
from zope.component import queryUtility
from zope.component.hooks import getSite
from zope.interface import providedBy
from zope.lifecycleevent import Attributes

from zope.app.fssync.hosts.ofs.content.setupbody import parsed
from zope.app.fssync.hosts.plone.parts import Part
from zope.app.fssync.hosts.plone.profile import REFUSALS
from zope.app.fssync.hosts.plone.profile import Given
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.messages import _

__all__ = ["Portlets"]

CATEGORIES = (CONTEXT_CATEGORY, USER_CATEGORY, GROUP_CATEGORY, CONTENT_TYPE_CATEGORY)

#: The settings of an object for inherited portlets.
STATUS = {True: "block", False: "show"}

EMPTY = b"<portlets/>"

#: The annotations that hold the portlets of an object, and what it blocks.
STORED = (CONTEXT_ASSIGNMENT_KEY, CONTEXT_BLACKLIST_STATUS_KEY)


#: The attributes of each element.  With others an importer would remove all portlets of
#: the site, say.
ATTRIBUTES = {
    "assignment": frozenset(
        ("category", "insert-before", "key", "manager", "name", "type", "visible")
    ),
    "blacklist": frozenset(("category", "location", "manager", "status")),
}


class Portlets(
    Part, write="Portlets: Manage portlets", read="Portlets: Manage portlets"
):
    """The portlets of an object, and the categories that it blocks."""

    @property
    def present(self) -> bool:
        """See `Part`."""
        annotations = IAnnotations(self.owner, None)
        if annotations is None or not any(key in annotations for key in STORED):
            return False
        return bool(self._document().documentElement.hasChildNodes())

    def dump(self, writeable: Any) -> None:
        """See `Part`."""
        writeable.write(self._document().toprettyxml(" "))

    def load(self, readable: Any) -> None:
        """See `Part`: GenericSetup imports the elements, as those of a profile."""
        limit = queryUtility(ILimits, default=DEFAULT).pickle_size
        data = readable.read(limit + 1)
        if len(data) > limit:
            raise LimitExceeded(
                _("portlets of more than ${limit} bytes", mapping={"limit": limit})
            )
        document = parsed(data or EMPTY)
        wanted = self._elements(document)
        self._complete(document, wanted)
        site = getSite()
        tool = getToolByName(self.owner, "portal_setup")
        environ = (site.getSiteManager(), Given(tool, {}, False))
        body: Any = getMultiAdapter(environ, IBody, name="plone.portlets")
        try:
            body.body = document.toxml("utf-8")
            self._arrange(wanted)
        except REFUSALS as error:
            raise SynchronizationError(
                _(
                    "portlets: ${class}: ${reason}",
                    mapping={"class": type(error).__name__, "reason": error},
                )
            ) from error
        self.changes.append(Attributes(None, self.key))

    def _document(self) -> Any:
        document: Any = PrettyDocument()
        root = document.createElement("portlets")
        document.appendChild(root)
        for name, manager in sorted(getUtilitiesFor(IPortletManager)):
            for key, assignment in self._mapping(manager).items():
                node = self._assignment(document, assignment)
                if node is not None:
                    node.setAttribute("manager", name)
                    node.setAttribute("name", key)
                    root.appendChild(node)
            for category, status in self._blocked(manager):
                node = document.createElement("blacklist")
                node.setAttribute("manager", name)
                node.setAttribute("category", category)
                node.setAttribute("status", status)
                root.appendChild(node)
        return document

    def _mapping(self, manager: Any) -> Any:
        found = queryMultiAdapter((self.owner, manager), IPortletAssignmentMapping)
        return {} if found is None else found

    def _blocked(self, manager: Any) -> Iterator[tuple[str, str]]:
        local = queryMultiAdapter((self.owner, manager), ILocalPortletAssignmentManager)
        for category in () if local is None else CATEGORIES:
            status = local.getBlacklistStatus(category)
            if status is not None:
                yield category, STATUS[bool(status)]

    def _assignment(self, document: Any, assignment: Any) -> Any:
        """Return the element of a portlet, None for one of an unknown type."""
        names = {each: name for name, each in getUtilitiesFor(IPortletTypeInterface)}
        schema = next(
            (s for s in providedBy(assignment).flattened() if s in names), None
        )
        if schema is None:
            return None
        assignment = aq_base(assignment).__of__(self.owner)
        node = document.createElement("assignment")
        node.setAttribute("type", names[schema])
        if not IPortletAssignmentSettings(assignment).get("visible", True):
            node.setAttribute("visible", "False")
        handler = IPortletAssignmentExportImportHandler(assignment)
        handler.export_assignment(schema, document, node)
        return node

    def _elements(self, document: Any) -> list[Element]:
        found = []
        _check_attributes(document.documentElement, frozenset())
        for node in document.documentElement.childNodes:
            if not isinstance(node, Element):
                continue
            if node.tagName not in ATTRIBUTES:
                raise SynchronizationError(
                    _(
                        "the portlets of an object have no element ${name}",
                        mapping={"name": repr(node.tagName)},
                    )
                )
            if node.tagName == "assignment" and not node.getAttribute("name"):
                raise SynchronizationError(_("a portlet has a name"))
            _check_attributes(node, ATTRIBUTES[node.tagName])
            found.append(node)
        return found

    def _complete(self, document: Any, wanted: list[Element]) -> None:
        """Add the path of the object, and remove portlets that are not in the file."""
        path = "/".join(self.owner.getPhysicalPath())
        place = path[len("/".join(getSite().getPhysicalPath())) :]
        for node in wanted:
            if node.tagName == "assignment":
                # In a profile a category without an element is not changed.
                visible = node.getAttribute("visible") or "True"
                node.setAttribute("visible", visible)
                node.setAttribute("category", CONTEXT_CATEGORY)
                node.setAttribute("key", place)
            else:
                node.setAttribute("location", place)
        kept = {_key(node) for node in wanted}
        for old in self._elements(self._document()):
            if _key(old) in kept:
                continue
            node = document.createElement(old.tagName)
            for name in ("manager", "name", "type", "category"):
                node.setAttribute(name, old.getAttribute(name))
            if old.tagName == "assignment":
                node.setAttribute("category", CONTEXT_CATEGORY)
                node.setAttribute("key", place)
                node.setAttribute("remove", "True")
            else:
                node.setAttribute("location", place)
                node.setAttribute("status", "acquire")
            document.documentElement.appendChild(node)

    def _arrange(self, wanted: list[Element]) -> None:
        for name, manager in getUtilitiesFor(IPortletManager):
            mapping = self._mapping(manager)
            order = [
                node.getAttribute("name")
                for node in wanted
                if node.tagName == "assignment" and node.getAttribute("manager") == name
            ]
            if order != list(mapping):
                known = set(order)
                mapping.updateOrder(order + [n for n in mapping if n not in known])


def _check_attributes(node: Element, known: frozenset[str]) -> None:
    """Refuse attributes that an importer heeds, and that are not about the object."""
    unknown = set(node.attributes.keys()) - known
    if unknown:
        raise SynchronizationError(
            _(
                "${element} has no attribute ${name}",
                mapping={"element": repr(node.tagName), "name": repr(min(unknown))},
            )
        )


def _key(node: Element) -> tuple[str, str, str]:
    """Return the key of an element."""
    name = "name" if node.tagName == "assignment" else "category"
    return node.tagName, node.getAttribute("manager"), node.getAttribute(name)
