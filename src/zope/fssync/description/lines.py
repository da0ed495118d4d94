"""Descriptions as lines: items with keys, in sections.

::

    type = OFS.Image.File

    [Extra/properties]
    title (string) = A title
    tags (lines)
        one
        another

An item is a line that begins with a key, and the lines below it that are indented.
The items before the first section are about the object itself.  Empty lines and those
that begin with ``#`` say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from zope.fssync import itemtext
from zope.fssync.description.marks import is_mark
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import MetadataDamaged
from zope.fssync.itemtext import INDENT
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.messages import _
from zope.fssync.messages import reason_of
from zope.fssync.patterns import late
from zope.fssync.terminal import escape

__all__ = [
    "Damage",
    "Section",
    "TextItem",
    "damaged",
    "load_sections",
    "section_path",
]

# What begins a line that is none of an item, or of an attribute.
_special = late(r"[\[@<|>]|={7}")


class TextItem(NamedTuple):
    """What follows a key on its line, the lines below, and the number of its line."""

    key: str
    rest: str
    lines: tuple[str, ...] = ()
    number: int | None = None

    def written(self, is_attribute: bool = False) -> Iterable[str]:
        """Yield the lines of the item."""
        key = itemtext.written_key(self.key)
        if _special.match(key):
            key = itemtext.quote(self.key)
        head = f"@{key}" if is_attribute else key
        yield f"{head} {self.rest}" if self.rest else head
        for line in self.lines:
            yield INDENT + line


class Section(NamedTuple):
    """What is said of one part: attributes and items, by their keys."""

    path: str
    attributes: dict[str, TextItem]
    items: dict[str, TextItem]
    number: int | None = None

    def written(self) -> Iterable[str]:
        """Yield the lines of the section."""
        if self.path:
            yield f"[{section_path(self.path)}]"
        for item in self.attributes.values():
            yield from item.written(is_attribute=True)
        for item in self.items.values():
            yield from item.written()


def section_path(path: str) -> str:
    """Return a path as it is written between brackets."""
    written = itemtext.written_text(path)
    return itemtext.quote(path) if "]" in written else written


class Damage(Exception):
    """A line that makes no sense."""

    def __init__(self, message: str, number: int | None) -> None:
        super().__init__(message)
        self.number = number


def damaged(error: Damage, path: str) -> MetadataDamaged:
    """Return the error that a person sees."""
    return MetadataDamaged(
        _(
            "damaged description in ${path}: line ${number}: ${reason}",
            mapping={"path": escape(path), "number": error.number, "reason": error},
        ),
        path=path,
        advice=_("Correct the line, or bring the file back by 'zsync revert'."),
    )


def load_sections(
    text: bytes, path: str, limits: Limits = DEFAULT
) -> dict[str, Section]:
    """Return the sections of a text by their paths.

    Raises `MetadataDamaged` for one that makes no sense, and `ConflictsRemain` for one
    with conflicts.
    """
    if len(text) > limits.description_size:
        raise LimitExceeded(
            _(
                "a description of more than ${limit} bytes: ${path}",
                mapping={"limit": limits.description_size, "path": escape(path)},
            ),
            path=path,
        )
    try:
        lines = text.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        number = text.count(b"\n", 0, error.start) + 1
        raise damaged(Damage(_("it is not UTF-8"), number), path) from None
    reader = _Reader(path)
    try:
        for number, line in enumerate(lines, 1):
            reader.line(line.rstrip("\r"), number)
        reader.finish()
    except Damage as error:
        raise damaged(error, path) from None
    return reader.sections


class _Reader:
    """Takes one line after the other."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.section = Section("", {}, {}, 1)
        self.sections = {"": self.section}
        self.item: TextItem | None = None
        self.is_attribute = False
        self.below: list[str] = []

    def line(self, line: str, number: int) -> None:
        if not line.strip() or line[0] == "#":
            return
        if line[0] in " \t":
            if self.item is None:
                raise Damage(_("an indented line that belongs to nothing"), number)
            indent = len(INDENT) if line.startswith(INDENT) else 1
            self.below.append(line[indent:])
            return
        self.finish()
        if is_mark(line):
            raise ConflictsRemain(
                _(
                    "the description has conflicts: ${path}, line ${number}",
                    mapping={"path": escape(self.path), "number": number},
                ),
                path=self.path,
                advice=_(
                    "Keep one value of each key, and remove the lines with marks."
                ),
            )
        if line[0] == "[":
            self.begin(line.rstrip(), number)
            return
        self.is_attribute = line[0] == "@"
        try:
            key, rest = itemtext.read_key(line[self.is_attribute :])
        except itemtext.Malformed as error:
            raise Damage(reason_of(error), number) from None
        self.item = TextItem(key, rest.rstrip(), (), number)

    def begin(self, line: str, number: int) -> None:
        """Begin a section."""
        if not line.endswith("]"):
            raise Damage(_("']' is missing"), number)
        try:
            path = itemtext.read_text(line[1:-1].strip())
        except itemtext.Malformed as error:
            raise Damage(reason_of(error), number) from None
        if path in self.sections:
            raise Damage(
                _("'${path}' is there twice", mapping={"path": escape(path)}), number
            )
        self.section = self.sections[path] = Section(path, {}, {}, number)

    def finish(self) -> None:
        """Keep the last item."""
        if self.item is None:
            return
        item = self.item._replace(lines=tuple(self.below))
        items = self.section.attributes if self.is_attribute else self.section.items
        if item.key in items:
            raise Damage(
                _("'${key}' is there twice", mapping={"key": escape(item.key)}),
                item.number,
            )
        items[item.key] = item
        self.item = None
        self.below = []
