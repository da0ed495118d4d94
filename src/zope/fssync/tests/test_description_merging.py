"""Merges of descriptions, key by key."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zope.fssync.description import conflicts
from zope.fssync.description import load
from zope.fssync.description import merge
from zope.fssync.description import take
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import MetadataDamaged

DC = "Annotations/zope.app.dublincore.ZopeDublinCore"

BASE = f"""\
type = File
Extra/contentType = text/plain

[{DC}]
Creator = ann
Title = A title

[Extra/order]
a
b
c
"""


def merged(mine: str, theirs: str, base: str = BASE) -> tuple[str, tuple[str, ...]]:
    text, keys = merge(base.encode(), mine.encode(), theirs.encode())
    again, again_keys = merge(base.encode(), theirs.encode(), mine.encode())
    assert again_keys == keys
    if not keys:
        assert again == text
        load(text)
    else:
        assert conflicts(text) == keys
        with pytest.raises(ConflictsRemain):
            load(text)
    return text.decode(), keys


def edit(*changes: str) -> str:
    text = BASE
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    return text


def test_changes_of_different_keys_are_merged() -> None:
    mine = edit("A title", "My title", "text/plain", "text/html")
    theirs = edit(
        "Creator = ann", "Creator = bob\nRights = all", "type", "key = x\ntype"
    )
    assert merged(mine, theirs) == (
        edit(
            *("A title", "My title", "text/plain", "text/html"),
            *("Creator = ann", "Creator = bob\nRights = all"),
            *("type = File", "type = File\nkey = x"),
        ),
        (),
    )


def test_changes_of_one_side_are_taken_as_they_are() -> None:
    mine = "# a remark\n" + BASE
    assert merged(mine, BASE) == (mine, ())
    assert merged(BASE, BASE) == (BASE, ())


def test_the_same_change_is_no_conflict() -> None:
    mine = edit("A title", "Another", "Creator = ann\n", "")
    theirs = edit("A title", "Another", "text/plain", "text/html")
    wanted = edit(
        "A title", "Another", "Creator = ann\n", "", "text/plain", "text/html"
    )
    assert merged(mine, theirs) == (wanted, ())


def test_different_changes_of_a_key_stand_between_marks() -> None:
    text, keys = merged(edit("A title", "Mine"), edit("A title", "Theirs"))
    assert keys == (f"{DC} Title",)
    assert text == edit(
        "Title = A title\n",
        "<<<<<<< mine\nTitle = Mine\n=======\nTitle = Theirs\n>>>>>>> theirs\n",
    )
    assert take(text.encode(), "mine").decode() == edit("A title", "Mine")
    assert take(text.encode(), "theirs").decode() == edit("A title", "Theirs")


def test_a_key_that_is_gone_and_changed_is_a_conflict() -> None:
    text, keys = merged(edit("Title = A title\n", ""), edit("A title", "Theirs"))
    assert keys == (f"{DC} Title",)
    assert take(text.encode(), "mine").decode() == edit("Title = A title\n", "")


def test_a_part_that_is_gone_and_changed_is_a_conflict() -> None:
    gone = edit("\n[Extra/order]\na\nb\nc\n", "")
    text, keys = merged(gone, edit("b\n", ""))
    assert keys == ("Extra/order",)
    assert load(take(text.encode(), "mine")) == load(gone.encode())
    assert take(text.encode(), "theirs").decode() == edit("b\n", "")


def test_a_part_may_become_another_kind_of_value() -> None:
    part = "Extra/contentType = text/plain\n"
    mine = edit(part, "Extra/contentType = 3\n")
    theirs = edit(part, "") + "\n[Extra/contentType]\n@form = dict\na = 1\n"
    text, keys = merged(mine, theirs)
    assert keys == ("Extra/contentType",)
    assert load(take(text.encode(), "mine")) == load(mine.encode())
    assert load(take(text.encode(), "theirs")) == load(theirs.encode())


def test_blocks_are_a_key_each() -> None:
    base = BASE + "\n[Annotations/a]\n@type = x\n@text\n    1\n    2\n"
    theirs = base.replace("@type = x", "@type = y")
    text, keys = merged(base.replace("    1", "    0"), theirs, base)
    assert keys == ()
    assert "@type = y\n@text\n    0\n" in text
    text, keys = merged(base.replace("    1", "    0"), base.replace("1", "3"), base)
    assert keys == ("Annotations/a @text",)


@pytest.mark.parametrize(
    ("mine", "theirs", "wanted"),
    [
        ("c\nb\na\n", "a\nb\nc\nd\n", "c\nd\nb\na\n"),
        ("x\na\nb\nc\n", "a\nc\n", "x\na\nc\n"),
        ("c\nb\na\n", "c\nb\na\nd\n", "c\nb\na\nd\n"),
        ("a\nb\nc\ne\n", "a\nb\nc\nd\n", "a\nb\nc\nd\ne\n"),
    ],
)
def test_the_order_of_one_side_counts(mine: str, theirs: str, wanted: str) -> None:
    old = "[Extra/order]\na\nb\nc\n"
    text, keys = merged(
        edit(old, f"[Extra/order]\n{mine}"), edit(old, f"[Extra/order]\n{theirs}")
    )
    assert (text, keys) == (edit(old, f"[Extra/order]\n{wanted}"), ())


def test_two_new_orders_are_a_conflict() -> None:
    text, keys = merged(edit("a\nb\nc", "c\nb\na"), edit("a\nb\nc", "b\na\nc"))
    assert keys == ("Extra/order",)
    assert take(text.encode(), "theirs").decode() == edit("a\nb\nc", "b\na\nc")


def test_labels_tell_the_sides_apart() -> None:
    sides = [edit("A title", each).encode() for each in ("A title", "x", "y")]
    base, mine, theirs = sides
    text = merge(base, mine, theirs, labels=("a.txt", "revision 5")).text.decode()
    assert "<<<<<<< a.txt\n" in text
    assert ">>>>>>> revision 5\n" in text


def test_damage_is_refused() -> None:
    with pytest.raises(MetadataDamaged, match=r"a\.txt: line 1"):
        merge(b"", b"  x", b"y = 1", path="a.txt")


KEYS = st.sampled_from(["a", "b", "c", "d"])
VALUES = st.integers(0, 2)
TEXTS = st.tuples(st.dictionaries(KEYS, VALUES), st.dictionaries(KEYS, VALUES))


def written(sides: Any) -> bytes:
    top, part = sides
    lines = [f"{key} = v{value}\n" for key, value in sorted(top.items())]
    if part:
        lines.append(("\n" if lines else "") + "[Extra/x]\n@form = dict\n")
    lines += [f"{key} = {value}\n" for key, value in sorted(part.items())]
    return "".join(lines).encode()


@given(TEXTS, TEXTS, TEXTS)
def test_merges_lose_nothing(base: Any, mine: Any, theirs: Any) -> None:
    texts = [written(each) for each in (base, mine, theirs)]
    text, keys = merge(*texts)
    assert conflicts(text) == keys
    for side, (top, part) in (("mine", mine), ("theirs", theirs)):
        found = take(text, side).decode()
        for key, value in top.items():
            if base[0].get(key) != value:
                assert f"{key} = v{value}\n" in found or not keys
        for key, value in part.items():
            if base[1].get(key) != value:
                assert f"\n{key} = {value}\n" in found
    if not keys:
        assert merge(texts[0], texts[2], texts[1]).text == text
