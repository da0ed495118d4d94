"""The notation of values: ``3``, ``True``, ``["a", "b"]``, ``Decimal("1.5")``.

A text stands as it is, unless it could be taken for something else; then, and within
other values, it is quoted as in JSON.  Lists, tuples and dictionaries are written as in
Python, all else as a name with arguments, see `valueforms`.  Reading calls nothing
but the forms.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from binascii import b2a_base64
from typing import Any
from typing import NamedTuple

from zope.fssync import itemtext
from zope.fssync.description.pickletree import Instance
from zope.fssync.description.pickletree import Native
from zope.fssync.description.pickletree import Reference
from zope.fssync.description.pickletree import Table
from zope.fssync.description.valueforms import form_named
from zope.fssync.description.valueforms import form_of
from zope.fssync.itemtext import INDENT
from zope.fssync.limits import DESCRIBED_DEPTH
from zope.fssync.limits import DESCRIBED_WIDTH
from zope.fssync.messages import _
from zope.fssync.messages import reason_of
from zope.fssync.patterns import late
from zope.fssync.terminal import escape

__all__ = ["read_value", "written_value"]

_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|inf|nan)"
_WORDS = {"None": None, "True": True, "False": False}
_CLOSING = {"[": "]", "(": ")", "{": "}"}

# A text of any of these forms is quoted, so that it is no value.
_is_value = late(
    rf"[\[({{]|{_NUMBER}\Z|(?:None|True|False)\Z|[A-Za-z_][A-Za-z0-9_.]*\("
)
_token = late(
    rf"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<number>{_NUMBER})(?![A-Za-z0-9_.])
      | (?P<name>[A-Za-z_][A-Za-z0-9_.]*)
      | (?P<mark>[\[\](){{}},:])
    )""",
    re.VERBOSE,
)
_is_integer = late(r"[+-]?[0-9]+")


def written_value(value: Any, column: int = 0) -> list[str]:
    """Return the lines of a value; what is below the first one is indented.

    The first line begins at ``column``.  Raises ValueError for what has no notation.
    """
    if type(value) is str and not _is_value.match(value):
        return [itemtext.written_text(value)]
    lines: list[str] = []
    _layout(_flat(value, 0), "", "", column, 0, lines)
    return lines


# Writing


class _Group(NamedTuple):
    """What is written in brackets: the whole on one line, and its elements."""

    line: str
    opening: str
    elements: list[tuple[str, Any]]
    closing: str


def _flat(value: Any, depth: int) -> str | _Group:
    """Return how a value is written on one line, with its elements if it has any."""
    if depth > DESCRIBED_DEPTH:
        raise ValueError("too many levels")
    kind = type(value)
    if value is None or kind is bool:
        return str(value)
    if kind is int or kind is float:
        return repr(value)
    if kind is str:
        return itemtext.quote(value)
    if kind is list:
        return _group("[", [("", _flat(each, depth + 1)) for each in value], "]")
    if kind is tuple:
        elements = [("", _flat(each, depth + 1)) for each in value]
        return _group("(", elements, ",)" if len(value) == 1 else ")")
    if kind is Table:
        return _group("{", [_pair(pair, depth + 1) for pair in value.pairs], "}")
    name, arguments = _call(value)
    elements = [("", _flat(each, depth + 1)) for each in arguments]
    if len(elements) == 1 and type(elements[0][1]) is _Group:
        # Its brackets will do, where there are several lines.
        group = elements[0][1]
        return _Group(
            f"{name}({group.line})",
            f"{name}({group.opening}",
            group.elements,
            f"{group.closing})",
        )
    return _group(f"{name}(", elements, ")")


def _call(value: Any) -> tuple[str, tuple[Any, ...]]:
    if type(value) is Native:
        return "str", (str(value),)
    if type(value) is Reference:
        return "reference", (value.name,)
    if type(value) is bytes:
        if value.isascii() and (text := value.decode("ascii")).isprintable():
            return "bytes", (text,)
        return "base64", (b2a_base64(value, newline=False).decode("ascii"),)
    form = form_of(value) if type(value) is Instance else None
    arguments = form.arguments(value) if form is not None else None
    if form is None or arguments is None:
        raise ValueError(f"no notation for {type(value).__name__}")
    return form.name, arguments


def _pair(pair: tuple[Any, Any], depth: int) -> tuple[str, str | _Group]:
    key = _flat(pair[0], depth)
    return f"{_line(key)}: ", _flat(pair[1], depth)


def _line(value: str | _Group) -> str:
    return value if isinstance(value, str) else value.line


def _group(opening: str, elements: list[tuple[str, Any]], closing: str) -> _Group:
    inner = ", ".join(prefix + _line(each) for prefix, each in elements)
    return _Group(opening + inner + closing, opening, elements, closing)


def _layout(
    value: str | _Group,
    before: str,
    after: str,
    column: int,
    level: int,
    out: list[str],
) -> None:
    """Add the lines of a value, one for each element where one is not enough.

    What is below the first line of the whole value is indented once already.
    """
    line = _line(value)
    pad = INDENT * (level - 1)
    width = column + len(pad) + len(before) + len(line) + len(after)
    if isinstance(value, str) or width <= DESCRIBED_WIDTH or _is_single(value):
        out.append(pad + before + line + after)
        return
    out.append(pad + before + value.opening)
    for prefix, element in value.elements:
        _layout(element, prefix, ",", len(INDENT), level + 1, out)
    out.append(pad + value.closing.lstrip(",") + after)


