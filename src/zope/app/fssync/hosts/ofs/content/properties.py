"""Properties of an object: an id, a type and a typed value on each line.

Zope lets properties hold what is not of their type.  Then it is said what they hold;
what cannot be written here is "pickled": it stands with the other attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from Acquisition import aq_base
from DateTime import DateTime
from DateTime.interfaces import DateTimeError
from zope.interface import implementer

from zope.app.fssync.hosts.ofs.content.aspect import TextAspect
from zope.app.fssync.hosts.ofs.content.aspect import state
from zope.app.fssync.hosts.ofs.content.described import synchronizer_class
from zope.app.fssync.hosts.ofs.content.itemtext import Item
from zope.app.fssync.hosts.ofs.permissions import ANYTHING
from zope.app.fssync.hosts.ofs.permissions import require
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import ITakesNames
from zope.fssync.limits import DATE_LENGTH
from zope.fssync.limits import NUMBER_BITS

__all__ = ["Properties", "pickled"]

LINES = frozenset(("lines", "ulines", "tokens", "utokens", "multiple selection"))
TEXT = frozenset(("text", "utext"))
NUMBERS: Mapping[str, Any] = {"int": int, "long": int, "float": float}
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
    #: Where a selection takes its choices from.
    choices: str = ""
    #: The permitted changes: "w" is to change, "d" to delete; present only where
    #: the class does not say it.
    mode: str = ""
    #: The type of the value where it is another, "nothing" or "pickled".
    holds: str = ""

    def __str__(self) -> str:
        text = f"{self.type} of {self.choices}" if self.choices else self.type
        if self.mode:
            text += f", mode {self.mode}"
        return f"{text}, holds {self.holds}" if self.holds else text


def _parsed(kind: str) -> Definition:
    head, *words = kind.split(", ")
    type_, _, choices = head.partition(" of ")
    known = {"mode": "", "holds": ""}
    for word in words:
        name, _, what = word.partition(" ")
        if name not in known or not what:
            raise SynchronizationError(f"{kind!r} is no kind of property")
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
    """Return what a property holds, empty if it is a value of its type."""
    if _item("", type_, value) is not None:
        return ""
    if value is None:
        return "nothing"
    held = HELD.get(type(value), "")
    return held if held and _item("", held, value) is not None else "pickled"


def pickled(obj: Any) -> set[str]:
    """Return the ids of the properties whose values no text of theirs can hold."""
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

    def replace(self, items: list[Item]) -> None:
        """See `TextAspect`."""
        current = {each["id"]: each for each in self.owner._propertyMap()}
        wanted = {item.key for item in items}
        for name, declared in current.items():
            if name not in wanted:
                self._remove(name, declared)
        for item in items:
            self._set(item, current.get(item.key))

    def _remove(self, name: str, declared: Mapping[str, Any]) -> None:
        if "d" not in declared.get("mode", "wd") or name in self.owner._reserved_names:
            raise SynchronizationError(f"the property {name!r} cannot be removed")
        if name in state(self.owner) and not _is_part(self.owner, name):
            # Else it has the default of its class, which `_delProperty` trips over.
            self.owner._delPropValue(name)
        self.owner._properties = tuple(
            each for each in self.owner._properties if each["id"] != name
        )

    def _set(self, item: Item, declared: Mapping[str, Any] | None) -> None:
        definition = _parsed(item.kind)
        name = item.key
        base = aq_base(self.owner)
        old = None
        if declared is not None:
            value = getattr(base, name, "")
            old = _definition(self.owner, declared, value)
            if old[:3] != definition[:3]:
                self._remove(name, declared)
                old = None
        if definition.holds == "pickled":
            if old is None:
                self._adopt(name, definition)
            elif old.holds != "pickled":
                raise SynchronizationError(f"the property {name!r} is not pickled")
            return
        new = _value(item, definition.holds or definition.type)
        if old is None:
            self._declare(name, definition)
        elif _same(getattr(base, name, None), new):
            return
        elif _is_part(self.owner, name) or (
            declared is not None and "w" not in declared.get("mode", "wd")
        ):
            raise SynchronizationError(f"the property {name!r} cannot be changed")
        self.owner._setPropValue(name, new)

    def _adopt(self, name: str, definition: Definition) -> None:
        """Make a property of what the other attributes hold."""
        if name in state(self.owner) and not _is_part(self.owner, name):
            require(ANYTHING, self.owner)
            value = state(self.owner)[name]
            delattr(aq_base(self.owner), name)
        else:
            # They are withheld, or lack it.
            value = None
        self._declare(name, definition)
        self.owner._setPropValue(name, value)

    def _declare(self, name: str, definition: Definition) -> None:
        if _is_part(self.owner, name) or not self.owner.valid_property_id(name):
            raise SynchronizationError(f"{name!r} cannot be the id of a property")
        declared = {"id": name, "type": definition.type}
        if definition.choices:
            declared["select_variable"] = definition.choices
        if definition.mode:
            declared["mode"] = definition.mode
        self.owner._properties = (*self.owner._properties, declared)


def _is_part(obj: Any, name: str) -> bool:
    """Is an id an attribute, a method or a part of the class, and no property of it?

    So are ids of items: they are attributes of their container.
    """
    base = aq_base(obj)
    kind = type(base)
    if name in {each["id"] for each in getattr(kind, "_properties", ())}:
        return False
    if hasattr(kind, name) or name[:1] == "_":
        return True
    factory = synchronizer_class(obj)
    parts = {each["id"] for each in getattr(base, "_objects", ())}
    return name in parts.union(
        getattr(factory, "described", ()), getattr(factory, "usually_empty", ())
    )


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, list):
        old = tuple(old)
    return type(old) is type(new) and bool(old == new)


def _item(name: str, kind: str, value: Any) -> Item | None:
    """Return a value as text, None where that would not bring it back."""
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
    # The text of a date may depend on how it was made, not on its state alone.
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
        raise SynchronizationError(f"the property {item.key!r} has no value")
    try:
        if kind in NUMBERS:
            return NUMBERS[kind](text)
        if kind == "boolean":
            return BOOLEANS[text]
        if kind == "date":
            return DateTime(text[:DATE_LENGTH])
    except (ValueError, KeyError, DateTimeError) as error:
        raise SynchronizationError(
            f"the property {item.key!r} is no {kind}: {text!r}"
        ) from error
    return text
