"""An object in a tree, with what belongs to it."""

from __future__ import annotations

import io

import pytest

from zope.app.fssync.testing.serversite import Archive
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side
from zope.fssync.sides import is_same

ENTRY = {"type": "T"}
FILES = {
    "@@Zope/Entries.xml": dump_entries({"d": ENTRY}),
    "d/@@Zope/Entries.xml": dump_entries(
        {
            "a": ENTRY,
            "b~": {**ENTRY, "key": "B"},
            "gone": {**ENTRY, "flag": "removed"},
            "secret": {**ENTRY, "withheld": "yes"},
        }
    ),
    "d/@@Zope/Extra/a/@@Zope/Entries.xml": dump_entries({"t": ENTRY}),
    "d/@@Zope/Extra/a/t": b"said",
    "d/a": b"1",
    "d/b~": b"2",
}


def side(path: str = "d", changes: dict[str, bytes] | None = None) -> Side:
    archive = Archive({**FILES, **(changes or {})})
    return Side(ArchiveSource(SnarfRepository(io.BytesIO(archive.dump()))), path)


def test_objects_in_a_directory_are_found_by_key() -> None:
    found = side().children()
    assert found.keys() == {"a", "B"}
    assert (found["a"].content(), found["B"].content()) == (b"1", b"2")
    assert side("d/gone").kind is None


def test_left_out_objects_are_not_compared() -> None:
    within = side("")._replace(left_out=frozenset({"d/a", "d/B"}))
    assert within.children()["d"].children() == {}
    changed = side(changes={"d/a": b"3"})
    assert not is_same(side(), changed)
    assert not is_same(side()._replace(left_out=frozenset({"a"})), changed)
    left_out = frozenset({"a"})
    assert is_same(*(each._replace(left_out=left_out) for each in (side(), changed)))


def test_parts_belong_to_an_object() -> None:
    parts = side("d/a").special("Extra").children()
    assert {key: part.content() for key, part in parts.items()} == {"t": b"said"}
    assert side("d/a").special("Annotations").children() == {}


def test_nothing_has_nothing() -> None:
    assert ABSENT.kind is None
    assert ABSENT.children() == ABSENT.special("Extra").children() == {}
    assert ABSENT.content() == b""


@pytest.mark.parametrize("path", ["d/a", "d/b~", "d/@@Zope/Extra/a/t"])
def test_objects_are_the_same_with_all_that_is_in_them(path: str) -> None:
    assert is_same(side(), side())
    assert not is_same(side(), side(changes={path: b"other"}))
