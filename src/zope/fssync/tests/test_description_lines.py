"""Descriptions as lines: sections of items with keys."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from zope.fssync.description.lines import Section
from zope.fssync.description.lines import TextItem
from zope.fssync.description.lines import load_sections
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import MetadataDamaged

TEXT = b"""\
type = File

[Extra/properties]
@type = Properties
title (string) = A title
tags (lines)
    one
      two
"@at" = 1
"""


def dump_sections(sections: Iterable[Section]) -> bytes:
    texts = ["".join(f"{line}\n" for line in each.written()) for each in sections]
    return "\n".join(texts).encode()


def test_sections_come_back() -> None:
    sections = load_sections(TEXT, "text")
    assert list(sections) == ["", "Extra/properties"]
    part = sections["Extra/properties"]
    assert part.number == 3
    assert part.attributes == {"type": TextItem("type", "= Properties", (), 4)}
    assert list(part.items.values()) == [
        TextItem("title", "(string) = A title", (), 5),
        TextItem("tags", "(lines)", ("one", "  two"), 6),
        TextItem("@at", "= 1", (), 9),
    ]
    assert dump_sections(sections.values()) == TEXT


@pytest.mark.parametrize("key", ["[x]", "@x", "#x", "<<<<<<< x", "=======", "a = b"])
def test_keys_that_look_like_something_else_are_quoted(key: str) -> None:
    section = Section("Extra/a]b", {}, {key: TextItem(key, "= 1")})
    (_, found) = load_sections(dump_sections([section]), "text").values()
    assert found.path == section.path
    assert found.items == {key: TextItem(key, "= 1", (), 2)}


def test_changes_that_editors_make_by_themselves_do_not_matter() -> None:
    changed = b"\xef\xbb\xbf# mine\n" + TEXT.replace(b"\n", b"\r\n\r\n")
    found = load_sections(changed, "text")
    assert dump_sections(found.values()) == TEXT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\xff", "line 1: it is not UTF-8"),
        (b"a\n\xff", "line 2: it is not UTF-8"),
        (b"  x", "line 1: an indented line that belongs to nothing"),
        (b"[a]\n  x", "line 2: an indented line"),
        (b"[a", "line 1: ']' is missing"),
        (b"a\n[b]\n[b]\n", "line 3: 'b' is there twice"),
        (b"a = 1\na = 2\n", "line 2: 'a' is there twice"),
        (b"= 1", "line 1: there is no name"),
        (b'["a]', "line 1: a quote that is not closed"),
    ],
)
def test_damage_is_told_with_its_line(text: bytes, message: str) -> None:
    with pytest.raises(MetadataDamaged, match=message) as caught:
        load_sections(text, "a.txt")
    assert caught.value.path == "a.txt"
    assert caught.value.advice


def test_conflicts_are_told_with_their_line() -> None:
    with pytest.raises(ConflictsRemain, match=r"a\.txt, line 2"):
        load_sections(b"a = 1\n<<<<<<< mine\n", "a.txt")
