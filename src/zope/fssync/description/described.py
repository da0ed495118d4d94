"""What a description says of an object, its entry and its parts."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from typing import NamedTuple

from zope.fssync.description.defaults import implied
from zope.fssync.description.model import ASIDE
from zope.fssync.description.model import Description
from zope.fssync.description.model import Part
from zope.fssync.description.text import dump
from zope.fssync.limits import DESCRIBED_SIZE
from zope.fssync.metadata import MARKS
from zope.fssync.metadata import Entry

__all__ = [
    "DescribedItem",
    "are_describable",
    "as_part",
    "described_entry",
    "is_describable",
    "kept_text",
    "kept_texts",
    "text_of",
]

#: Attributes of an entry that are not of the object.
_NOT_DESCRIBED = MARKS | {"id"}


class DescribedItem(NamedTuple):
    """An item of a folder with all that its description may say."""

    name: str
    is_directory: bool
    entry: Entry
    parts: dict[str, Part]


def is_describable(content: bytes) -> bool:
    """Return True if a description can hold a content."""
    if len(content) > DESCRIBED_SIZE:
        return False
    try:
        return (b"\0" not in content and bool(content.decode("utf-8"))) or not content
    except UnicodeDecodeError:
        return False


def are_describable(contents: Iterable[bytes]) -> list[bool]:
    """Return of each content whether a description can hold it."""
    return [is_describable(content) for content in contents]


def described_entry(entry: Entry) -> Entry:
    """Return what a description says of an entry."""
    return {key: value for key, value in entry.items() if key not in _NOT_DESCRIBED}


def as_part(entry: Entry, content: bytes) -> Part:
    """Return a part, whose content is aside where a description cannot hold it."""
    return Part(described_entry(entry), content if is_describable(content) else ASIDE)


def text_of(
    entry: Entry, parts: dict[str, Part], conflicts: Collection[str] = frozenset()
) -> bytes:
    """Return the description of an object; nothing is written where it says nothing.

    Of the parts ``conflicts`` both sides are shown.
    """
    said = described_entry(entry)
    if not said and not parts:
        return b""
    return dump(Description(said, parts), conflicts=conflicts)


def kept_text(text: bytes, folder_type: str, name: str, is_directory: bool) -> bytes:
    """Return a description as a file has it: nothing, if it goes without saying."""
    return b"" if text == implied(folder_type, name, is_directory) else text


def kept_texts(folder_type: str, items: Iterable[DescribedItem]) -> list[bytes]:
    """Return the descriptions of items of a folder as files have them."""
    made = [(item, text_of(item.entry, item.parts)) for item in items]
    return [
        b"" if text == implied(folder_type, item.name, item.is_directory) else text
        for item, text in made
    ]
