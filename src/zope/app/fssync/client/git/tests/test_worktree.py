"""What is checked out for a push."""

from __future__ import annotations

import pytest

from zope.app.fssync.client.git.differing import Difference
from zope.app.fssync.client.git.plumbing import Objects
from zope.app.fssync.client.git.worktree import needed
from zope.app.fssync.client.git.worktree import object_of


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("a/b", "a/b"),
        ("a/@@b.meta", "a/b"),
        ("a/@@.meta", "a"),
        ("@@.meta", ""),
        ("a/@@b.parts/Extra/x", "a/b"),
        ("@@.parts/Extra/x", ""),
    ],
)
def test_object_of(path, owner):
    assert object_of(path) == owner


def test_only_what_changes_is_needed(git, make):
    first = make(
        {
            "a/b/x": "x",
            "a/b/y": "y",
            "a/c": "c",
            "d": "d",
            "e/f/g": "g" * 99,
            "e/h": "h",
        }
    )
    second = make(
        {"a/b/x": "X", "@@d.meta": "d", "e/f/g": None, "e/h": None, "n/o": "g" * 99},
        first,
    )
    with Objects(git) as objects:
        sparse = needed([Difference(git, objects, first, second)])
    assert sparse is not None
    left_out = [
        path
        for path in ("a", "a/b", "a/b/x", "a/b/y", "a/c", "d", "e", "e/f/g", "n/o", "z")
        if sparse.leaves_out(path.split("/"), False)
    ]
    assert left_out == ["a/b/y", "a/c", "z"]


def test_many_differences_need_the_whole_tree(git, make):
    first = make({str(number): "x" for number in range(300)})
    second = make({str(number): "y" for number in range(300)}, first)
    with Objects(git) as objects:
        assert needed([Difference(git, objects, first, second)]) is None
