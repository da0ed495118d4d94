"""The text of settings: items, one line each, that a person reads and edits.

::

    # A line that begins with "#" is for people; it is not kept.
    title (string) = Hello
    keywords (lines)
        one element each
        " quoted where blanks matter"
    a key = its value

An item is a key, a kind in parentheses (or none), and a value, or any number of lines.
Texts stand as they are, or quoted as in JSON where they would not survive that.
Reading evaluates nothing.

No format of the standard library will do: INI has no kinds, changes the case of keys
and loses blanks and line ends; TOML is only read there, and quotes every text, which
would hide a change of one line in a diff; JSON has no comments and no plain lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from typing import NamedTuple

from zope.component import queryUtility

from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.terminal import escape

__all__ = ["Item", "dumps", "loads", "read"]

INDENT = "    "

# Controls and what some program takes for the end of a line.
_unsafe = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]")
_plain_key = re.compile('[^"()=]*').match
_quoted = json.JSONDecoder().raw_decode


class Item(NamedTuple):
    """One setting: it has a value, or lines, which may be none."""

    key: str
    value: str | None = None
    lines: tuple[str, ...] = ()
    kind: str = ""


def dumps(items: Iterable[Item]) -> bytes:
    """Return the text of items, in their order."""
    out: list[str] = []
    for item in items:
        head = _key(item.key)
        if item.kind:
            head += f" ({_key(item.kind)})"
        if item.value is not None:
            head += f" = {_text(item.value)}"
        out.append(head)
        out += [INDENT + _text(line) for line in item.lines]
    return "".join(f"{line}\n" for line in out).encode("utf-8")


def _key(text: str) -> str:
    if text[:1] == "#" or any(char in text for char in '"()='):
        return _quote(text)
    return _text(text)


def _text(text: str) -> str:
    if not text or text[0] == '"' or text != text.strip() or _unsafe.search(text):
        return _quote(text)
    return text


def _quote(text: str) -> str:
    # JSON leaves some of these as they are.
    return _unsafe.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def read(readable: Any) -> list[Item]:
    """Read the items of a file."""
    limit = queryUtility(ILimits, default=DEFAULT).pickle_size
    data = readable.read(limit + 1)
    if len(data) > limit:
        raise LimitExceeded(f"settings of more than {limit} bytes")
    return loads(data)


def loads(data: bytes) -> list[Item]:
    """Return the items of a text; raises `SynchronizationError`."""
    try:
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise SynchronizationError("the settings are not UTF-8") from None
    items: dict[str, Item] = {}
    lists: dict[str, list[str]] = {}
    below: list[str] | None = None
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\r")
        if not line.strip() or line.startswith("#"):
            continue
        try:
            if line[0] in " \t":
                if below is None:
                    raise _Malformed("an indented line that belongs to no item")
                below.append(_value(line.strip()))
                continue
            item = _head(line)
            if item.key in items:
                raise _Malformed(f"'{escape(item.key)}' is there twice")
        except _Malformed as error:
            raise SynchronizationError(f"line {number}: {error}") from None
        items[item.key] = item
        below = lists.setdefault(item.key, []) if item.value is None else None
    return [
        item._replace(lines=tuple(lists.get(item.key, ()))) for item in items.values()
    ]


class _Malformed(Exception):
    """A line that is no item."""


def _head(line: str) -> Item:
    key, rest = _leading(line)
    kind = ""
    if rest.startswith("("):
        kind, rest = _leading(rest[1:].lstrip())
        if not rest.startswith(")") or not kind:
            raise _Malformed("a kind that does not end")
        rest = rest[1:].lstrip()
    if not rest:
        return Item(key, kind=kind)
    if not rest.startswith("="):
        raise _Malformed(f"neither a value nor a kind: '{escape(rest[:40])}'")
    return Item(key, _value(rest[1:].strip()), kind=kind)


def _leading(text: str) -> tuple[str, str]:
    """Split a key from what follows."""
    if text.startswith('"'):
        return _unquoted(text)
    match = _plain_key(text)
    assert match is not None
    key = match.group().strip()
    if not key:
        raise _Malformed("there is no name")
    return key, text[match.end() :]


def _value(text: str) -> str:
    if not text.startswith('"'):
        return text
    value, rest = _unquoted(text)
    if rest:
        raise _Malformed(f"text after the closing quote: '{escape(rest[:40])}'")
    return value


def _unquoted(text: str) -> tuple[str, str]:
    try:
        value, end = _quoted(text)
    except (ValueError, RecursionError):
        raise _Malformed(
            "a quote that is not closed, or holds what is no text"
        ) from None
    return value, text[end:].lstrip()
