"""Moves of several transactions are one."""

from __future__ import annotations

import pytest

from zope.app.fssync.client.movedsince import composed
from zope.app.fssync.client.movedsince import in_order
from zope.app.fssync.client.movedsince import moved_by


@pytest.mark.parametrize(
    ("transactions", "moved"),
    [
        ([], {}),
        ([[("M", "a"), ("A", "b")]], {}),
        ([[("R", "b", "a")]], {"a": "b"}),
        ([[("R", "b", "a")], [("R", "c/d", "b")]], {"a": "c/d"}),
        ([[("R", "b", "a")], [("R", "a", "b")]], {}),
        # What is in a folder goes with it, and has no move of its own.
        ([[("R", "e", "d"), ("R", "e/x", "d/x")]], {"d": "e"}),
        (
            [[("R", "e", "d"), ("R", "e/x", "d/x")], [("R", "y", "e/x")]],
            {"d": "e", "d/x": "y"},
        ),
        (
            [[("R", "d/y", "x")], [("R", "e", "d"), ("R", "e/y", "d/y")]],
            {"d": "e", "x": "e/y"},
        ),
    ],
)
def test_moves_are_composed(
    transactions: list[list[tuple[str, ...]]], moved: dict[str, str]
) -> None:
    assert composed(transactions) == moved


def test_the_nearest_move_counts() -> None:
    moves = {"a": "b", "a/c": "d"}
    assert moved_by("a/c/x", moves) == "d/x"
    assert moved_by("a/x", moves) == "b/x"
    assert moved_by("ab", moves) == "ab"


def test_folders_come_before_what_goes_into_them_and_out_of_them() -> None:
    moved = {"b": "e/b", "d/x": "y", "d": "e"}
    assert in_order(moved) == [{"d": "e"}, {"b": "e/b", "d/x": "y"}]
    assert in_order({"d/x": "y", "d": "y/e", "a": "b"}) == [{"a": "b"}]
