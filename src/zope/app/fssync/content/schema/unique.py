"""Collections of unique elements, in time that grows with their number.

`zope.schema` compares each element of a field with all before it, and a set compares
those that have the same hash.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from zope.schema.interfaces import ICollection
from zope.schema.interfaces import NotUnique

from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import COMPARED_ELEMENTS
from zope.fssync.limits import DEFAULT
from zope.fssync.messages import _
from zope.fssync.xmlpickle.sharing import check_hashes

__all__ = ["check_unique", "gathered", "is_unique", "lenient", "validate"]


def gathered(kind: Callable[[list[Any]], Any], elements: Iterable[Any]) -> Any:
    """Return a collection of elements; a set is refused if too many have one hash."""
    found = list(elements)
    if kind in (set, frozenset):
        check_hashes(found, DEFAULT)
    return kind(found)


def validate(field: Any, value: Any) -> None:
    """Validate a value of a bound field."""
    lenient(field).validate(value)
    check_unique(field, value)


def lenient(field: Any) -> Any:
    """Return a bound field that takes equal elements: `check_unique` looks for them."""
    if not is_unique(field):
        return field
    found = field.bind(field.context)
    found.unique = False
    return found


def check_unique(field: Any, value: Any) -> None:
    """Raise `NotUnique` for equal elements in a valid value of a field."""
    if not is_unique(field) or not value or isinstance(value, set | frozenset):
        return
    try:
        check_hashes(value, DEFAULT)
        found = set(value)
    except TypeError:
        # They have no hash.
        _compare(field, value)
    else:
        if len(found) < len(value):
            raise NotUnique().with_field_and_value(field, value)


def _compare(field: Any, value: Any) -> None:
    if len(value) > COMPARED_ELEMENTS:
        raise LimitExceeded(
            _(
                "the field ${name} has more than ${number} elements to be compared",
                mapping={"name": repr(field.__name__), "number": COMPARED_ELEMENTS},
            )
        )
    elements = list(value)
    if any(each in elements[:number] for number, each in enumerate(elements)):
        raise NotUnique().with_field_and_value(field, value)


def is_unique(field: Any) -> bool:
    """Return True for a field of unique elements."""
    return ICollection.providedBy(field) and bool(field.unique)
