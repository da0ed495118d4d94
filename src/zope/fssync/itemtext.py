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

from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import SynchronizationError
from zope.fssync.limits import DEFAULT
from zope.fssync.messages import _
from zope.fssync.patterns import late
from zope.fssync.terminal import escape

__all__ = [
    "INDENT",
    "Item",
    "Malformed",
    "dumps",
    "item_of",
    "loads",
    "quote",
    "read",
    "read_key",
    "read_text",
    "written_key",
    "written_lines",
    "written_text",
]

INDENT = "    "

# Controls and what some program takes for the end of a line.
_unsafe = late("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]")
_plain_key = late('[^"()=]*')
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
        rest, lines = written_lines(item)
        out.append(f"{written_key(item.key)} {rest}" if rest else written_key(item.key))
        out += [INDENT + line for line in lines]
    return "".join(f"{line}\n" for line in out).encode("utf-8")


def written_lines(item: Item) -> tuple[str, tuple[str, ...]]:
    """Return what follows the key of an item on its line, and the lines below."""
    words = [f"({written_key(item.kind)})"] if item.kind else []
    if item.value is not None:
        words += ["=", written_text(item.value)]
    return " ".join(words), tuple(map(written_text, item.lines))


def written_key(text: str) -> str:
    """Return a key as it is written, quoted where it could be taken for more."""
    if text[:1] == "#" or any(char in text for char in '"()='):
        return quote(text)
    return written_text(text)


def written_text(text: str) -> str:
    """Return a value as it is written, quoted where that is needed."""
    if not text or text[0] == '"' or text != text.strip() or _unsafe.search(text):
        return quote(text)
    return text


def quote(text: str) -> str:
    """Return a text in quotes, on one line, as JSON has it."""
    # JSON leaves some of these as they are.
    return _unsafe.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def read(readable: Any) -> list[Item]:
    """Read the items of a file."""
    # Imported late: clients read descriptions by these forms, without registrations.
    from zope.component import queryUtility

    from zope.fssync.interfaces import ILimits

    limit = queryUtility(ILimits, default=DEFAULT).pickle_size
    data = readable.read(limit + 1)
    if len(data) > limit:
        raise LimitExceeded(
            _("settings of more than ${limit} bytes", mapping={"limit": limit})
        )
    return loads(data)


def loads(data: bytes) -> list[Item]:
    """Return the items of a text; raises `SynchronizationError`."""
    try:
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise SynchronizationError(_("the settings are not UTF-8")) from None
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
                    raise Malformed(_("an indented line that belongs to no item"))
                below.append(read_text(line.strip()))
                continue
            item = item_of(*read_key(line))
            if item.key in items:
                raise Malformed(
                    _("'${key}' is there twice", mapping={"key": escape(item.key)})
                )
        except Malformed as error:
            raise SynchronizationError(
                _(
                    "line ${number}: ${reason}",
                    mapping={"number": number, "reason": error},
                )
            ) from None
        items[item.key] = item
        below = lists.setdefault(item.key, []) if item.value is None else None
    return [
        item._replace(lines=tuple(lists.get(item.key, ()))) for item in items.values()
    ]


class Malformed(Exception):
    """A line that is no item."""


def item_of(key: str, rest: str) -> Item:
    """Return the item of a key, from what follows the key on its line."""
    kind = ""
    if rest.startswith("("):
        kind, rest = read_key(rest[1:].lstrip())
        if not rest.startswith(")") or not kind:
            raise Malformed(_("a kind that does not end"))
        rest = rest[1:].lstrip()
    if not rest:
        return Item(key, kind=kind)
    if not rest.startswith("="):
        raise Malformed(
            _(
                "neither a value nor a kind: '${rest}'",
                mapping={"rest": escape(rest[:40])},
            )
        )
    return Item(key, read_text(rest[1:].strip()), kind=kind)


def read_key(text: str) -> tuple[str, str]:
    """Split a line after its key; raises `Malformed`."""
    if text.startswith('"'):
        return _unquoted(text)
    match = _plain_key.match(text)
    assert match is not None
    key = match.group().strip()
    if not key:
        raise Malformed(_("there is no name"))
    return key, text[match.end() :]


def read_text(text: str) -> str:
    """Return the value that is written so; raises `Malformed`."""
    if not text.startswith('"'):
        return text
    value, rest = _unquoted(text)
    if rest:
        raise Malformed(
            _(
                "text after the closing quote: '${rest}'",
                mapping={"rest": escape(rest[:40])},
            )
        )
    return value


def _unquoted(text: str) -> tuple[str, str]:
    try:
        value, end = _quoted(text)
    except (ValueError, RecursionError):
        raise Malformed(
            _("a quote that is not closed, or holds what is no text")
        ) from None
    return value, text[end:].lstrip()
