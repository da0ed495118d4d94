"""Values of schema fields as text: one line, or a line for each element.

The type is known from the field and is not in the text.  Fields of other types, and
collections of other than plain values, are JSON; see `fields`.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import re
from collections.abc import Callable
from typing import Any
from typing import NamedTuple

import pytz
from zope.schema import interfaces as schema

from zope.app.fssync.content.schema.unique import gathered
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

__all__ = ["NOTHING", "item_of", "parse", "serialize", "value_of"]

#: The kind of an item for a field without a value.
NOTHING = "nothing"

#: The kind of an item for a text of several lines.
TEXT = "text"

#: The kind of an item for bytes that are not text.
BASE64 = "base64"

#: RFC 9557: a time with its offset, and the name of its zone.
_zoned = re.compile(r"([^\[\]]+)\[([\w/+-]+)\]")


def serialize(value: datetime.datetime) -> str:
    """Return a time in the form of RFC 9557.

    For example ``2026-05-01T10:00:00+02:00[Europe/Vienna]``.
    """
    zone = getattr(value.tzinfo, "zone", None) or getattr(value.tzinfo, "key", None)
    text = value.isoformat()
    # Zones of DateTime, GMT+1 say, are no more than an offset.
    return f"{text}[{zone}]" if zone in pytz.all_timezones_set else text


def parse(text: str) -> datetime.datetime:
    """Return the time in a text; raise ValueError if it is not valid."""
    match = _zoned.fullmatch(text)
    value = datetime.datetime.fromisoformat(match[1] if match else text)
    if match is None:
        return value
    try:
        zone = pytz.timezone(match[2])
    except pytz.UnknownTimeZoneError:
        raise ValueError(
            _("unknown time zone ${zone}", mapping={"zone": match[2]})
        ) from None
    found: datetime.datetime
    if value.tzinfo is None:
        found = zone.localize(value)
    else:
        found = zone.normalize(value.astimezone(zone))
    return found


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(_("neither true nor false"))
    return text == "true"


class Plain(NamedTuple):
    """The conversion of values of a field to one line, and back."""

    field: Any
    type: type
    write: Callable[[Any], str]
    read: Callable[[str], Any]


#: The first match counts: sub-interfaces come before their bases.
PLAIN = (
    Plain(schema.IBool, bool, lambda v: "true" if v else "false", _boolean),
    Plain(schema.IInt, int, str, int),
    Plain(schema.IFloat, float, repr, float),
    Plain(schema.IDecimal, decimal.Decimal, str, decimal.Decimal),
    Plain(schema.IDatetime, datetime.datetime, serialize, parse),
    Plain(
        schema.IDate,
        datetime.date,
        lambda v: v.isoformat(),
        datetime.date.fromisoformat,
    ),
    Plain(
        schema.ITime,
        datetime.time,
        lambda v: v.isoformat(),
        datetime.time.fromisoformat,
    ),
    Plain(
        schema.ITimedelta,
        datetime.timedelta,
        lambda v: f"{v / datetime.timedelta(seconds=1)!r} s",
        lambda t: datetime.timedelta(seconds=float(t.removesuffix(" s"))),
    ),
    *(
        Plain(each, str, str, str)
        for each in (schema.IText, schema.INativeString, schema.IURI, schema.IId)
    ),
)


def item_of(key: str, field: Any, value: Any) -> Item | None:
    """Return the item of a value, None if plain text cannot represent it.

    ``field`` is bound to its object, at least where this finds nothing otherwise: to
    look a vocabulary up may take long, and few values need it.
    """
    if value is None:
        return Item(key, kind=NOTHING)
    if isinstance(value, bytes):
        return _bytes_item(key, value)
    if schema.ICollection.providedBy(field) and isinstance(
        value, list | tuple | set | frozenset
    ):
        lines = [_line(field.value_type, each) for each in value]
        found = [line for line in lines if line is not None]
        if len(found) < len(lines):
            return None
        is_set = isinstance(value, set | frozenset)
        return Item(key, lines=tuple(sorted(found) if is_set else found))
    line = _line(field, value)
    if line is None:
        return None
    if isinstance(value, str) and "\n" in value:
        return Item(key, lines=tuple(value.split("\n")), kind=TEXT)
    return Item(key, line)


def _bytes_item(key: str, value: bytes) -> Item:
    try:
        return Item(key, value.decode("utf-8"))
    except UnicodeDecodeError:
        return Item(key, base64.b64encode(value).decode(), kind=BASE64)


def _line(field: Any, value: Any) -> str | None:
    if schema.IChoice.providedBy(field):
        return _choice_line(field, value)
    for each in PLAIN:
        if each.field.providedBy(field) and type(value) is each.type:
            return each.write(value)
    # An element of a collection without a value type.
    return value if field is None and type(value) is str else None


def _choice_line(field: Any, value: Any) -> str | None:
    """Return the value of a choice, or its token if the value is not text."""
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int:
        return str(value)
    try:
        return str(field.vocabulary.getTerm(value).token)
    except (LookupError, AttributeError):
        return None


def value_of(field: Any, item: Item) -> Any:
    """Return the value of an item for a field, without validating it.

    Raises `SynchronizationError` for an invalid text, and LookupError for a field that
    plain text does not describe.
    """
    if item.kind == NOTHING:
        return field.missing_value
    try:
        if item.kind == TEXT:
            return "\n".join(item.lines)
        if item.kind == BASE64:
            return base64.b64decode(item.value or "", validate=True)
        if schema.IBytes.providedBy(field):
            return (item.value or "").encode("utf-8")
        if schema.ICollection.providedBy(field):
            # A single element may follow the key on its line.
            lines = item.lines if item.value is None else (item.value,)
            elements = (_read(field.value_type, line) for line in lines)
            return gathered(_type_of(field), elements)
        if item.value is None:
            raise ValueError(_("a value is missing"))
        return _read(field, item.value)
    except (ValueError, decimal.InvalidOperation) as error:
        raise SynchronizationError(
            _("${key}: ${reason}", mapping={"key": item.key, "reason": error})
        ) from error


def _type_of(field: Any) -> type:
    found = field._type
    if isinstance(found, tuple):
        found = found[0]
    known: type = found
    return known


def _read(field: Any, text: str) -> Any:
    if schema.IChoice.providedBy(field):
        return _chosen(field, text)
    for each in PLAIN:
        if each.field.providedBy(field):
            return each.read(text)
    if field is None:
        return text
    raise LookupError(text)


def _chosen(field: Any, text: str) -> Any:
    """Return the value of the vocabulary for a text: a value or its token."""
    vocabulary = field.vocabulary
    for value in (text, *_others(text)):
        if vocabulary is not None and value in vocabulary:
            return value
    try:
        return vocabulary.getTermByToken(text).value
    except (LookupError, AttributeError):
        # Validation reports the possible values.
        return text


def _others(text: str) -> list[Any]:
    found: list[Any] = [text == "true"] if text in ("true", "false") else []
    return [*found, int(text)] if re.fullmatch(r"-?\d{1,18}", text) else found
