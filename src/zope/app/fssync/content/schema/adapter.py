"""Objects that have a schema become files, or directories, without code of their own.

The directive ``fssync:synchronizer`` with ``schema`` makes the synchronizers.  The
fields are lines of text: the file itself, or the extra ``fields`` beside a body and
beside the items of a container.  Values without a text, and what an object has beyond
its schema, are extras of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import closing
from inspect import signature
from typing import Any
from typing import ClassVar

from zope.component import adapter
from zope.container.interfaces import IReadContainer
from zope.container.ordered import OrderedContainer
from zope.event import notify
from zope.interface import Interface
from zope.interface import implementer
from zope.interface import provider
from zope.interface.interface import InterfaceClass
from zope.lifecycleevent import Attributes
from zope.lifecycleevent import ObjectModifiedEvent
from zope.lifecycleevent.interfaces import IObjectModifiedEvent
from zope.schema import getFields
from zope.schema.interfaces import IBytes
from zope.schema.interfaces import IText

from zope.app.fssync.content.container import ContainerSynchronizer
from zope.app.fssync.content.order import ORDER
from zope.app.fssync.content.order import Order
from zope.app.fssync.content.order import order_of
from zope.app.fssync.content.schema import fields
from zope.fssync import itemtext
from zope.fssync.blobs import BLOB
from zope.fssync.blobs import is_blob
from zope.fssync.errors import SynchronizationError
from zope.fssync.inheritance import beyond
from zope.fssync.inheritance import set_data
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IMaker
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.itemtext import Item
from zope.fssync.limits import CHUNK
from zope.fssync.messages import _
from zope.fssync.reference import ReferringExtras
from zope.fssync.registry import names
from zope.fssync.synchronizer import Extras
from zope.fssync.synchronizer import FileSynchronizer
from zope.fssync.synchronizer import StreamedBody
from zope.fssync.synchronizer import Synchronizer

__all__ = [
    "Described",
    "Fields",
    "FieldsSynchronizer",
    "IFields",
    "SchemaContainerSynchronizer",
    "SchemaSynchronizer",
    "relay",
    "with_schema",
]

#: The name of the extra with the fields.
FIELDS = "fields"

#: Attributes for the data of containers and the site manager of a site.
_TOOLKIT = frozenset(
    ("_BTreeContainer__len", "_SampleContainer__data", "_order", "_sm")
)

#: Those for the items of ordered containers.
_ORDERED = frozenset(("_data", ORDER))


class IFields(Interface):
    """The fields of an object, as a part of it."""


@implementer(IFields)
class Fields:
    """The fields of ``owner`` that have a text, but for its body."""

    def __init__(self, owner: Any, schema: Any, body: str | None = None) -> None:
        self.owner = owner
        self.schema = schema
        self.body = body
        self.changed: list[str] = []

    def _known(self) -> dict[str, Any]:
        known = dict(fields.fields_of(self.schema))
        known.pop(self.body or "", None)
        return known

    def items(self) -> Iterator[Item]:
        """Yield an item for each field whose value has a text."""
        for _name, value, bound in self._values():
            item = fields.item(bound, value)
            if item is not None:
                yield item

    def others(self) -> dict[str, Any]:
        """Return the values that have no text, by the names of their fields."""
        return {
            name: value
            for name, value, bound in self._values()
            if fields.item(bound, value) is None
        }

    def _values(self) -> Iterator[tuple[str, Any, Any]]:
        for name, field in self._known().items():
            bound = field.bind(self.owner)
            yield name, bound.query(self.owner, bound.default), bound

    def replace(self, items: list[Item]) -> list[str]:
        """Give the fields other values; return the names of those that had others.

        Fields that are not mentioned keep theirs.
        """
        known = self._known()
        for item in items:
            if item.key not in known:
                raise SynchronizationError(
                    _("there is no field ${key}", mapping={"key": repr(item.key)}),
                    advice=_(
                        "There are: ${names}.", mapping={"names": ", ".join(known)}
                    ),
                )
        return self.set(
            {
                item.key: fields.value_of(known[item.key].bind(self.owner), item)
                for item in items
            }
        )

    def set(self, values: Mapping[str, Any]) -> list[str]:
        """Set fields, check the invariants, and return the names of what changed."""
        changed = [
            name
            for name, value in values.items()
            if fields.change(self.owner, self.schema, name, value)
        ]
        if changed:
            try:
                self.schema.validateInvariants(self.owner)
            except fields.REFUSALS as error:
                raise SynchronizationError(fields.sentence(error)) from error
        return changed


@implementer(IFileSynchronizer)
class FieldsSynchronizer(FileSynchronizer):
    """Synchronizes the fields of an object: a file of lines."""

    self_contained = True
    inherited = True

    def annotations(self) -> None:
        """See `ISerializer`."""

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(itemtext.dumps(self.context.items()))

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        self.context.changed = self.context.replace(itemtext.read(readable))


@adapter(IFields, IObjectModifiedEvent)
def relay(part: Any, event: Any) -> None:
    """Send the event of an object when its fields were changed."""
    if part.changed:
        notify(ObjectModifiedEvent(part.owner, Attributes(part.schema, *part.changed)))


class Described(Synchronizer):
    """Base of the synchronizers for files and containers with a schema."""

    complete = True

    schema: ClassVar[Any]
    body: ClassVar[str | None] = None

    #: The class of the fields, which is registered with the permissions of the object.
    part: ClassVar[type[Fields]] = Fields

    def fields(self) -> Fields:
        """Return the fields of the object."""
        return self.part(self.context, self.schema, self.body)

    def has_fields_beside(self) -> bool:
        """Return whether the fields are an extra: they may be the body as well."""
        return True

    def extras(self) -> Extras:
        """See `ISerializer`."""
        found = self.fields()
        told = {**self._beyond(), **found.others()}
        extras = ReferringExtras(told, self.context)
        if self.has_fields_beside():
            extras[FIELDS] = found
        return extras

    def setextras(self, extras: Mapping[str, Any]) -> Any:
        """See `IDeserializer`."""
        known = fields.fields_of(self.schema)
        changed = self.fields().set({n: v for n, v in extras.items() if n in known})
        others = {name: v for name, v in extras.items() if name not in known}
        if not others.keys().isdisjoint(self._kept()):
            raise SynchronizationError(_("an extra that cannot be set"))
        more = list(set_data(self.context, others, self._beyond(), self.context))
        return Attributes(self.schema, *changed, *more) if changed or more else None

    def _kept(self) -> frozenset[str]:
        """Return the names of attributes that are recorded elsewhere, or not at all."""
        ordered = _ORDERED if isinstance(self.context, OrderedContainer) else ()
        others = (FIELDS, self.body or FIELDS)
        return _TOOLKIT.union(getFields(self.schema), others, ordered)

    def _beyond(self) -> dict[str, Any]:
        """Return the attributes that are no fields."""
        kept = self._kept()
        return {
            name: value
            for name, value in beyond(self.context, object).items()
            # What a property of that name sets is left out as well.
            if name not in kept and name.removeprefix("_") not in kept
        }


@provider(IMaker)
@implementer(IFileSynchronizer, IStreamedSerializer)
class SchemaSynchronizer(StreamedBody, Described):
    """Synchronizes an object with a schema: a file.

    ``body`` names the field that the file holds: a text, bytes or a blob.  Without one
    it holds all fields.
    """

    self_contained = True

    @classmethod
    def make(cls, klass: Any) -> Any:
        """See `IMaker`: a class that wants arguments is not called."""
        try:
            signature(klass).bind()
        except (TypeError, ValueError):
            obj = klass.__new__(klass)
            for name, field in fields.fields_of(cls.schema).items():
                if not hasattr(obj, name):
                    setattr(obj, name, field.default)
            return obj
        return klass()

    def has_fields_beside(self) -> bool:
        """See `Described`."""
        return self.body is not None

    def metadata(self) -> dict[str, str] | None:
        """See `ISerializer`."""
        result = super().metadata() or {}
        if self.body is not None and not isinstance(self._content(), str):
            result["binary"] = "true"
        return result

    def _content(self) -> Any:
        field = self.schema[self.body].bind(self.context)
        return field.query(self.context, field.default)

    def _blob(self) -> Any:
        content = None if self.body is None else self._content()
        return content if is_blob(type(content)) else None

    def size(self) -> int | None:
        """See `IStreamedSerializer`."""
        return super().size() if self._blob() is not None else None

    def length(self) -> int:
        """See `StreamedBody`."""
        with closing(self._blob().open("r")) as body:
            return int(body.seek(0, 2))

    def pieces(self) -> Iterator[bytes]:
        """See `IStreamedSerializer`."""
        blob = self._blob()
        if blob is not None:
            with closing(blob.open("r")) as body:
                while data := body.read(CHUNK):
                    yield data
        elif self.body is None:
            yield itemtext.dumps(self.fields().items())
        else:
            content = self._content()
            yield (
                content.encode("utf-8") if isinstance(content, str) else content or b""
            )

    def load(self, readable: Any) -> Any:
        """See `IFileDeserializer`."""
        if self.body is None:
            return self._load_fields(itemtext.read(readable))
        field = self.schema[self.body]
        if IText.providedBy(field):
            try:
                content: Any = readable.read().decode("utf-8")
            except UnicodeDecodeError as error:
                raise SynchronizationError(_("the text is not UTF-8")) from error
        elif IBytes.providedBy(field):
            content = readable.read()
        else:
            return self._load_blob(readable)
        fields.change(self.context, self.schema, self.body, content)
        return None

    def _load_fields(self, items: list[Item]) -> Any:
        part = self.fields()
        if getattr(self.context, "__parent__", None) is not None:
            part.replace(items)
            return None
        try:
            part.replace(items)
        except SynchronizationError:
            # A vocabulary may need to know the place, where the object is put later.
            return lambda: part.replace(items) and None
        return None

    def _load_blob(self, readable: Any) -> None:
        blob = self._blob()
        if blob is None:
            blob = names.factory(BLOB)()
            fields.change(self.context, self.schema, self.body or "", blob)
        with closing(blob.open("w")) as body:
            while data := readable.read(CHUNK):
                body.write(data)


@implementer(IDirectorySynchronizer)
class SchemaContainerSynchronizer(Described, ContainerSynchronizer):
    """Synchronizes a container with a schema: a directory, its fields beside it."""

    self_contained = True

    def extras(self) -> Extras:
        """See `ISerializer`."""
        found = super().extras()
        found.update(order_of(self.context))
        return found

    def setextras(self, extras: Mapping[str, Any]) -> Any:
        """See `IDeserializer`."""
        wanted = {n: v for n, v in extras.items() if not isinstance(v, Order)}
        return super().setextras(wanted)


def with_schema(for_: Any, schema: Any, body: str | None) -> type[Described]:
    """Return a class of synchronizers for what has a schema.

    ``for_`` is the class or the interface that it is registered for.  Raises
    `ValueError` where there is no such field.
    """
    if body is not None and body not in fields.fields_of(schema):
        raise ValueError(f"{schema.__name__} has no field {body!r}")
    is_interface = isinstance(for_, InterfaceClass)
    implies = for_.isOrExtends if is_interface else None
    is_container = (
        implies(IReadContainer) if implies else IReadContainer.implementedBy(for_)
    )
    base: type[Described] = SchemaSynchronizer
    if is_container:
        if body is not None:
            raise ValueError("a container has no body")
        base = SchemaContainerSynchronizer
    part = type("Fields", (Fields,), {"__module__": Fields.__module__})
    return type(
        base.__name__,
        (base,),
        {
            "__module__": base.__module__,
            "schema": schema,
            "body": body,
            "part": part,
            # Of the class itself, not of its base.
            "self_contained": True,
        },
    )
