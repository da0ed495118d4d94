"""Writes objects as XML pickles.

It walks the objects themselves and asks others than the plain ones for what
pickling protocol 2 would store (`object.__reduce_ex__`).  Mutable objects are
shared by identity; their ids count up in the order of the first references.
"""

from __future__ import annotations

import copyreg
import sys
from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from datetime import timezone
from decimal import Decimal
from fractions import Fraction
from types import BuiltinFunctionType
from types import FunctionType
from typing import Any
from uuid import UUID

from zope.interface.adapter import BaseAdapterRegistry
from zope.interface.interface import InterfaceClass

from zope.fssync.blobs import refuse_blob
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PickleRefused
from zope.fssync.limits import DECIMAL_BITS
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.messages import _
from zope.fssync.xmlpickle.btree import btree_state
from zope.fssync.xmlpickle.btree import flat_btree
from zope.fssync.xmlpickle.construct import NEWOBJ
from zope.fssync.xmlpickle.ordering import sorted_items
from zope.fssync.xmlpickle.ordering import sorted_values
from zope.fssync.xmlpickle.text import bytes_element
from zope.fssync.xmlpickle.text import identifier
from zope.fssync.xmlpickle.text import str_element

__all__ = ["PersistentId", "Writer"]

PersistentId = Callable[[Any], str | None]

_PAD = [" " * width for width in range(1024)]

#: Instances that are values: equal ones are repeated, never shared.
_VALUES = frozenset(
    (
        Decimal,
        Fraction,
        UUID,
        complex,
        date,
        datetime,
        frozenset,
        range,
        slice,
        time,
        timedelta,
        timezone,
    )
)


def _int_element(value: int) -> str:
    if -0x80000000 <= value < 0x80000000:
        return f"<int>{value}</int>"
    # Python limits decimal digits; readers of all versions take hexadecimal.
    if value.bit_length() > DECIMAL_BITS:
        return f"<long>{value:#x}</long>"
    return f"<long>{value}</long>"


_SIMPLE: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: "<none/>",
    bool: lambda value: "<true/>" if value else "<false/>",
    int: _int_element,
    float: lambda value: f"<float>{value!r}</float>",
    str: str_element,
    bytes: bytes_element,
}
_simple = _SIMPLE.get


