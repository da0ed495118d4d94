"""The order of dictionary keys and set members in written pickles.

None comes first, then numbers, then text, then tuples, then all else by class and
written form: a total order that depends on the values alone.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from operator import itemgetter
from typing import Any

__all__ = ["sorted_items", "sorted_pairs", "sorted_values"]

Dump = Callable[[object], bytes]

_NUMBERS = (bool, int, float)


def sorted_items(mapping: Any, dump: Dump) -> list[tuple[Any, Any]]:
    """Return the items of a mapping in the order of their keys.

    ``dump`` returns the written form of a key that has no order of its own.
    """
    return sorted_pairs(mapping.items(), dump)


def sorted_pairs(pairs: Iterable[tuple[Any, Any]], dump: Dump) -> list[tuple[Any, Any]]:
    """Return pairs of keys and values in the order of the keys."""
    items = list(pairs)
    if len(items) > 1:
        if {type(key) for key, _ in items} == _ONLY_STR:
            items.sort(key=itemgetter(0))
        else:
            items.sort(key=lambda item: _rank(item[0], dump))
    return items


def sorted_values(values: Iterable[Any], dump: Dump) -> list[Any]:
    """Return the members of a set in order."""
    found = list(values)
    if set(map(type, found)) == _ONLY_STR:
        found.sort()
    else:
        found.sort(key=lambda value: _rank(value, dump))
    return found


_ONLY_STR = {str}


def _rank(key: Any, dump: Dump) -> tuple[Any, ...]:
    kind = type(key)
    if key is None:
        return (0,)
    if kind in _NUMBERS:
        return (1, (key == key, key if key == key else 0))
    if kind is str:
        return (2, key, 0)
    if kind is bytes:
        return (2, key.decode("latin-1"), 1)
    if kind is tuple:
        return (3, tuple(_rank(item, dump) for item in key))
    return (4, kind.__name__, kind.__module__, dump(key))
