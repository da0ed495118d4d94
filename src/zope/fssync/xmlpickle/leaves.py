"""The values that are one element without others inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.fssync.errors import PickleRefused
from zope.fssync.messages import _
from zope.fssync.picklecontext import PickleContext
from zope.fssync.registry.globals import find_global
from zope.fssync.xmlpickle.text import decode

__all__ = ["LEAVES", "Attributes"]

Attributes = dict[str, str]

Convert = Callable[[str, Attributes, PickleContext], Any]


def _string(text: str, attributes: Attributes, context: PickleContext) -> str | bytes:
    encoding = attributes.get("encoding")
    if encoding is not None:
        return decode(text, encoding)
    if not text.isascii():
        raise PickleRefused(
            _("string is not ASCII: ${text}", mapping={"text": repr(text[:40])})
        )
    return text


def _unicode(text: str, attributes: Attributes, context: PickleContext) -> str:
    encoding = attributes.get("encoding")
    if encoding is not None:
        return decode(text, encoding).decode("utf-8", "surrogatepass")
    return text


def _int(text: str, attributes: Attributes, context: PickleContext) -> int:
    return int(text, 16 if "0x" in text else 10)


def _float(text: str, attributes: Attributes, context: PickleContext) -> float:
    return float(text)


def _constant(value: Any) -> Convert:
    def constant(text: str, attributes: Attributes, context: PickleContext) -> Any:
        if text:
            raise PickleRefused(
                _(
                    "text outside of a string: ${text}",
                    mapping={"text": repr(text[:40])},
                )
            )
        return value

    return constant


def _global(text: str, attributes: Attributes, context: PickleContext) -> Any:
    return find_global(attributes["module"], attributes["name"], context)


#: By element: the function that makes the value from its text and attributes.
LEAVES: dict[str, Convert] = {
    "false": _constant(False),
    "float": _float,
    "global": _global,
    "int": _int,
    "long": _int,
    "none": _constant(None),
    "string": _string,
    "true": _constant(True),
    "unicode": _unicode,
}
