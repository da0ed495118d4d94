"""Properties of an object: an id, a type and a typed value on each line.

In Zope the value of a property may have another type: then the line names that type.  A
value that cannot be written as text is "pickled": it is with the other attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from functools import partial
from typing import Any
from typing import NamedTuple

from Acquisition import aq_base
from DateTime import DateTime
from DateTime.interfaces import DateTimeError
from zope.interface import implementer
from ZPublisher.Converters import type_converters

from zope.app.fssync.hosts.ofs.content.aspect import TextAspect
from zope.app.fssync.hosts.ofs.content.aspect import state
from zope.app.fssync.hosts.ofs.content.described import synchronizer_class
from zope.app.fssync.hosts.ofs.permissions import ANYTHING
from zope.app.fssync.hosts.ofs.permissions import require
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import ITakesNames
from zope.fssync.itemtext import Item
from zope.fssync.limits import DATE_LENGTH
from zope.fssync.limits import NUMBER_BITS
from zope.fssync.messages import _

__all__ = ["Properties", "pickled"]

#: Converters of Zope that are not types.
FLAGS = frozenset(("date_international", "required"))
LINES = frozenset(("lines", "ulines", "tokens", "utokens", "multiple selection"))
TEXT = frozenset(("text", "utext"))
NUMBERS: Mapping[str, Any] = {"int": int, "long": int, "float": float}
SELECTIONS = frozenset(("selection", "multiple selection"))
BOOLEANS: Mapping[str, Any] = {"true": True, "false": False, "1": 1, "0": 0, "": ""}


HELD: Mapping[type, str] = {
    bool: "boolean",
    int: "int",
    float: "float",
    str: "text",
    tuple: "lines",
    list: "lines",
    DateTime: "date",
}


class Definition(NamedTuple):
    """The definition of a property."""

    type: str
    #: The name of the attribute or method with the choices of a selection.
    choices: str = ""
    #: The permitted changes, "w" to write and "d" to delete; empty if they are the
    #: default or defined by the class.
    mode: str = ""
    #: The type of the value if it differs, "nothing" or "pickled".
    holds: str = ""

    def __str__(self) -> str:
        text = f"{self.type} of {self.choices}" if self.choices else self.type
        if self.mode:
            text += f", mode {self.mode}"
        return f"{text}, holds {self.holds}" if self.holds else text


def _parsed(kind: str) -> Definition:
    head, *words = kind.split(", ")
    type_, _sep, choices = head.partition(" of ")
    known = {"mode": "", "holds": ""}
    for word in words:
        name, _sep, what = word.partition(" ")
        if name not in known or not what:
            raise SynchronizationError(
                _("${kind} is no kind of property", mapping={"kind": repr(kind)})
            )
        known[name] = what.strip()
    return Definition(type_ or "string", choices, **known)


def _definition(obj: Any, declared: Mapping[str, Any], value: Any) -> Definition:
    type_ = declared.get("type", "string")
    mode = declared.get("mode", "")
    if declared in getattr(type(aq_base(obj)), "_properties", ()) or mode == "wd":
        mode = ""
    return Definition(
        type_,
        declared.get("select_variable", ""),
        mode,
        _held(type_, value),
    )


def _held(type_: str, value: Any) -> str:
    """Return the type of a value, empty if it is that of the property."""
    if _item("", type_, value) is not None:
        return ""
    if value is None:
        return "nothing"
    held = HELD.get(type(value), "")
    return held if held and _item("", held, value) is not None else "pickled"


def pickled(obj: Any) -> set[str]:
    """Return the ids of the properties whose values cannot be written as text."""
    if not hasattr(aq_base(obj), "_properties"):
        return set()
    base = aq_base(obj)
    return {
        each["id"]
        for each in obj._propertyMap()
        if _definition(obj, each, getattr(base, each["id"], "")).holds == "pickled"
    }


@implementer(ITakesNames)
class Properties(TextAspect, write="Manage properties"):
    """The properties of a property manager; they are always written."""

    name = "properties"

    def names(self) -> set[str]:
        """See `ITakesNames`."""
        return {each["id"] for each in self.owner._propertyMap()}

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        base = aq_base(self.owner)
        for declared in sorted(self.owner._propertyMap(), key=lambda each: each["id"]):
            value = getattr(base, declared["id"], "")
            definition = _definition(self.owner, declared, value)
            item = _item(declared["id"], definition.holds or definition.type, value)
            yield (item or Item(declared["id"]))._replace(kind=str(definition))

    def replace(self, items: list[Item]) -> Any:
        """See `TextAspect`."""
        current = {each["id"]: each for each in self.owner._propertyMap()}
        wanted = {item.key: _parsed(item.kind) for item in items}
        base = aq_base(self.owner)
        kept = {}
        for name in current.keys() & wanted.keys():
            value = getattr(base, name, "")
            old = _definition(self.owner, current[name], value)
            if old[:3] == wanted[name][:3]:
                kept[name] = old
        parts = _Parts(self.owner)
        self._remove(
            [each for name, each in current.items() if name not in kept], parts
        )
        new = {name: each for name, each in wanted.items() if name not in kept}
        adopted = self._declare(new, parts)
        for item in items:
            name = item.key
            if name in adopted:
                self.owner._setPropValue(name, adopted[name])
            elif name in new:
                definition = new[name]
                value = _value(item, definition.holds or definition.type)
                self.owner._setPropValue(name, value)
            else:
                can_change = "w" in current[name].get("mode", "wd")
                self._change(item, kept[name], can_change and name not in parts)
        # Methods that return the choices may be loaded later.
        return partial(self._check_choices, new) if new else None

    def _remove(self, gone: list[Mapping[str, Any]], parts: _Parts) -> None:
        """Remove properties at once, since each change copies the tuple of all."""
        if not gone:
            return
        for declared in gone:
            name = declared["id"]
            if (
                "d" not in declared.get("mode", "wd")
                or name in self.owner._reserved_names
                or parts.needs(name)
            ):
                raise SynchronizationError(
                    _(
                        "the property ${name} cannot be removed",
                        mapping={"name": repr(name)},
                    )
                )
            if name in state(self.owner) and name not in parts:
                # `_delProperty` fails for a default of the class.
                self.owner._delPropValue(name)
        ids = {each["id"] for each in gone}
        self.owner._properties = tuple(
            each for each in self.owner._properties if each["id"] not in ids
        )

    def _change(self, item: Item, old: Definition, can_change: bool) -> None:
        """Change the value of a property, unless it is pickled."""
        name = item.key
        definition = _parsed(item.kind)
        if definition.holds == "pickled":
            if old.holds != "pickled":
                raise SynchronizationError(
                    _(
                        "the property ${name} is not pickled",
                        mapping={"name": repr(name)},
                    )
                )
            return
        new = _value(item, definition.holds or definition.type)
        if _same(getattr(aq_base(self.owner), name, None), new):
            return
        if not can_change:
            raise SynchronizationError(
                _(
                    "the property ${name} cannot be changed",
                    mapping={"name": repr(name)},
                )
            )
        self.owner._setPropValue(name, new)

    def _declare(self, new: Mapping[str, Definition], parts: _Parts) -> dict[str, Any]:
        """Declare properties at once; return the values that some of them adopt."""
        if not new:
            return {}
        adopted = {
            name: self._adopted(name, parts)
            for name, definition in new.items()
            if definition.holds == "pickled"
        }
        for definition in new.values():
            self._check_type(definition)
        for name in new:
            if name in parts or not self.owner.valid_property_id(name):
                raise SynchronizationError(
                    _(
                        "${name} cannot be the id of a property",
                        mapping={"name": repr(name)},
                    )
                )
        self.owner._properties = (
            *self.owner._properties,
            *(_declaration(name, each) for name, each in new.items()),
        )
        return adopted

    def _check_type(self, definition: Definition) -> None:
        """Refuse a type that is unknown to Zope."""
        if definition.type not in SELECTIONS and (
            definition.type not in type_converters or definition.type in FLAGS
        ):
            known = SELECTIONS.union(type_converters) - FLAGS
            raise SynchronizationError(
                _(
                    "there is no type of properties ${type}",
                    mapping={"type": repr(definition.type)},
                ),
                advice=_(
                    "There are: ${names}.", mapping={"names": ", ".join(sorted(known))}
                ),
            )

    def _check_choices(self, new: Mapping[str, Definition]) -> None:
        """Refuse a selection without choices, as the management screens do."""
        for definition in new.values():
            if definition.type in SELECTIONS and not hasattr(
                self.owner, definition.choices or " "
            ):
                raise SynchronizationError(
                    _(
                        "No select variable ${choices}",
                        mapping={"choices": definition.choices},
                    )
                )

    def _adopted(self, name: str, parts: _Parts) -> Any:
        """Return the value of a pickled property from the other attributes."""
        if name not in state(self.owner) or name in parts:
            # The other attributes are withheld, or lack the value.
            return None
        require(ANYTHING, self.owner)
        value = state(self.owner)[name]
        delattr(aq_base(self.owner), name)
        return value


def _declaration(name: str, definition: Definition) -> dict[str, str]:
    declared = {"id": name, "type": definition.type}
    if definition.choices:
        declared["select_variable"] = definition.choices
    if definition.mode:
        declared["mode"] = definition.mode
    return declared


class _Parts:
    """The ids that a new property must not have.

    These are the ids of attributes, methods and parts, and of the items of a
    container.
    """

    def __init__(self, obj: Any) -> None:
        base = aq_base(obj)
        self._kind = type(base)
        self._properties = {
            each["id"] for each in getattr(self._kind, "_properties", ())
        }
        factory = synchronizer_class(obj)
        self._ids = {each["id"] for each in getattr(base, "_objects", ())}.union(
            getattr(factory, "described", ()), getattr(factory, "usually_empty", ())
        )

    def needs(self, name: str) -> bool:
        """Return True if objects of the class do not work without a property."""
        return name in self._properties and not hasattr(self._kind, name)

    def __contains__(self, name: str) -> bool:
        if name in self._properties:
            return False
        return name[:1] == "_" or hasattr(self._kind, name) or name in self._ids


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, list):
        old = tuple(old)
    return type(old) is type(new) and bool(old == new)


def _item(name: str, kind: str, value: Any) -> Item | None:
    """Return a value as text, None if the text would not restore it."""
    item = None
    if kind in LINES:
        if isinstance(value, list | tuple) and all(type(x) is str for x in value):
            return Item(name, lines=tuple(value))
    elif kind in TEXT:
        if type(value) is str:
            item = Item(name, lines=tuple(value.split("\n")))
    elif kind == "date":
        return _date(name, value) if type(value) is DateTime else None
    elif type(value) is bool:
        item = Item(name, "true" if value else "false")
    elif type(value) is int and value.bit_length() > NUMBER_BITS:
        return None
    elif type(value) in (str, int, float):
        item = Item(name, str(value))
    try:
        if item is not None and _same(value, _value(item, kind)):
            return item
    except SynchronizationError:
        pass
    return None


def _date(name: str, value: DateTime) -> Item | None:
    # The text of a date may depend on how it was created, not only on its state.
    stored = DateTime.__new__(DateTime)
    stored.__setstate__(value.__getstate__())
    for text in (str(stored), stored.ISO8601()):
        try:
            if DateTime(text).__getstate__() == value.__getstate__():
                return Item(name, text)
        except (DateTimeError, ValueError):
            continue
    return None


def _value(item: Item, kind: str) -> Any:
    """Return the typed value of an item."""
    if kind == "nothing":
        return None
    if kind in LINES or kind in TEXT:
        if item.value is not None:
            lines: tuple[str, ...] = (item.value,)
        else:
            lines = item.lines
        return "\n".join(lines) if kind in TEXT else lines
    text = item.value
    if text is None:
        raise SynchronizationError(
            _("the property ${key} has no value", mapping={"key": repr(item.key)})
        )
    try:
        if kind in NUMBERS:
            return NUMBERS[kind](text)
        if kind == "boolean":
            return BOOLEANS[text]
        if kind == "date":
            return DateTime(text[:DATE_LENGTH])
    except (ValueError, KeyError, DateTimeError) as error:
        raise SynchronizationError(
            _(
                "the property ${key} is no ${kind}: ${text}",
                mapping={"key": repr(item.key), "kind": kind, "text": repr(text)},
            )
        ) from error
    return text
