"""Content of Dexterity: items become files, containers directories."""

from __future__ import annotations

import html
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from AccessControl.Permissions import delete_objects
from AccessControl.Permissions import view
from Acquisition import aq_base
from OFS.ObjectManager import checkValidId
from plone.base.utils import check_id
from plone.dexterity.interfaces import IDexterityFTI
from plone.namedfile.interfaces import INamed
from plone.namedfile.utils import get_contenttype
from Products.CMFEditions.interfaces import IVersioned
from zExceptions import BadRequest
from ZODB.utils import z64
from zope.component import queryUtility
from zope.interface import implementer
from zope.interface import provider
from zope.lifecycleevent import Attributes

from zope.app.fssync.hosts.ofs.content.items import ItemAccess
from zope.app.fssync.hosts.ofs.content.synchronizer import ObjectSynchronizer
from zope.app.fssync.hosts.ofs.interfaces import IGuarded
from zope.app.fssync.hosts.ofs.permissions import ANYTHING
from zope.app.fssync.hosts.ofs.permissions import title
from zope.app.fssync.hosts.plone import aspects
from zope.app.fssync.hosts.plone.bodies import Body
from zope.app.fssync.hosts.plone.bodies import body_of
from zope.app.fssync.hosts.plone.comments import Comments
from zope.app.fssync.hosts.plone.locking import refuse_locked
from zope.app.fssync.hosts.plone.parts import MODIFY
from zope.app.fssync.hosts.plone.parts import Part
from zope.app.fssync.hosts.plone.parts import Parts
from zope.app.fssync.hosts.plone.portlets import Portlets
from zope.app.fssync.hosts.plone.site import in_site
from zope.app.fssync.hosts.plone.slots import Slot
from zope.app.fssync.hosts.plone.slots import primary
from zope.app.fssync.hosts.plone.slots import slots
from zope.app.fssync.hosts.plone.versions import without_versions
from zope.app.fssync.hosts.plone.workflow import Workflow
from zope.fssync.cached import cached_property
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.messages import _
from zope.fssync.synchronizer import StreamedBody
from zope.fssync.synchronizer import Synchronizer
from zope.fssync.synchronizer import dottedname

__all__ = ["ContainerSynchronizer", "ContentSynchronizer", "ItemSynchronizer"]

Makers = Mapping[str, Callable[[Any, str, bool], Part]]

#: What tools note in an object: that it has versions, or a working copy.
NOTED = frozenset(
    (
        dottedname(IVersioned),
        "plone.app.iterate.interfaces.IBaseline",
        "plone.app.iterate.interfaces.IWorkingCopy",
    )
)


@implementer(IGuarded)
class ContentSynchronizer(Synchronizer):
    """What items and containers have in common: type, parts and permissions."""

    complete = True

    #: The parts that content has beside its fields.
    parts: Makers = {
        "comments": Comments,
        "identity": aspects.Identity,
        "layout": aspects.Layout,
        "portlets": Portlets,
        "sharing": aspects.Sharing,
        "workflow": Workflow,
    }

    provide = ObjectSynchronizer.provide

    @property
    def permissions(self) -> Mapping[str, str | None]:
        """See `IGuarded`."""
        with in_site(self.context):
            fti = queryUtility(IDexterityFTI, name=self.context.portal_type)
        add = None if fti is None else fti.add_permission
        return {
            "read": view,
            "write": MODIFY,
            "add": title(add) if add else ANYTHING,
            "delete": delete_objects,
        }

    @cached_property
    def slots(self) -> list[Slot]:
        """The fields of the object."""
        return slots(self.context)

    @property
    def is_new(self) -> bool:
        """Whether the object is made in this transaction."""
        return bool(getattr(aq_base(self.context), "_p_serial", z64) == z64)

    def metadata(self) -> dict[str, str] | None:
        """See `ISerializer`: the portal type makes such objects."""
        found = super().metadata() or {}
        return _without_notes({**found, "factory": self.context.portal_type})

    def setmetadata(self, metadata: Mapping[str, str]) -> Any:
        """See `IDeserializer`."""
        wanted = metadata.get("factory")
        if wanted and wanted != self.context.portal_type:
            raise SynchronizationError(
                _(
                    "the object is of the type ${type}, which cannot become ${wanted}",
                    mapping={
                        "type": repr(self.context.portal_type),
                        "wanted": repr(wanted),
                    },
                ),
                advice=_("Remove it, commit, and add another one."),
            )
        found = super().setmetadata(_without_notes(metadata))
        # A new object is complete with the event of its last change: a version of it
        # is saved then.
        return [found, Attributes(None)] if self.is_new else found

    def annotations(self) -> None:
        """See `ISerializer`: what is in them that is content is a part."""

    def makers(self) -> Makers:
        """Return what makes the parts that the object may have."""
        raise NotImplementedError

    def extras(self) -> Parts:
        """See `ISerializer`."""
        with in_site(self.context):
            return Parts(self.context, self.makers(), self.is_new)

    def setextras(self, extras: Mapping[str, Any]) -> list[Any]:
        """See `IDeserializer`: parts are loaded already, they know their changes."""
        found: list[Any] = []
        for name, part in extras.items():
            found += [Attributes(None, name)] if part is None else part.changes
        return found


