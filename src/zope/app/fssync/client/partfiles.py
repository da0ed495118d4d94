"""The files of the parts of an object, as properties that people read and write.

A file holds a pickle, the Dublin Core, or a text of items; see `Part`.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from datetime import datetime
from os.path import basename
from typing import Any
from typing import NamedTuple

from zope.app.fssync.client import dublincore
from zope.fssync import itemtext
from zope.fssync import xmlpickle
from zope.fssync.errors import Error
from zope.fssync.itemtext import Item
from zope.fssync.terminal import escape

__all__ = [
    "ELEMENTS",
    "DublinCore",
    "Items",
    "Part",
    "Property",
    "Value",
    "part_in",
    "values_of",
]


class Property(NamedTuple):
    """A property: its name, its values, and the file of its part.

    Most have one value.  If it is not ``readable`` it is a pickle, without values.
    """

    name: str
    values: tuple[str, ...]
    path: str
    kind: str = ""
    readable: bool = True
    #: True if it takes any number of values.
    is_list: bool = False

    def item(self) -> Item:
        """Return the property as an item of the text to edit."""
        if len(self.values) == 1 and "\n" not in self.values[0]:
            return Item(self.name, self.values[0], kind=self.kind)
        if len(self.values) == 1:
            lines = tuple(self.values[0].split("\n"))
            return Item(self.name, lines=lines, kind=self.kind or "text")
        return Item(self.name, lines=self.values, kind=self.kind)


class Part:
    """An extra or an annotation: a file of one property or of several.

    This class is for pickles of objects, which cannot be shown.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.name = basename(path)
        self.data = data

    def properties(self) -> Iterator[Property]:
        """Yield the properties of the part."""
        yield Property(self.name, (), self.path, readable=False)

    def accepts(self, name: str) -> bool:
        """Return True if a new property of this name can be added."""
        return False

    def set(self, name: str, values: Sequence[str], kind: str = "") -> None:
        """Set the values of a property."""
        raise Error(
            f"the property '{escape(name)}' is a pickle of objects, which zsync does "
            "not write",
            path=self.path,
            advice=f"'zsync prop edit PATH {escape(name)}' shows you its XML.",
        )

    def delete(self, name: str) -> bool:
        """Delete a property; return False if the whole part has to be deleted."""
        return False


class Value(Part):
    """A pickle of one plain value, as a content type."""

    @classmethod
    def of(cls, path: str, data: bytes) -> Part | None:
        try:
            value = xmlpickle.loads(data)
        except Error:
            return None
        if type(value) not in _PLAIN:
            return None
        part = cls(path, data)
        part.value = value
        return part

    value: Any = ""

    def properties(self) -> Iterator[Property]:
        """See `Part`."""
        shown = {None: "", True: "true", False: "false"}
        is_word = self.value is None or type(self.value) is bool
        text = shown[self.value] if is_word else str(self.value)
        yield Property(self.name, (text,), self.path)

    def set(self, name: str, values: Sequence[str], kind: str = "") -> None:
        """See `Part`."""
        text = _single(self.path, name, values)
        try:
            self.value = _PLAIN[type(self.value)](text)
        except (KeyError, ValueError):
            what = type(self.value).__name__
            raise Error(
                f"the property '{escape(name)}' is no {what}: '{escape(text)}'",
                path=self.path,
            ) from None
        self.data = xmlpickle.dumps(self.value)


_PLAIN: dict[type, Any] = {
    str: str,
    int: int,
    float: float,
    bool: {"true": True, "false": False}.__getitem__,
    type(None): str,
}


class DublinCore(Part):
    """The annotation with the Dublin Core."""

    def __init__(self, path: str, data: bytes, document: dublincore.Document) -> None:
        super().__init__(path, data)
        self.document = document

    def properties(self) -> Iterator[Property]:
        """See `Part`."""
        found = self.document.data
        for name, element in ELEMENTS.items():
            if element in found:
                yield self._property(name, found[element])
        for element in sorted(found.keys() - set(ELEMENTS.values())):
            yield self._property(element, found[element])

    def _property(self, name: str, values: tuple[str, ...]) -> Property:
        is_list = name in _SEQUENCES or len(values) > 1
        values = values if is_list else values or ("",)
        return Property(name, values, self.path, is_list=is_list)

    def accepts(self, name: str) -> bool:
        """See `Part`."""
        return name in ELEMENTS

    def set(self, name: str, values: Sequence[str], kind: str = "") -> None:
        """See `Part`."""
        if name == "modified":
            raise Error(
                "the time of the last change is set by the server", path=self.path
            )
        if name not in _SEQUENCES:
            values = [_single(self.path, name, values)]
        if name in _DATES:
            values = [_moment(self.path, name, values[0])]
        self._write({**self.document.data, ELEMENTS.get(name, name): tuple(values)})

    def delete(self, name: str) -> bool:
        """See `Part`."""
        element = ELEMENTS.get(name, name)
        found = self.document.data
        self._write({each: found[each] for each in found if each != element})
        return True

    def _write(self, data: dict[str, tuple[str, ...]]) -> None:
        self.document = self.document._replace(data=data)
        self.data = dublincore.dumps(self.document)


