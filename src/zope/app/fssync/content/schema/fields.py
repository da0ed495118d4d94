"""The fields of a schema as lines of text, and back.

A value is written by the type of its field: numbers and dates in their usual form,
choices by their tokens, lists and sets by a line for each element.  A value that would
not be restored exactly has no text.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from zope.interface import Invalid
from zope.schema import getFieldsInOrder
from zope.schema import interfaces
from zope.schema.interfaces import ValidationError

from zope.app.fssync.content.schema import unique
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.limits import NUMBER_BITS
from zope.fssync.limits import SCHEMAS
from zope.fssync.messages import _

__all__ = ["change", "fields_of", "item", "value_of"]

#: The kind of an item for None.
NOTHING = "nothing"

#: The errors of fields, of vocabularies and of attributes that check what they get.
REFUSALS = (Invalid, ValueError, LookupError, TypeError, AttributeError)

_BOOLEANS = {"true": True, "false": False}
_COLLECTIONS = (list, tuple, set, frozenset)


@lru_cache(maxsize=SCHEMAS)
def fields_of(schema: Any) -> Mapping[str, Any]:
    """Return the fields of a schema that hold data, by name.

    Passwords stay in the database; names and places belong to containers.
    """
    return {
        name: field
        for name, field in getFieldsInOrder(schema)
        if not name.startswith("__") and not interfaces.IPassword.providedBy(field)
    }


def item(field: Any, value: Any) -> Item | None:
    """Return a value as text, None where that would not bring it back.

    ``field`` is bound to its object.
    """
    name = field.__name__
    if value is None:
        return Item(name, kind=NOTHING)
    found = None
    if type(value) in _COLLECTIONS:
        lines = [_text(field.value_type, each) for each in _ordered(field, value)]
        if None not in lines:
            found = Item(name, lines=tuple(line or "" for line in lines))
    elif type(value) is str and _has_lines(field):
        found = Item(name, lines=tuple(value.split("\n")))
    else:
        text = _text(field, value)
        found = None if text is None else Item(name, text)
    if found is None:
        return None
    try:
        back = value_of(field, found)
    except SynchronizationError:
        return None
    return found if _same(back, value) else None


def value_of(field: Any, item: Item) -> Any:
    """Return the value of an item; ``field`` is bound to its object.

    Raises `SynchronizationError` if it is not valid.
    """
    if item.kind == NOTHING and item.value is None and not item.lines:
        return None
    if item.kind:
        raise SynchronizationError(
            _(
                "${key} is no (${kind})",
                mapping={"key": repr(item.key), "kind": item.kind},
            )
        )
    lines = item.lines if item.value is None else (item.value,)
    if interfaces.ICollection.providedBy(field):
        made = (_value(field.value_type, line, item.key) for line in lines)
        kind = field._type[0] if isinstance(field._type, tuple) else field._type
        return unique.gathered(kind, made)
    if _has_lines(field):
        return "\n".join(lines)
    if item.value is None:
        raise SynchronizationError(
            _("the field ${key} has no value", mapping={"key": repr(item.key)})
        )
    return _value(field, item.value, item.key)


def change(obj: Any, schema: Any, name: str, value: Any) -> bool:
    """Give a field another value, if it has one; return whether it had.

    Raises `SynchronizationError` with what the field says.
    """
    field = fields_of(schema)[name].bind(obj)
    if hasattr(obj, name) and _same(getattr(obj, name), value):
        return False
    try:
        unique.validate(field, value)
        if field.readonly and name in getattr(obj, "__dict__", {}):
            raise SynchronizationError(
                _("the field ${name} can only be read", mapping={"name": repr(name)})
            )
        setattr(obj, name, value)
    except REFUSALS as error:
        raise SynchronizationError(
            _(
                "the field ${name}: ${reason}",
                mapping={"name": repr(name), "reason": sentence(error)},
            )
        ) from error
    return True


def sentence(error: Exception) -> str:
    """Return what an application says by an error."""
    doc = error.doc() if isinstance(error, ValidationError) else None
    said = doc or next((each for each in error.args if isinstance(each, str)), "")
    return " ".join((said or type(error).__name__).split()).rstrip(".")


def _has_lines(field: Any) -> bool:
    return interfaces.IText.providedBy(field) and not (
        interfaces.ITextLine.providedBy(field)
    )


def _ordered(field: Any, value: Any) -> Iterator[Any]:
    if isinstance(value, set | frozenset):
        # The same lines for the same set.
        yield from sorted(value, key=lambda each: str(_text(field.value_type, each)))
    else:
        yield from value


def _same(old: Any, new: Any) -> bool:
    try:
        return type(old) is type(new) and bool(old == new)
    except ArithmeticError:
        # A signal of the decimals.
        return False


def _text(field: Any, value: Any) -> str | None:
    if interfaces.IChoice.providedBy(field):
        return _token(field, value)
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int:
        return str(value) if value.bit_length() <= NUMBER_BITS else None
    if type(value) in (str, float, Decimal, datetime, date, time):
        iso = getattr(value, "isoformat", None)
        return str(value) if iso is None else str(iso())
    if type(value) is timedelta:
        return _spelled(value)
    if type(value) is bytes and interfaces.IBytesLine.providedBy(field):
        return value.decode("ascii") if value.isascii() else None
    return None


def _spelled(value: timedelta) -> str:
    """Return days, seconds and microseconds: the hours of `str` are negative days."""
    return f"{value.days}d {value.seconds}s {value.microseconds}us"


def _duration(text: str) -> timedelta:
    days, seconds, microseconds = text.split()
    return timedelta(
        int(days.removesuffix("d")),
        int(seconds.removesuffix("s")),
        int(microseconds.removesuffix("us")),
    )


def _token(field: Any, value: Any) -> str | None:
    vocabulary = getattr(field, "vocabulary", None)
    if vocabulary is None:
        return value if type(value) is str else None
    try:
        return str(vocabulary.getTerm(value).token)
    except (LookupError, TypeError, AttributeError):
        return value if type(value) is str else None


def _chosen(field: Any, text: str) -> Any:
    vocabulary = getattr(field, "vocabulary", None)
    if vocabulary is None:
        return text
    try:
        return vocabulary.getTermByToken(text).value
    except (LookupError, TypeError, AttributeError):
        # A value that was taken from the vocabulary since; `change` validates it.
        return text


def _bytes(text: str) -> bytes:
    return text.encode("ascii")


#: The function for the text of a field, by the first interface that fits.
_READERS: tuple[tuple[Any, Callable[[str], Any]], ...] = (
    (interfaces.IBool, _BOOLEANS.__getitem__),
    (interfaces.IIntegral, int),
    (interfaces.IDecimal, Decimal),
    (interfaces.IFloat, float),
    (interfaces.IDatetime, datetime.fromisoformat),
    (interfaces.IDate, date.fromisoformat),
    (interfaces.ITime, time.fromisoformat),
    (interfaces.ITimedelta, _duration),
    (interfaces.IBytesLine, _bytes),
)


def _value(field: Any, text: str, key: str) -> Any:
    if interfaces.IChoice.providedBy(field):
        return _chosen(field, text)
    for kind, read in _READERS:
        if kind.providedBy(field):
            try:
                return read(text)
            except (ValueError, LookupError, ArithmeticError) as error:
                name = kind.__name__[1:].lower()
                raise SynchronizationError(
                    _(
                        "the field ${key} is no ${name}: ${text}",
                        mapping={"key": repr(key), "name": name, "text": repr(text)},
                    )
                ) from error
    return text