def _is_single(group: _Group) -> bool:
    """Return True if a group has at most one element, without nested groups."""
    if len(group.elements) > 1:
        return False
    return all(not prefix and isinstance(each, str) for prefix, each in group.elements)


# Reading


def read_value(text: str) -> Any:
    """Return the value that is written so; raises ValueError."""
    if not text.startswith('"') and not _is_value.match(text):
        return text
    reader = _Reader(text)
    value = reader.value(0)
    if text[reader.place :].strip():
        raise ValueError(
            _(
                "more than one value: '${text}'",
                mapping={"text": escape(text[reader.place :][:40])},
            )
        )
    return value


class _Reader:
    """Reads one value after the other."""

    def __init__(self, text: str) -> None:
        self.content = text
        self.place = 0

    def next(self) -> tuple[str, str]:
        """Return the kind of the next token, and the token."""
        match = _token.match(self.content, self.place)
        if match is None:
            rest = self.content[self.place :].lstrip()[:40]
            raise ValueError(
                _("no value: '${rest}'", mapping={"rest": escape(rest)})
                if rest
                else _("no value")
            )
        self.place = match.end()
        kind = match.lastgroup
        assert kind is not None
        return kind, match[kind]

    def value(self, depth: int) -> Any:
        kind, token = self.next()
        if kind == "mark" and token in _CLOSING:
            return self.compound(token, depth)
        if kind == "text":
            return _unquoted(token)
        if kind == "number":
            return int(token) if _is_integer.fullmatch(token) else float(token)
        if token in _WORDS:
            return _WORDS[token]
        if kind == "name":
            opening = self.next()
            if opening == ("mark", "("):
                arguments, _comma = self.elements(")", depth)
                return _made(token, tuple(arguments))
        raise ValueError(
            _(
                "no value: '${token}'; quote it, if it is text",
                mapping={"token": escape(token[:40])},
            )
        )

    def compound(self, opening: str, depth: int) -> Any:
        if opening == "{":
            return Table(tuple(self.pairs(depth)))
        values, comma = self.elements(_CLOSING[opening], depth)
        if opening == "[":
            return values
        if len(values) == 1 and not comma:
            return values[0]
        return tuple(values)

    def elements(self, closing: str, depth: int) -> tuple[list[Any], bool]:
        """Return values up to a bracket, and whether there was a comma."""
        values: list[Any] = []
        comma = False
        while not self.ends(closing):
            values.append(self.nested(depth))
            comma = self.comma(closing)
            if not comma:
                break
        return values, comma

    def pairs(self, depth: int) -> list[tuple[Any, Any]]:
        pairs: list[tuple[Any, Any]] = []
        names: set[str] = set()
        while not self.ends("}"):
            key = self.nested(depth)
            if self.next() != ("mark", ":"):
                raise ValueError(_("a key without a value in a dictionary"))
            if isinstance(key, str):
                if key in names:
                    raise ValueError(
                        _("'${key}' is there twice", mapping={"key": escape(key[:40])})
                    )
                names.add(key)
            pairs.append((key, self.nested(depth)))
            if not self.comma("}"):
                break
        return pairs

    def nested(self, depth: int) -> Any:
        if depth >= DESCRIBED_DEPTH:
            raise ValueError(
                _("more than ${limit} levels", mapping={"limit": DESCRIBED_DEPTH})
            )
        return self.value(depth + 1)

    def ends(self, closing: str) -> bool:
        """Take a closing bracket, if it is there."""
        match = _token.match(self.content, self.place)
        if match is None or match["mark"] != closing:
            return False
        self.place = match.end()
        return True

    def comma(self, closing: str) -> bool:
        """Take a comma, or else the closing bracket."""
        token = self.next()[1]
        if token == ",":
            return True
        if token != closing:
            raise ValueError(
                _("'${closing}' or a comma is missing", mapping={"closing": closing})
            )
        return False


def _unquoted(token: str) -> str:
    try:
        return itemtext.read_text(token)
    except itemtext.Malformed as error:
        raise ValueError(reason_of(error)) from None


def _made(name: str, arguments: tuple[Any, ...]) -> Any:
    """Return what a name with arguments stands for."""
    if name in ("str", "bytes", "base64", "reference"):
        if len(arguments) != 1 or type(arguments[0]) is not str:
            raise ValueError(_("${name} is made of one text", mapping={"name": name}))
        text = arguments[0]
        if name == "str":
            return Native(text)
        if name == "reference":
            return Reference(text)
        try:
            data = text.encode("ascii")
            return data if name == "bytes" else a2b_base64(data)
        except (UnicodeEncodeError, Base64Error) as error:
            raise ValueError(
                _("no ${name}: ${reason}", mapping={"name": name, "reason": error})
            ) from None
    form = form_named(name)
    if form is None:
        raise ValueError(
            _(
                "'${name}' is no known kind of value; quote it, if it is text",
                mapping={"name": escape(name[:40])},
            )
        )
    try:
        return form.instance(arguments)
    except (TypeError, ValueError, IndexError, OverflowError) as error:
        raise ValueError(
            _("no ${name}: ${reason}", mapping={"name": name, "reason": error})
        ) from None