#: The elements by their names in zope.dublincore.
ELEMENTS = {
    "title": "Title",
    "description": "Description",
    "subjects": "Subject",
    "creators": "Creator",
    "contributors": "Contributor",
    "publisher": "Publisher",
    "rights": "Rights",
    "language": "Language",
    "created": "Date.Created",
    "modified": "Date.Modified",
    "effective": "Date.Effective",
    "expires": "Date.Expires",
}
_SEQUENCES = frozenset(("subjects", "creators", "contributors"))
_DATES = frozenset(("created", "effective", "expires"))


class Items(Part):
    """A text of items, as Zope has them for properties and settings."""

    def __init__(self, path: str, data: bytes, items: list[Item]) -> None:
        super().__init__(path, data)
        self.items = items
        # Only properties have types, and can be added and deleted.
        self.is_open = self.name == "properties"

    def properties(self) -> Iterator[Property]:
        """See `Part`."""
        for item in self.items:
            lines = item.lines if item.value is None else (item.value,)
            if _type(item.kind) in _TEXTS:
                lines = ("\n".join(lines),)
            yield Property(
                item.key,
                lines,
                self.path,
                item.kind,
                readable=not item.kind.endswith("holds pickled"),
                is_list=item.value is None and _type(item.kind) not in _TEXTS,
            )

    def accepts(self, name: str) -> bool:
        """See `Part`."""
        return self.is_open

    def set(self, name: str, values: Sequence[str], kind: str = "") -> None:
        """See `Part`."""
        old = next((item for item in self.items if item.key == name), None)
        if not self.is_open or not kind:
            kind = old.kind if old else self._usual_kind(values)
        # A value of another type that it holds is replaced, too.
        kind = kind.partition(", holds ")[0]
        if _type(kind) in _LINES or (not kind and len(values) != 1):
            new = Item(name, lines=tuple(values), kind=kind)
        elif _type(kind) in _TEXTS:
            text = _single(self.path, name, values)
            new = Item(name, lines=tuple(text.split("\n")), kind=kind)
        else:
            new = Item(name, _single(self.path, name, values), kind=kind)
        if old is None:
            self._write(sorted([*self.items, new]))
        else:
            self._write([new if item is old else item for item in self.items])

    def _usual_kind(self, values: Sequence[str]) -> str:
        if not self.is_open:
            return ""
        return "string" if len(values) == 1 else "lines"

    def delete(self, name: str) -> bool:
        """See `Part`."""
        if self.name == "settings":
            raise Error(
                f"'{escape(name)}' is a setting, which every such object has",
                path=self.path,
                advice=f"'zsync prop set PATH {escape(name)} \"\"' empties it.",
            )
        self._write([item for item in self.items if item.key != name])
        return True

    def _write(self, items: list[Item]) -> None:
        self.items = items
        self.data = itemtext.dumps(items)


_LINES = frozenset(("lines", "ulines", "tokens", "utokens", "multiple selection"))
_TEXTS = frozenset(("text", "utext"))


def _type(kind: str) -> str:
    return kind.partition(",")[0].partition(" of ")[0]


def values_of(item: Item) -> tuple[str, ...]:
    """Return the values of a property that was edited as an item."""
    if item.value is not None:
        return (item.value,)
    if _type(item.kind) in _TEXTS:
        return ("\n".join(item.lines),)
    return item.lines


def _single(path: str, name: str, values: Sequence[str]) -> str:
    if len(values) != 1:
        raise Error(f"the property '{escape(name)}' has one value", path=path)
    return values[0]


def _moment(path: str, name: str, text: str) -> str:
    """Return a time as zope.dublincore stores it."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Error(
            f"the property '{escape(name)}' is no time: '{escape(text)}'",
            path=path,
            advice="Write it as 2026-12-24 or 2026-12-24T18:30+01:00.",
        ) from None
    if found.tzinfo is None:
        found = found.astimezone()
    return found.isoformat()


def part_in(path: str, data: bytes) -> Part:
    """Return the part in a file."""
    if basename(path) == dublincore.ANNOTATION:
        document = dublincore.loads(data)
        return (
            Part(path, data) if document is None else DublinCore(path, data, document)
        )
    if data.lstrip().startswith(b"<?xml"):
        return Value.of(path, data) or Part(path, data)
    try:
        return Items(path, data, itemtext.loads(data))
    except Error:
        return Part(path, data)
