"""The objects that the ids in an XML pickle stand for.

Also recovers references that lead nowhere because 3.6.0 lost the id of their
target, where there is only one object they can mean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PickleRefused
from zope.fssync.limits import REPEATED_TEXT
from zope.fssync.limits import REPEATS_PER_BYTE
from zope.fssync.limits import Limits
from zope.fssync.messages import _

__all__ = ["KeyGauge", "Shared", "TupleGauge", "check_hashes"]


_Nested = tuple[Any, ...] | frozenset[Any]
_NESTED = (tuple, frozenset)


# Those of text and bytes begin with what nobody knows.
_SECRET_HASHES = (str, bytes)


def check_hashes(keys: Iterable[Any], limits: Limits) -> None:
    """Raise `LimitExceeded` if too many of the keys have the same hash."""
    counts = Counter(hash(key) for key in keys if type(key) not in _SECRET_HASHES)
    if counts and max(counts.values()) > limits.equal_hashes:
        raise _crowded()


class KeyGauge:
    """Does what `check_hashes` does, for mappings that are filled key by key."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._counts: dict[int, Counter[int]] = {}

    def count(self, mapping: Any, key: Any) -> None:
        """Note that a mapping, which lives as long as this, gets a key."""
        if type(key) in _SECRET_HASHES:
            return
        counts = self._counts.setdefault(id(mapping), Counter())
        number = hash(key)
        counts[number] += 1
        if counts[number] > self._limits.equal_hashes:
            raise _crowded()


def _crowded() -> LimitExceeded:
    return LimitExceeded(_("too many keys or elements with the same hash"))


class TupleGauge:
    """Bounds the nesting of tuples and frozensets, and how often they are repeated.

    References make deep and large ones of short documents, and Python walks them
    without a limit to find their hash.  ``size`` is that of the document.
    """

    def __init__(self, limits: Limits, size: int) -> None:
        self._limits = limits
        self._repeats = min(
            limits.pickle_repeats + REPEATS_PER_BYTE * size, limits.pickle_elements
        )
        self._known: dict[int, tuple[int, int]] = {}
        self._kept: list[_Nested] = []

    def measure(self, value: _Nested) -> None:
        """Raise `LimitExceeded` if ``value`` is too deep, and remember it."""
        self._known[id(value)] = self._measure(value)
        self._kept.append(value)

    def repeat(self, value: Any) -> None:
        """Raise `LimitExceeded` if too much is repeated, by one more reference."""
        self._repeats -= self._parts(value)
        if self._repeats < 0:
            raise LimitExceeded(_("a pickle repeats too many parts by references"))

    def _parts(self, value: Any) -> int:
        if type(value) in _NESTED:
            return (self._known.get(id(value)) or self._measure(value))[1]
        if type(value) in (str, bytes):
            return 1 + len(value) // REPEATED_TEXT
        if type(value) is int:
            return 1 + value.bit_length() // (8 * REPEATED_TEXT)
        # It is written once.
        return 0

    def _measure(self, value: _Nested) -> tuple[int, int]:
        depth, parts = 0, 1
        for part in value:
            if type(part) in _NESTED:
                below = self._known.get(id(part)) or self._measure(part)
                depth = max(depth, below[0])
                parts += below[1]
        depth += 1
        if depth > self._limits.pickle_depth or parts > self._limits.pickle_elements:
            raise LimitExceeded(_("tuples in a pickle are nested too deeply"))
        return depth, parts


class Shared:
    """The shared objects of one document."""

    def __init__(self, limits: Limits, size: int) -> None:
        self._objects: dict[int, Any] = {}
        self._announced: set[int] = set()
        self._nameless: list[Any] = []
        self._gauge = TupleGauge(limits, size)

    def define(self, attributes: dict[str, str], obj: Any) -> None:
        """Remember ``obj`` if the element has an id."""
        name = attributes.get("id")
        if name is None:
            return
        number = _number(name)
        if number in self._objects:
            raise PickleRefused(
                _("id ${name} stands for two objects", mapping={"name": name})
            )
        if type(obj) in _NESTED:
            self._gauge.measure(obj)
        self._objects[number] = obj

    def announce(self, attributes: dict[str, str]) -> None:
        """Remember that an element has an id, but is no object yet."""
        name = attributes.get("id")
        if name is not None:
            self._announced.add(_number(name))

    def nameless(self, obj: Any) -> None:
        """Remember an instance whose id 3.6.0 may have lost."""
        self._nameless.append(obj)

    def find(self, name: str, hidden: Callable[[], Any]) -> Any:
        """Return the object with the id ``name``.

        ``hidden`` returns the global that is meant in this place, or None.
        """
        number = _number(name)
        if number in self._objects:
            found = self._objects[number]
            self._gauge.repeat(found)
            return found
        if number in self._announced:
            raise PickleRefused(
                _("tuple ${name} contains itself", mapping={"name": name})
            )
        found = hidden()
        if found is None:
            if len(self._nameless) != 1:
                raise PickleRefused(
                    _(
                        "reference ${name} leads nowhere, and ${number} objects could"
                        " be meant",
                        mapping={"name": name, "number": len(self._nameless)},
                    ),
                )
            found = self._nameless.pop()
        self._objects[number] = found
        return found


def _number(name: str) -> int:
    """Return the number in an id: after the last dot, or after ``o`` or ``i``."""
    _, dot, last = name.rpartition(".")
    return int(last if dot else name.removeprefix("o").removeprefix("i"))