class Writer:
    """Writes one pickle.

    ``persistent_id`` is asked about every object that is not a mere scalar.
    """

    def __init__(
        self, persistent_id: PersistentId | None = None, limits: Limits = DEFAULT
    ) -> None:
        self._persistent_id = persistent_id
        self._limits = limits
        self._deepest = min(2 * limits.pickle_depth, len(_PAD) - 8)
        self._out: list[str] = []
        # By the identity of an object: where its start tag is, and its id.
        self._places: dict[int, int] = {}
        self._ids: dict[int, str] = {}
        # What __reduce_ex__ returned must live as long as identities count.
        self._kept: list[object] = []

    def dumps(self, obj: object) -> bytes:
        """Return the pickle of ``obj``; a writer is used once."""
        try:
            self._wrapped("pickle", obj, 0)
        except RecursionError:
            raise self._too_deep() from None
        text = "".join(self._out)
        return f'<?xml version="1.0" encoding="utf-8" ?>\n{text}'.encode()

    # Layout

    def _wrapped(self, tag: str, obj: Any, indent: int) -> None:
        """Write ``obj`` in an element of its own, on one line if it is simple."""
        pad = _PAD[indent]
        simple = _simple(type(obj))
        text = simple(obj) if simple is not None else self._reference(obj)
        if text is not None:
            self._out.append(f"{pad}<{tag}> {text} </{tag}>\n")
        else:
            self._out.append(f"{pad}<{tag}>\n")
            self._compound(obj, indent + 2)
            self._out.append(f"{pad}</{tag}>\n")

    def _value(self, obj: Any, indent: int) -> None:
        """Write ``obj`` on lines of its own."""
        simple = _simple(type(obj))
        text = simple(obj) if simple is not None else self._reference(obj)
        if text is not None:
            self._out.append(f"{_PAD[indent]}{text}\n")
        else:
            self._compound(obj, indent)

    def _reference(self, obj: Any) -> str | None:
        """Return a reference if ``obj`` was written already."""
        key = id(obj)
        place = self._places.get(key)
        if place is None:
            return None
        name = self._ids.get(key)
        if name is None:
            name = self._ids[key] = f"o{len(self._ids)}"
            tag = self._out[place]
            cut = len(tag.rstrip("/> \n"))
            self._out[place] = f'{tag[:cut]} id="{name}"{tag[cut:]}'
        return f'<reference id="{name}"/>'

    def _compound(self, obj: Any, indent: int) -> None:
        if indent > self._deepest:
            raise self._too_deep()
        if self._persistent_id is not None:
            name = self._persistent_id(obj)
            if name is not None:
                self._persistent(name, indent)
                return
        method = _COMPOUND.get(type(obj))
        if method is not None:
            method(self, obj, indent)
        elif isinstance(obj, type) or type(obj) in _NAMED:
            self._global(obj, None, indent)
        else:
            self._instance(obj, indent)

    def _persistent(self, name: object, indent: int) -> None:
        text = str(name)
        if text.isascii() and text.isprintable():
            element = str_element(text).replace("unicode>", "string>")
        else:
            element = bytes_element(text.encode("utf-8", "surrogatepass"))
        self._out.append(f"{_PAD[indent]}<persistent> {element} </persistent>\n")

    # Plain containers

    def _list(self, obj: list[Any], indent: int) -> None:
        self._places[id(obj)] = len(self._out)
        self._sequence("list", obj, indent)

    def _tuple(self, obj: tuple[Any, ...], indent: int) -> None:
        self._sequence("tuple", obj, indent)

    def _sequence(self, tag: str, values: Any, indent: int) -> None:
        out = self._out
        pad = _PAD[indent]
        if not values:
            out.append(f"{pad}<{tag} />\n")
            return
        out.append(f"{pad}<{tag}>\n")
        inner = _PAD[indent + 2]
        for value in values:
            simple = _simple(type(value))
            if simple is not None:
                out.append(f"{inner}{simple(value)}\n")
            else:
                self._value(value, indent + 2)
        out.append(f"{pad}</{tag}>\n")
        if len(out) > self._limits.pickle_elements:
            raise LimitExceeded(
                _(
                    "object is too large for a pickle: more than ${limit} elements",
                    mapping={"limit": self._limits.pickle_elements},
                ),
            )

    def _dictionary(self, obj: dict[Any, Any], indent: int) -> None:
        self._places[id(obj)] = len(self._out)
        self._items("dictionary", sorted_items(obj, self._key), indent)

    def _items(
        self,
        tag: str,
        items: list[tuple[Any, Any]],
        indent: int,
        item: str = "item",
        key_tag: str = "key",
    ) -> None:
        out = self._out
        pad = _PAD[indent]
        if not items:
            out.append(f"{pad}<{tag} />\n")
            return
        out.append(f"{pad}<{tag}>\n")
        inner = _PAD[indent + 2]
        for key, value in items:
            if type(key) is str and identifier(key):
                out.append(f'{inner}<{item} {key_tag}="{key}">\n')
                self._value(value, indent + 6)
            else:
                out.append(f"{inner}<{item}>\n")
                self._wrapped(key_tag, key, indent + 4)
                self._wrapped("value", value, indent + 4)
            out.append(f"{inner}</{item}>\n")
        out.append(f"{pad}</{tag}>\n")

    def _key(self, key: object) -> bytes:
        """Return the written form of ``key`` on its own, to sort by it."""
        return Writer(self._persistent_id, self._limits).dumps(key)

    def _set(self, obj: Any, indent: int) -> None:
        self._reduced(obj, (type(obj), (sorted_values(obj, self._key),)), indent)

    # Globals and instances

    def _global(self, obj: Any, name: str | None, indent: int) -> None:
        module, name = _global_name(obj, name)
        self._out.append(f'{_PAD[indent]}<global name="{name}" module="{module}"/>\n')

    def _instance(self, obj: Any, indent: int) -> None:
        kind = type(obj)
        if kind.__module__.startswith(("zope.security.", "zope.proxy")):
            raise PickleRefused(
                _("a security proxy cannot be written: ${kind}", mapping={"kind": kind})
            )
        refuse_blob(kind)
        if flat_btree(kind):
            reduced: Any = (NEWOBJ, (kind,), btree_state(obj))
        elif _zone_info(kind):
            if obj.key is None:
                raise PickleRefused(_("a time zone without a key cannot be written"))
            reduced = (kind, (obj.key,))
        else:
            reduced = _reduce(obj)
        if isinstance(reduced, str):
            self._global(obj, reduced, indent)
        else:
            self._reduced(obj, reduced, indent)

    def _reduced(self, obj: Any, reduced: Any, indent: int) -> None:
        function, arguments, state, values, items = _five(obj, reduced)
        if isinstance(obj, BaseAdapterRegistry) and type(state) is dict:
            # Counts what this process has seen, and is no state to keep.
            state = {**state, "_generation": 0}
            self._kept.append(state)
        if function is getattr:
            raise PickleRefused(
                _(
                    "a method cannot be written: ${class}",
                    mapping={"class": obj.__name__},
                )
            )
        self._kept.append(reduced)
        if type(obj) not in _VALUES:
            self._places[id(obj)] = len(self._out)
            self._kept.append(obj)
        out = self._out
        pad = _PAD[indent]
        if type(state) is dict and _plain_object(function, arguments, obj):
            out.append(f"{pad}<object>\n")
            self._wrapped("klass", arguments[0], indent + 2)
            attributes = sorted_items(state, self._key)
            self._items("attributes", attributes, indent + 2, "attribute", "name")
            out.append(f"{pad}</object>\n")
            return
        out.append(f"{pad}<initialized_object>\n")
        self._wrapped("klass", function, indent + 2)
        self._wrapped("arguments", arguments, indent + 2)
        if values is not None:
            listed = list(values)
            self._kept.append(listed)
            if listed:
                self._sequence("listitems", listed, indent + 2)
        if items is not None:
            mapping = dict(items)
            self._kept.append(mapping)
            pairs = (
                list(mapping.items())
                if isinstance(obj, OrderedDict)
                else sorted_items(mapping, self._key)
            )
            if pairs:
                self._items("dictitems", pairs, indent + 2)
        if state is not None:
            self._wrapped("state", state, indent + 2)
        out.append(f"{pad}</initialized_object>\n")

    def _too_deep(self) -> LimitExceeded:
        return LimitExceeded(
            _(
                "object is nested too deeply for a pickle (limit ${limit})",
                mapping={"limit": self._limits.pickle_depth},
            ),
            advice=_("Give its class a synchronizer that writes parts of it as files."),
        )