def _without_notes(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return metadata without what tools note in an object of one site."""
    names = metadata.get("provides", "").split()
    kept = [name for name in names if name not in NOTED]
    if kept == names:
        return dict(metadata)
    found = {**metadata, "provides": " ".join(kept)}
    return {key: value for key, value in found.items() if value}


def _name_file(value: Any, key: str) -> None:
    """Give the file of a new object the name and the type that its key says."""
    slot = primary(slots(value))
    file: Any = None if slot is None else slot.get(value)
    if INamed.providedBy(file) and not file.filename:
        file.filename = key
        if not file.contentType:
            file.contentType = get_contenttype(filename=key)


def _blob_makers(known: list[Slot], main: Any) -> dict[str, Any]:
    """Return what makes the parts that are the files of fields."""
    found = {}
    for slot in known:
        body = None if slot is main or slot == main else body_of(slot)
        if body is not None:
            found[slot.key] = aspects.field_part(body, slot)
    return found


@provider(IExclusive)
@implementer(IFileSynchronizer, IStreamedSerializer)
class ItemSynchronizer(StreamedBody, ContentSynchronizer):
    """Synchronizes an item: its primary field is the body.

    Without such a field the text of all fields is.
    """

    @cached_property
    def _main(self) -> tuple[Slot, type[Body]] | None:
        """The primary field, and how it is a file; None if there is none."""
        slot = primary(self.slots)
        if slot is None or not slot.readable(self.context):
            return None
        body = body_of(slot, True)
        return None if body is None else (slot, body)

    def body(self) -> Body | None:
        """Return the primary field as a file, None if there is none."""
        if self._main is None:
            return None
        slot, body = self._main
        return body(self.context, slot)

    def metadata(self) -> dict[str, str] | None:
        """See `ISerializer`."""
        found = super().metadata() or {}
        with in_site(self.context):
            main = self._main
        if main is not None and main[1].binary:
            found["binary"] = "true"
        return found

    def makers(self) -> Makers:
        """See `ContentSynchronizer`."""
        if self._main is None:
            return {**self.parts, **_blob_makers(self.slots, None)}
        blobs = _blob_makers(self.slots, self._main[0])
        return {**self.parts, **blobs, "fields": aspects.FieldsPart}

    def length(self) -> int | None:  # type: ignore[override]
        """See `StreamedBody`."""
        with in_site(self.context):
            if self._main is None or not self._main[1].binary:
                return None
            body = self.body()
            return None if body is None else body.length()

    def pieces(self) -> Iterator[bytes]:
        """See `IStreamedSerializer`."""
        with in_site(self.context):
            body = self.body()
            if body is not None:
                pieces = body.pieces()
            else:
                pieces = iter((aspects.fields_text(self.context),))
        yield from pieces

    def load(self, readable: Any) -> Any:
        """See `IFileDeserializer`."""
        with in_site(self.context):
            refuse_locked(self.context)
            body = self.body()
            if body is None:
                part = aspects.FieldsPart(self.context, "fields", self.is_new)
                return [part.load(readable), *part.changes]
            body.require()
            return [body.load(readable), body.slot.change]


@provider(IExclusive)
@implementer(IDirectorySynchronizer)
class ContainerSynchronizer(ItemAccess, ContentSynchronizer):
    """Synchronizes a container; its items have an order."""

    parts: Makers = {**ContentSynchronizer.parts, "order": aspects.Order}

    def makers(self) -> Makers:
        """See `ContentSynchronizer`."""
        blobs = _blob_makers(self.slots, None)
        return {**self.parts, **blobs, "fields": aspects.FieldsPart}

    def forget_items(self) -> None:
        """Containers remember nothing."""

    def has(self, key: Any) -> bool:
        """Return whether there is an item of this name."""
        return isinstance(key, str) and self.context.has_key(key)

    def names(self) -> Iterator[str]:
        """See `ItemAccess`: the order is a part."""
        return iter(self.context.objectIds(ordered=False))

    def __setitem__(self, key: str, value: Any) -> None:
        value = aq_base(value)
        container = self.context
        with in_site(container):
            self._check_name(key)
            if value.getId() != key:
                value._setId(key) if hasattr(value, "_setId") else None
                value.id = key
            self._check_type(value)
            if not value.title:
                value.title = key
            _name_file(value, key)
            with without_versions(value):
                container._setObject(key, value)

    def _check_name(self, key: str) -> None:
        try:
            # Plone's own check fails with characters that URLs cannot have.
            checkValidId(self.context, key, allow_dup=True)
        except BadRequest as error:
            raise SynchronizationError(html.unescape(str(error))) from error
        message = check_id(self.context, key, required=1, contained_by=self.context)
        if message:
            raise SynchronizationError(str(message))

    def _check_type(self, value: Any) -> None:
        """Refuse what the add menu does not offer here."""
        wanted = value.portal_type
        offered = {fti.getId() for fti in self.context.allowedContentTypes()}
        if wanted not in offered:
            raise SynchronizationError(
                _("a ${wanted} cannot be added here", mapping={"wanted": repr(wanted)}),
                advice=_(
                    "Possible are: ${names}.",
                    mapping={"names": ", ".join(sorted(offered)) or "none"},
                ),
            )

    def __delitem__(self, key: str) -> None:
        if not self.has(key):
            raise KeyError(key)
        with in_site(self.context):
            self.context.manage_delObjects([key])
