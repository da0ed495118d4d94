"""The fields of an object of Dexterity as one text, a line for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from typing import Any

from AccessControl.unauthorized import Unauthorized
from plone.restapi.interfaces import IFieldDeserializer
from plone.restapi.interfaces import IFieldSerializer
from plone.restapi.serializer.converters import json_compatible
from plone.schema import IJSONField
from z3c.relationfield.interfaces import IRelation
from z3c.relationfield.interfaces import IRelationList
from zope.component import getMultiAdapter
from zope.globalrequest import getRequest
from zope.interface import Invalid
from zope.lifecycleevent import Attributes
from zope.schema.interfaces import ICollection

from zope.app.fssync.content.schema import unique
from zope.app.fssync.hosts.plone import links
from zope.app.fssync.hosts.plone import relations
from zope.app.fssync.hosts.plone import values
from zope.app.fssync.hosts.plone.bodies import body_of
from zope.app.fssync.hosts.plone.recurrences import require_rule
from zope.app.fssync.hosts.plone.sentences import naming
from zope.app.fssync.hosts.plone.sentences import sentence
from zope.app.fssync.hosts.plone.slots import Slot
from zope.app.fssync.hosts.plone.slots import primary
from zope.app.fssync.hosts.plone.slots import slots
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.limits import DEFAULT
from zope.fssync.messages import _
from zope.fssync.xmlpickle.sharing import check_hashes

__all__ = ["Fields", "json_item", "json_value"]

#: The kinds of items in JSON: a value, and a list or a mapping with a line for each
#: element.  A line of a mapping is a mapping itself.
JSON, JSON_LIST, JSON_MAPPING = "json", "json list", "json mapping"


class Fields:
    """The fields of an object that are no files of their own.

    `load` notes what it has changed in ``changes``, and returns what is left to be
    done when all objects are there, or None.
    """

    def __init__(self, obj: Any, is_new: bool = False) -> None:
        self.obj = obj
        self.slots = slots(obj)
        self.is_new = is_new
        self.changes: list[Attributes] = []
        self._main = primary(self.slots)

    def items(self) -> Iterator[Item]:
        """Iterate over the values that the caller may read."""
        for slot in self.slots:
            if slot.readable(self.obj):
                yield from self._shown(slot)

    def _shown(self, slot: Slot) -> list[Item]:
        body = body_of(slot, slot is self._main)
        if body is not None:
            return list(body(self.obj, slot).items())
        value = slot.get(self.obj)
        item = self._item(slot, value)
        if item.kind == values.NOTHING or item == Item(slot.key, ""):
            return [item] if slot.has_default else []
        # An empty collection is what there is without a line.
        empty = item.value is None and not item.lines
        is_default = empty and not (slot.has_default and slot.field.default)
        return [] if is_default else [item]

    def _item(self, slot: Slot, value: Any) -> Item:
        field = slot.field
        if IRelation.providedBy(field) or IRelationList.providedBy(field):
            return relations.item_of(slot.key, field, value)
        if ICollection.providedBy(field) and not value and value is not None:
            return Item(slot.key)
        found = values.item_of(slot.key, field, value)
        if found is None and _needs_place(field):
            found = values.item_of(slot.key, field.bind(self.obj), value)
        if found is not None:
            return found
        if IJSONField.providedBy(field):
            # Links stay the UIDs that blocks have: URLs are those of one site.
            return json_item(slot.key, json_compatible(value))
        serializer = getMultiAdapter((field, self.obj, getRequest()), IFieldSerializer)
        return json_item(slot.key, serializer())

    def load(self, items: list[Item]) -> Any:
        """Give the fields the values of a text; those that it leaves out become empty.

        In a new object these keep their defaults.
        """
        wanted = {item.key: item for item in items}
        later: list[Callable[[], None]] = []
        changed: dict[Any, list[str]] = {}
        for slot in self.slots:
            if not slot.readable(self.obj):
                continue
            if self._load(slot, wanted, later):
                changed.setdefault(slot.schema, []).append(slot.field.__name__)
        if wanted:
            raise SynchronizationError(
                _(
                    "${type} has no field ${name}",
                    mapping={
                        "type": repr(self.obj.portal_type),
                        "name": repr(min(wanted)),
                    },
                ),
                advice=_("There are: ${names}.", mapping={"names": self._names()}),
            )
        for schema in changed:
            self._check_invariants(schema)
        if changed:
            require_rule(self.obj)
        self.changes += [
            Attributes(schema, *names) for schema, names in changed.items()
        ]
        return partial(_call_all, later) if later else None

    def _names(self) -> str:
        return ", ".join(sorted(each.key for each in self.slots))

    def _check_invariants(self, schema: Any) -> None:
        errors: list[Exception] = []
        try:
            schema.validateInvariants(schema(self.obj), errors)
        except Invalid:
            raise SynchronizationError("; ".join(map(sentence, errors))) from None

    def _load(
        self, slot: Slot, wanted: dict[str, Item], later: list[Callable[[], None]]
    ) -> bool:
        """Load one field, and return whether it has changed."""
        body_class = body_of(slot, slot is self._main)
        if body_class is not None:
            body = body_class(self.obj, slot)
            keys = {name: body.key(name) for name in body.names}
            given = {
                n: wanted.pop(k).value or "" for n, k in keys.items() if k in wanted
            }
            if self.is_new and given and not body.present:
                # The file itself comes after the fields.
                later.append(lambda: body_class(self.obj, slot).configure(given))
            if given == body.settings() or not body.present:
                return False
            self._require(slot)
            body.configure(given)
            return True
        item = wanted.pop(slot.key, None)
        shown = next(iter(self._shown(slot)), None)
        if item == shown or (item is None and self.is_new):
            return False
        self._require(slot)
        if item is None:
            item = Item(slot.key, kind=values.NOTHING)
            if ICollection.providedBy(slot.field):
                item = Item(slot.key)
        field = slot.field.bind(self.obj)
        if IRelation.providedBy(field) or IRelationList.providedBy(field):
            rest = relations.load(self.obj, slot, item)
            if rest is not None:
                later.append(rest)
            return True
        slot.put(self.obj, self._valid(field, item))
        if IJSONField.providedBy(field):
            rest = links.update_later(self.obj, item.value or "", *item.lines)
            if rest is not None:
                later.append(rest)
        return True

    def _require(self, slot: Slot) -> None:
        if not slot.writable(self.obj):
            raise Unauthorized(f"you may not change the field {slot.key!r}")

    def _valid(self, field: Any, item: Item) -> Any:
        with naming(item.key):
            if item.kind.startswith(JSON):
                return self._from_json(field, item)
            try:
                value = values.value_of(field, item)
            except LookupError:
                raise SynchronizationError(
                    _("${key}: the value is no plain text", mapping={"key": item.key}),
                    advice=_(
                        "Write it as JSON: ${key} (${form}) = VALUE",
                        mapping={"key": item.key, "form": JSON},
                    ),
                ) from None
            unique.validate(field, value)
        return value

    def _from_json(self, field: Any, item: Item) -> Any:
        try:
            value = json_value(item)
        except (ValueError, TypeError, RecursionError) as error:
            raise SynchronizationError(
                _(
                    "${key}: no JSON: ${reason}",
                    mapping={"key": item.key, "reason": error},
                )
            ) from error
        if unique.is_unique(field) and isinstance(value, list):
            check_hashes((n for n in value if isinstance(n, int | float)), DEFAULT)
        deserializer = getMultiAdapter(
            (unique.lenient(field), self.obj, getRequest()), IFieldDeserializer
        )
        try:
            found = deserializer(value)
            unique.check_unique(field, found)
            return found
        except (TypeError, AttributeError, LookupError) as error:
            raise SynchronizationError(
                _("${key}: ${reason}", mapping={"key": item.key, "reason": error})
            ) from error


def _call_all(functions: list[Callable[[], None]]) -> None:
    for each in functions:
        each()


def _needs_place(field: Any) -> bool:
    """Return whether a vocabulary may be looked up to write a value."""
    return hasattr(field, "vocabularyName") or hasattr(field, "value_type")


def json_item(key: str, value: Any) -> Item:
    """Return the item of a value that is JSON."""
    if isinstance(value, list):
        return Item(key, lines=tuple(map(_dumped, value)), kind=JSON_LIST)
    if isinstance(value, dict):
        lines = tuple(_dumped({name: value[name]}) for name in sorted(value))
        return Item(key, lines=lines, kind=JSON_MAPPING)
    return Item(key, _dumped(value), kind=JSON)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def json_value(item: Item) -> Any:
    """Return the value of an item of JSON; raises `ValueError` where it is none."""
    if item.kind == JSON:
        return json.loads(item.value or "")
    elements = [json.loads(line) for line in item.lines]
    if item.kind == JSON_LIST:
        return elements
    found: dict[str, Any] = {}
    for each in elements:
        found.update(each)
    return found