_NAMED = (FunctionType, BuiltinFunctionType, InterfaceClass)

_COMPOUND: dict[type, Callable[[Writer, Any, int], None]] = {
    list: Writer._list,
    tuple: Writer._tuple,
    dict: Writer._dictionary,
    set: Writer._set,
    frozenset: Writer._set,
}


def _global_name(obj: Any, name: str | None) -> tuple[str, str]:
    """Return module and name of ``obj``, which must be found there."""
    name = name or getattr(obj, "__qualname__", None) or obj.__name__
    module = getattr(obj, "__module__", None) or "builtins"
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is not obj:
        raise PickleRefused(
            _(
                "${module}.${name} cannot be written: no such name in its module",
                mapping={"module": module, "name": name},
            )
        )
    return module, name


def _reduce(obj: Any) -> Any:
    kind: Any = type(obj)
    reduce = copyreg.dispatch_table.get(kind)
    try:
        if reduce is not None:
            return reduce(obj)
        return kind.__reduce_ex__(obj, 2)
    except (Error, RecursionError):
        raise
    except Exception as error:
        raise PickleRefused(
            _(
                "an object of class ${module}.${class} cannot be written: ${reason}",
                mapping={
                    "module": kind.__module__,
                    "class": kind.__qualname__,
                    "reason": error,
                },
            ),
        ) from error


#: Registries count how often they were loaded, which is no state.
_COUNTER = "_generation"


def _five(obj: Any, reduced: Any) -> tuple[Any, tuple[Any, ...], Any, Any, Any]:
    if type(reduced) is not tuple or not 2 <= len(reduced) <= 6:
        raise PickleRefused(
            _("${class} has no valid __reduce_ex__", mapping={"class": type(obj)})
        )
    function, arguments, state, values, items, setter = (*reduced, *[None] * 4)[:6]
    if setter is not None or type(arguments) is not tuple:
        raise PickleRefused(
            _("${class} has no valid __reduce_ex__", mapping={"class": type(obj)})
        )
    if isinstance(obj, BaseAdapterRegistry) and _COUNTER in (state or ()):
        state = {**state, _COUNTER: 1}
    return function, arguments, state, values, items


def _inherits(obj: Any, name: str) -> bool:
    """Return True for the method of ``object``."""
    method: Any = getattr(type(obj), name)
    return method is getattr(object, name)


def _plain_object(function: Any, arguments: tuple[Any, ...], obj: Any) -> bool:
    """Return True if 3.6.0 has a short form for this."""
    return (
        function is NEWOBJ
        and len(arguments) == 1
        and _inherits(obj, "__reduce__")
        and _inherits(obj, "__reduce_ex__")
    )


def _zone_info(kind: type) -> bool:
    return kind.__module__ == "zoneinfo" and kind.__name__ == "ZoneInfo"
