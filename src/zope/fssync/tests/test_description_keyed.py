"""Pickles of the Dublin Core and of mappings are merged key by key."""

from __future__ import annotations

from typing import Any

import pytest
from persistent.mapping import PersistentMapping

from zope.fssync import xmlpickle
from zope.fssync.description import Description
from zope.fssync.description import Part
from zope.fssync.description import dump
from zope.fssync.description import load
from zope.fssync.description.dublincore import ANNOTATION
from zope.fssync.description.dublincore import TYPE
from zope.fssync.description.dublincore import dumps
from zope.fssync.description.keyed import merge_keys
from zope.fssync.errors import ConflictsRemain
from zope.fssync.textmerge import TextMerge

PATH = f"Annotations/{ANNOTATION}"


def core(**elements: str) -> bytes:
    return dumps({key.replace("_", "."): (value,) for key, value in elements.items()})


def merged(*sides: bytes) -> tuple[bytes, bool]:
    texts = TextMerge.of(*sides)
    assert texts is not None
    return texts.merge("a (mine)", "a (server)")


def described(data: bytes) -> Description:
    part = Part({"keytype": "builtins.str", "type": TYPE}, data)
    entry = {"keytype": "builtins.str", "type": "a.B", "factory": "a.B"}
    return Description(entry, {PATH: part})


def test_equal_additions_of_both_sides_are_no_conflict() -> None:
    base = core(Creator="x", Title="x")
    mine = core(Creator="x", Description="mine", Title="x")
    theirs = core(Creator="x", Date_Modified="now", Title="y")
    wanted = core(Creator="x", Date_Modified="now", Description="mine", Title="y")
    assert merged(mine, base, theirs) == (wanted, False)


def test_files_made_on_both_sides_are_merged_by_keys() -> None:
    mine, theirs = core(Title="x"), core(Date_Modified="now")
    assert merged(mine, b"", theirs) == (core(Date_Modified="now", Title="x"), False)
    text, has_conflicts = merged(mine, b"", core(Title="y"))
    assert has_conflicts
    assert b"x" in text
    assert b"y" in text


def test_mappings_are_merged_by_keys() -> None:
    for make in (dict, PersistentMapping):
        base, mine, theirs, wanted = (
            xmlpickle.dumps(make(**each))
            for each in ({"a": [1]}, {"a": [1], "b": 2}, {"c": 3}, {"b": 2, "c": 3})
        )
        assert merged(mine, base, theirs) == (wanted, False)


def test_the_time_of_the_last_change_is_the_servers() -> None:
    base, mine, theirs = (core(Title="x", Date_Modified=each) for each in "123")
    assert merged(mine, base, theirs) == (theirs, False)


def test_both_values_of_a_key_in_conflict_are_kept() -> None:
    mine = core(Creator="me", Title="Mine")
    theirs = core(Title="Theirs", Date_Modified="now")
    text, conflict = merged(mine, core(Title="x"), theirs)
    assert conflict
    assert b"<<<<<<< a (mine)\n" in text
    sides = merge_keys(mine, core(Title="x"), theirs)
    assert sides is not None
    assert sides.mine == core(Creator="me", Title="Mine", Date_Modified="now")
    assert sides.theirs == core(Creator="me", Title="Theirs", Date_Modified="now")


@pytest.mark.parametrize(
    "sides",
    [
        (b"a", b"b", b"c"),
        (core(Title="x"), core(), xmlpickle.dumps({"a": 1})),
        tuple(xmlpickle.dumps([each]) for each in (1, 2, 3)),
    ],
)
def test_all_else_is_merged_by_lines(sides: Any) -> None:
    assert merge_keys(*sides) is None


def test_a_description_shows_both_sides_of_a_conflict() -> None:
    base = core(Title="x", Date_Modified="now")
    data, _ = merged(core(Title="Mine"), core(Title="x"), core(Title="Theirs"))
    text = dump(described(data), conflicts={PATH})
    assert text.decode() == (
        "type = a.B\n"
        f"\n[{PATH}]\n"
        "<<<<<<< mine\nTitle = Mine\n"
        "=======\nTitle = Theirs\n>>>>>>> server\n"
    )
    # A description says by itself where it is.
    short = data.replace(b"a (mine)", b"mine").replace(b"a (server)", b"server")
    assert load(text, conflicts={PATH}) == described(short)
    assert load(dump(described(data))) == described(data)
    with pytest.raises(ConflictsRemain):
        load(text)
    settled = text.replace(b"<<<<<<< mine\nTitle = Mine\n=======\n", b"")
    settled = settled.replace(b">>>>>>> server\n", b"")
    found = load(settled, described(base), conflicts={PATH})
    assert found == described(core(Title="Theirs", Date_Modified="now"))


def test_a_description_shows_both_values_of_a_conflict() -> None:
    base, mine, theirs = (xmlpickle.dumps(f"text/{each}") for each in "abc")
    data, has_conflicts = merged(mine, base, theirs)
    assert has_conflicts
    entry = {"keytype": "builtins.str", "type": "a.B", "factory": "a.B"}
    part = Part({"keytype": "builtins.str", "type": "builtins.str"}, data)
    text = dump(Description(entry, {"Extra/kind": part}), conflicts={"Extra/kind"})
    assert text.decode() == (
        "type = a.B\n"
        "<<<<<<< mine\nExtra/kind = text/b\n"
        "=======\nExtra/kind = text/c\n>>>>>>> server\n"
    )
    found = load(text, conflicts={"Extra/kind"}).parts["Extra/kind"]
    short = data.replace(b"a (mine)", b"mine").replace(b"a (server)", b"server")
    assert found.data == short


def test_conflicts_of_what_cannot_be_one_are_refused() -> None:
    marks = b"<<<<<<< a\n%s=======\n%s>>>>>>> b\n"
    for mine, theirs in [
        (b"type = a\n", b"type = b\n"),
        (b"Extra/a = 1\n", b""),
        (b"Extra/a = 1\n", b"Extra/a = x\n"),
    ]:
        with pytest.raises(ConflictsRemain):
            load(marks % (mine, theirs), conflicts={"Extra/a"})
    found = load(marks % (b"Extra/a = 1\n", b"Extra/a = 2\n"), conflicts={"Extra/a"})
    assert b"<<<<<<< a\n" in found.parts["Extra/a"].data  # type: ignore[operator]
