"""What a description says of an object."""

from __future__ import annotations

from zope.fssync.description.described import as_part
from zope.fssync.description.described import is_describable
from zope.fssync.description.described import text_of
from zope.fssync.description.model import ASIDE


def test_descriptions_hold_texts_of_some_size() -> None:
    assert is_describable(b"")
    assert is_describable("ü\n".encode())
    assert not is_describable(b"\xff")
    assert not is_describable(b"a\0")
    assert not is_describable(b"a" * 100_000)


def test_a_part_that_is_no_text_lies_aside() -> None:
    entry = {"type": "builtins.str", "id": "/a", "flag": "added"}
    assert as_part(entry, b"x") == ({"type": "builtins.str"}, b"x")
    assert as_part(entry, b"\xff").data is ASIDE


def test_an_object_of_which_nothing_is_said_has_no_description() -> None:
    assert text_of({"id": "/a"}, {}) == b""
