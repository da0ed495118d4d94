"""The parts of content: fields, identity, order, display, sharing, workflow state."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from AccessControl.PermissionRole import rolesForPermissionOn
from Acquisition import aq_base
from DateTime import DateTime
from DateTime.interfaces import DateTimeError
from plone.base.interfaces.constrains import ISelectableConstrainTypes
from plone.dexterity.interfaces import IDexterityContent
from plone.uuid.interfaces import ATTRIBUTE_NAME
from plone.uuid.interfaces import IUUID
from Products.CMFCore.utils import getToolByName
from Products.CMFDynamicViewFTI.interfaces import ISelectableBrowserDefault
from Products.ZCatalog.ZCatalog import ZCatalog
from zope.annotation.interfaces import IAnnotations
from zope.globalrequest import getRequest

from zope.app.fssync.hosts.ofs.content.aspect import state
from zope.app.fssync.hosts.ofs.content.security import LocalRoles
from zope.app.fssync.hosts.ofs.content.security import local_roles
from zope.app.fssync.hosts.ofs.permissions import allowed
from zope.app.fssync.hosts.ofs.permissions import require
from zope.app.fssync.hosts.plone import translations
from zope.app.fssync.hosts.plone.bodies import Body
from zope.app.fssync.hosts.plone.fields import Fields
from zope.app.fssync.hosts.plone.locking import refuse_locked
from zope.app.fssync.hosts.plone.parts import Part
from zope.app.fssync.hosts.plone.parts import TextPart
from zope.app.fssync.hosts.plone.slots import Slot
from zope.app.fssync.hosts.plone.times import python_time
from zope.fssync import itemtext
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

__all__ = [
    "FieldPart",
    "FieldsPart",
    "Identity",
    "Layout",
    "Order",
    "Sharing",
    "field_part",
    "fields_text",
]


#: The key of the UIDs that a request has assigned to new objects.
_GIVEN = "zope.app.fssync.hosts.plone.aspects"


def fields_text(obj: Any) -> bytes:
    """Return the text of all fields of an object."""
    return itemtext.dumps(Fields(obj).items())


class FieldsPart(TextPart):
    """The fields that are not files of their own."""

    def items(self) -> Iterator[Item]:
        """See `TextPart`."""
        return Fields(self.owner).items()

    def replace(self, items: list[Item]) -> Any:
        """See `TextPart`."""
        refuse_locked(self.owner)
        fields = Fields(self.owner, self.is_new)
        callback = fields.load(items)
        self.changes += fields.changes
        return callback


class FieldPart(Part):
    """A field that is a file beside the body, as the image of a news item."""

    body: type[Body]
    slot: Slot

    def _body(self) -> Body:
        return self.body(self.owner, self.slot)

    @property
    def present(self) -> bool:
        """See `Part`."""
        return self.slot.readable(self.owner) and self._body().present

    def dump(self, writeable: Any) -> None:
        """See `Part`."""
        for piece in self._body().pieces():
            writeable.write(piece)

    def load(self, readable: Any) -> Any:
        """See `Part`."""
        return self._change(lambda body: body.load(readable))

    def remove(self) -> None:
        """See `Part`."""
        self._change(lambda body: body.store(None))

    def _change(self, change: Callable[[Body], Any]) -> Any:
        refuse_locked(self.owner)
        body = self._body()
        body.require()
        callback = change(body)
        self.changes.append(self.slot.change)
        return callback


def field_part(body: type[Body], slot: Slot) -> Callable[[Any, str, bool], FieldPart]:
    """Return a factory for the part of a field."""

    def make(owner: Any, key: str, is_new: bool) -> FieldPart:
        part = FieldPart(owner, key, is_new)
        part.body, part.slot = body, slot
        return part

    return make


class Identity(TextPart):
    """The values that an object keeps when it is moved.

    These are its UID, the group of its translations, and its creation date.
    """

    def items(self) -> Iterator[Item]:
        """See `TextPart`."""
        uid = IUUID(self.owner, None)
        if uid is not None:
            yield Item("uid", uid)
        if (group := translations.group_of(self.owner)) is not None:
            yield Item("translations", group)
        created = getattr(aq_base(self.owner), "creation_date", None)
        if created is not None:
            yield Item("created", python_time(created).isoformat())

    def replace(self, items: list[Item]) -> Callable[[], None] | None:
        """See `TextPart`: a new object gets the UID unless another one has it."""
        wanted = {item.key: item.value or "" for item in items}
        current = {item.key: item.value or "" for item in self.items()}
        if unknown := wanted.keys() - {"uid", "translations", "created"}:
            raise SynchronizationError(
                _(
                    "${name} is no part of an identity",
                    mapping={"name": repr(min(unknown))},
                )
            )
        uid = wanted.get("uid", current.get("uid"))
        if uid != current.get("uid"):
            self._set_uid(uid or "")
        created = wanted.get("created", current.get("created"))
        if created is not None and created != current.get("created"):
            self._set_created(created)
        group = wanted.get("translations", current.get("translations"))
        if group is None or group == current.get("translations"):
            return None
        if not self.is_new:
            raise SynchronizationError(_("translations are assigned in the browser"))
        # Its language may come later.
        return lambda: translations.join(self.owner, group)

    def _set_uid(self, uid: str) -> None:
        if not self.is_new:
            raise SynchronizationError(_("the UID of an object stays what it is"))
        given = IAnnotations(getRequest()).setdefault(_GIVEN, set())
        if uid and uid not in given and not self._is_indexed(uid):
            given.add(uid)
            setattr(aq_base(self.owner), ATTRIBUTE_NAME, uid)

    def _is_indexed(self, uid: str) -> bool:
        catalog = getToolByName(self.owner, "portal_catalog")
        if not ZCatalog.searchResults(catalog, UID=uid):
            return False
        # The object may have been removed in this transaction: process the indexing
        # queue to find out.
        return bool(catalog.unrestrictedSearchResults(UID=uid))

    def _set_created(self, text: str) -> None:
        try:
            self.owner.creation_date = DateTime(text)
        except DateTimeError as error:
            raise SynchronizationError(
                _("created: ${reason}", mapping={"reason": error})
            ) from error


class Order(TextPart):
    """The order of the content in a container.

    It has the names that the caller may see.  Other items stay in their places; names
    without an item are ignored.
    """

    def items(self) -> Iterator[Item]:
        """See `TextPart`."""
        container = self.owner
        for name in container.objectIds():
            item = container._getOb(name)
            if IDexterityContent.providedBy(item) and allowed(self.read, item):
                yield Item(name)

    def replace(self, items: list[Item]) -> None:
        """See `TextPart`."""
        container = self.owner
        current = list(container.objectIds())
        there = set(current)
        wanted = [item.key for item in items if item.key in there]
        named = set(wanted)
        following = iter(wanted)
        ids = [next(following) if name in named else name for name in current]
        if ids != current:
            container.moveObjectsByDelta(ids, -len(ids))


#: The permissions to choose how an object is shown, and what can be added to it.
VIEW, CONSTRAIN = "Modify view template", "Modify constrain types"

#: The names of the lines with the types that can be added.
TYPES = ("constrain_types_mode", "locally_allowed_types", "immediately_addable_types")


class Layout(TextPart):
    """The display of an object, and the types that can be added to a container.

    Plone has a permission for each of them.
    """

    def items(self) -> Iterator[Item]:
        """See `TextPart`."""
        # What is asked for and missing, Dexterity looks for in all fields.
        attributes = state(self.owner)
        for name in ("layout", "default_page"):
            if isinstance(value := attributes.get(name), str) and value:
                yield Item(name, value)
        mode = attributes.get("constrain_types_mode", -1)
        if mode != -1:
            yield Item("constrain_types_mode", str(mode))
            for name in TYPES[1:]:
                yield Item(name, lines=tuple(attributes.get(name) or ()))

    def replace(self, items: list[Item]) -> Any:
        """See `TextPart`."""
        wanted = {item.key: item for item in items}
        current = {item.key: item for item in self.items()}
        layout = wanted.pop("layout", None)
        if layout != current.get("layout"):
            self._require(VIEW)
            self._set_layout(None if layout is None else layout.value or "")
        page = wanted.pop("default_page", None)
        if any(wanted.get(name) != current.get(name) for name in (*wanted, *TYPES)):
            self._require(CONSTRAIN)
            self._constrain(wanted)
        if page == current.get("default_page"):
            return None
        self._require(VIEW)
        # The same commit may create the page later.
        return lambda: self._set_page(None if page is None else page.value or "")

    def _require(self, permission: str) -> None:
        """Require a permission; a new object will belong to the caller."""
        roles = rolesForPermissionOn(permission, self.owner)
        if not (self.is_new and "Owner" in roles):
            require(permission, self.owner)

    def _set_layout(self, name: str | None) -> None:
        selectable = ISelectableBrowserDefault(self.owner)
        if name is None:
            self.owner.manage_delProperties(["layout"])
        elif name in {each for each, _ in selectable.getAvailableLayouts()}:
            selectable.setLayout(name)
        else:
            raise SynchronizationError(
                _(
                    "there is no view ${name} for ${type}",
                    mapping={
                        "name": repr(name),
                        "type": repr(self.owner.portal_type),
                    },
                )
            )

    def _set_page(self, name: str | None) -> None:
        if name is not None and not self.owner.has_key(name):
            raise SynchronizationError(
                _("default_page: there is no ${name}", mapping={"name": repr(name)})
            )
        ISelectableBrowserDefault(self.owner).setDefaultPage(name)

    def _constrain(self, wanted: dict[str, Item]) -> None:
        mode = wanted.pop("constrain_types_mode", None)
        types = {name: wanted.pop(name, Item(name)).lines for name in TYPES[1:]}
        if wanted:
            raise SynchronizationError(
                _("${name} is nothing of a layout", mapping={"name": repr(min(wanted))})
            )
        constrains = ISelectableConstrainTypes(self.owner, None)
        if constrains is None:
            if mode is not None:
                raise SynchronizationError(
                    _("the types in this object cannot be chosen")
                )
            return
        value = -1 if mode is None else int(mode.value or -1)
        if value not in (-1, 0, 1):
            raise SynchronizationError(_("constrain_types_mode is -1, 0 or 1"))
        if constrains.getConstrainTypesMode() != value:
            constrains.setConstrainTypesMode(value)
        if value == 1:
            try:
                constrains.setLocallyAllowedTypes(list(types["locally_allowed_types"]))
                constrains.setImmediatelyAddableTypes(
                    list(types["immediately_addable_types"])
                )
            except ValueError as error:
                raise SynchronizationError(str(error)) from error


class Sharing(TextPart, write="Change permissions", read="Change permissions"):
    """The local roles of users and groups."""

    def items(self) -> Iterator[Item]:
        """See `TextPart`."""
        if getattr(aq_base(self.owner), "__ac_local_roles_block__", None):
            yield Item("inherit", "false")
        local = LocalRoles(self.owner)
        if local.present:
            yield from local.items()

    def replace(self, items: list[Item]) -> None:
        """See `TextPart`."""
        blocked = any(item == Item("inherit", "false") for item in items)
        roles = [item for item in items if item.value is None]
        if len(roles) + blocked < len(items):
            raise SynchronizationError(
                _("roles stand in lines below a user or a group")
            )
        base = aq_base(self.owner)
        if blocked != bool(getattr(base, "__ac_local_roles_block__", None)):
            base.__ac_local_roles_block__ = blocked
        if not roles:
            # The role Owner of the owner is left out.
            kept = [u for u, names in local_roles(base).items() if "Owner" in names]
            roles = [Item(user, lines=("Owner",)) for user in kept]
        LocalRoles(self.owner).replace(roles)
        self.owner.reindexObjectSecurity()
