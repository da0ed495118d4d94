"""The fields of an object of Dexterity, those of its behaviors included."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import NamedTuple

from Acquisition import aq_base
from DateTime import DateTime
from plone.autoform.interfaces import READ_PERMISSIONS_KEY
from plone.autoform.interfaces import WRITE_PERMISSIONS_KEY
from plone.dexterity.schema import SCHEMA_CACHE
from plone.dexterity.utils import iterSchemata
from plone.rfc822.interfaces import IPrimaryField
from plone.supermodel.utils import mergedTaggedValueDict
from zope.annotation.interfaces import IAnnotations
from zope.globalrequest import getRequest
from zope.lifecycleevent import Attributes
from zope.schema import getFieldsInOrder
from zope.schema.interfaces import IPassword

from zope.app.fssync.hosts.ofs.permissions import allowed
from zope.app.fssync.hosts.ofs.permissions import title
from zope.app.fssync.hosts.plone.times import python_time
from zope.app.fssync.hosts.plone.times import zope_time
from zope.fssync.cached import cached_property

__all__ = ["Slot", "primary", "slots"]

#: What a request knows about the fields of types.
_KNOWN = "zope.app.fssync.hosts.plone.slots"

_METADATA = "plone.app.dexterity.behaviors.metadata"


class Attribute(NamedTuple):
    """An attribute that the adapter of a behavior reads in a way of its own."""

    name: str
    #: The method that sets it, where the attribute itself is not set.
    setter: str | None = None


#: These adapters drop zones and seconds of times, or make whoever reads a creator:
#: one adapter has them all.
ATTRIBUTES: Mapping[str, Attribute] = {
    f"{_METADATA}.IBasic.title": Attribute("title"),
    f"{_METADATA}.IBasic.description": Attribute("description"),
    f"{_METADATA}.ICategorization.subjects": Attribute("subject"),
    f"{_METADATA}.ICategorization.language": Attribute("language", "setLanguage"),
    f"{_METADATA}.IPublication.effective": Attribute("effective_date"),
    f"{_METADATA}.IPublication.expires": Attribute("expiration_date"),
    f"{_METADATA}.IOwnership.creators": Attribute("creators", "setCreators"),
    f"{_METADATA}.IOwnership.contributors": Attribute(
        "contributors", "setContributors"
    ),
    f"{_METADATA}.IOwnership.rights": Attribute("rights", "setRights"),
}

#: Fields of forms that hold nothing of the object.
TRANSIENT = frozenset(
    (
        "plone.app.dexterity.behaviors.id.IShortName.id",
        "plone.app.versioningbehavior.behaviors.IVersionable.changeNote",
    )
)


@dataclass(frozen=True)
class Slot:
    """A field of an object, and the name by which its text has it."""

    key: str
    schema: Any
    field: Any
    #: The permissions to read and to write it beside those of the object.
    reading: str | None = None
    writing: str | None = None
    #: The attribute to be used in the place of an adapter.
    attribute: Attribute | None = None

    @cached_property
    def has_default(self) -> bool:
        """Whether new objects have a value that is not empty."""
        return self.field.default not in (None, "", (), [])

    @property
    def change(self) -> Attributes:
        """What describes a change of the value, in the event of its object."""
        return Attributes(self.schema, self.field.__name__)

    def get(self, obj: Any) -> Any:
        """Return the value as it is stored; the missing value where there is none."""
        attribute = self.attribute
        if attribute is not None:
            value = getattr(aq_base(obj), attribute.name, None)
            if isinstance(value, DateTime):
                return python_time(value)
            return value
        adapted = self.schema(obj, None)
        if adapted is None:
            return self.field.missing_value
        return getattr(adapted, self.field.__name__, self.field.missing_value)

    def put(self, obj: Any, value: Any) -> None:
        """Store a valid value."""
        attribute = self.attribute
        if attribute is None:
            setattr(self.schema(obj), self.field.__name__, value)
        elif attribute.setter:
            getattr(obj, attribute.setter)(value)
        elif attribute.name.endswith("_date"):
            setattr(obj, attribute.name, None if value is None else zope_time(value))
        else:
            setattr(obj, attribute.name, value)

    def readable(self, obj: Any) -> bool:
        """Return whether the caller may read the field."""
        return allowed(self.reading, obj)

    def writable(self, obj: Any) -> bool:
        """Return whether the caller may write the field."""
        return allowed(self.writing, obj)


def slots(obj: Any) -> list[Slot]:
    """Return the fields of an object that hold something, each under its own name.

    During a request they are looked up once for each type, unless types change.
    """
    schemata = tuple(iterSchemata(obj))
    key = (schemata, SCHEMA_CACHE.invalidations)
    known = IAnnotations(getRequest()).setdefault(_KNOWN, {})
    if key not in known:
        known[key] = _slots(schemata)
    found: list[Slot] = known[key]
    return found


def _slots(schemata: Iterable[Any]) -> list[Slot]:
    found: dict[str, Slot] = {}
    for schema in schemata:
        reading, writing = (
            mergedTaggedValueDict(schema, each)
            for each in (READ_PERMISSIONS_KEY, WRITE_PERMISSIONS_KEY)
        )
        for name, field in getFieldsInOrder(schema):
            if field.readonly or IPassword.providedBy(field):
                continue
            key = name if name not in found else f"{schema.__identifier__}.{name}"
            id = f"{field.interface.__identifier__}.{name}"
            if id not in TRANSIENT:
                found[key] = Slot(
                    key,
                    schema,
                    field,
                    reading=_title(reading.get(name)),
                    writing=_title(writing.get(name)),
                    attribute=ATTRIBUTES.get(id),
                )
    return list(found.values())


def _title(permission: str | None) -> str | None:
    return None if permission is None else title(permission)


def primary(found: list[Slot]) -> Slot | None:
    """Return the field that is the body of an object, None where there is none."""
    return next((each for each in found if IPrimaryField.providedBy(each.field)), None)
