"""Make new content by its portal type, or by its suffix and folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from Acquisition import aq_base
from OFS.Image import File
from plone.dexterity.interfaces import IDexterityContainer
from plone.dexterity.interfaces import IDexterityFTI
from Products.BTreeFolder2.BTreeFolder2 import BTreeFolder2
from zope.component import createObject
from zope.component import queryUtility
from zope.component.interfaces import IFactory
from zope.contenttype import guess_content_type
from zope.interface import implementer

from zope.app.fssync.hosts.ofs.content.generators import FileGenerator
from zope.app.fssync.hosts.ofs.content.generators import FolderGenerator
from zope.app.fssync.hosts.ofs.products import OfferedTypes
from zope.app.fssync.hosts.plone.profilefiles import ProfileDirectory
from zope.app.fssync.hosts.plone.profilefiles import ProfileFile
from zope.app.fssync.hosts.plone.profilefiles import entry_in
from zope.app.fssync.hosts.plone.resources import is_in_resources
from zope.app.fssync.hosts.plone.site import in_site
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDirectoryGenerator
from zope.fssync.interfaces import IFileGenerator
from zope.fssync.messages import _
from zope.fssync.synchronizer import getSynchronizer

__all__ = ["ContainerGenerator", "ItemGenerator", "Types", "make"]


def make(portal_type: str) -> Any:
    """Return an empty object of a type of the current site."""
    fti = queryUtility(IDexterityFTI, name=portal_type)
    obj = createObject(fti.factory)
    # Several types may share a factory.
    obj.portal_type = fti.getId()
    return obj


class Types(OfferedTypes):
    """The types of the current site by name, and classes that products offer."""

    def factory(self, name: str) -> Callable[[], Any] | None:
        """See `ITypes`."""
        if queryUtility(IDexterityFTI, name=name) is not None:
            return lambda: make(name)
        found = super().factory(name)
        # A class has a dotted name.
        if found is None and "." not in name and not queryUtility(IFactory, name=name):
            raise SynchronizationError(
                _(
                    "the site has no content type ${name}",
                    mapping={"name": repr(name)},
                ),
                advice=_(
                    "Install its add-on there, or commit its file of "
                    "portal_setup/types."
                ),
            )
        return found


def _likely(name: str) -> Iterator[str]:
    """Iterate over the types that are suitable for a file of this name."""
    kind, _ = guess_content_type(name, b"")
    suffix = os.path.splitext(name)[1]
    if kind.startswith("image/"):
        yield "Image"
    if not suffix or kind == "text/html":
        yield "Document"
    yield "File"


def _first_offered(context: Any, wanted: Iterator[str]) -> str:
    offered = {fti.getId() for fti in context.allowedContentTypes()}
    for each in wanted:
        if each in offered:
            return each
    raise SynchronizationError(
        _("nothing is likely to be added here"),
        advice=_(
            "Add it with --factory: ${names}.",
            mapping={"names": ", ".join(sorted(offered)) or "none"},
        ),
    )


@implementer(IFileGenerator)
class ItemGenerator(FileGenerator):
    """Make a page, an image or a file in content, elsewhere an object of Zope.

    Resources are always files.
    """

    def create(self, context: Any, name: str, extension: str | None = None) -> Any:
        """See `IFileGenerator`."""
        entry = entry_in(context, name, ProfileFile)
        if entry is not None:
            return entry
        if is_in_resources(context):
            return File(name, "", b"")
        if not IDexterityContainer.providedBy(context):
            return super().create(context, name, extension)
        with in_site(context):
            obj = make(_first_offered(context, _likely(name)))
        obj.id = name
        return obj

    def load(self, obj: Any, readable: Any) -> Any:
        """See `IFileGenerator`."""
        if hasattr(aq_base(obj), "portal_type") or isinstance(obj, ProfileFile):
            return getSynchronizer(obj).load(readable)
        return super().load(obj, readable)


@implementer(IDirectoryGenerator)
class ContainerGenerator(FolderGenerator):
    """Make folders of content."""

    def create(self, context: Any, name: str) -> Any:
        """See `IDirectoryGenerator`."""
        entry = entry_in(context, name, ProfileDirectory)
        if entry is not None:
            return entry
        if is_in_resources(context):
            return BTreeFolder2(name)
        if not IDexterityContainer.providedBy(context):
            return super().create(context, name)
        with in_site(context):
            obj = make(_first_offered(context, iter(["Folder"])))
        obj.id = name
        return obj
