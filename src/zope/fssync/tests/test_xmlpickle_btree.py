"""Trees are written with all their items in one bucket."""

from __future__ import annotations

from typing import Any

import pytest
from BTrees.Length import Length
from BTrees.OOBTree import OOBTree
from BTrees.OOBTree import OOBucket
from BTrees.OOBTree import OOSet
from BTrees.OOBTree import OOTreeSet

from zope.fssync.xmlpickle.btree import btree_state
from zope.fssync.xmlpickle.btree import flat_btree


@pytest.mark.parametrize("kind", [OOBTree, OOTreeSet])
def test_trees_are_flat(kind: type) -> None:
    assert flat_btree(kind)
    assert not flat_btree(type("OOBTree", (), {}))


@pytest.mark.parametrize("kind", [OOBucket, OOSet, Length, dict])
def test_nothing_else_is(kind: type) -> None:
    assert not flat_btree(kind)


@pytest.mark.parametrize("size", [0, 1, 100, 1000])
def test_the_state_makes_an_equal_tree(size: int) -> None:
    tree: Any = OOBTree({number: str(number) for number in range(size)})
    again: Any = OOBTree()
    again.__setstate__(btree_state(tree))
    assert list(again.items()) == list(tree.items())
    names: Any = OOTreeSet(range(size))
    other: Any = OOTreeSet()
    other.__setstate__(btree_state(names))
    assert list(other) == list(names)


def test_history_leaves_no_trace() -> None:
    tree: Any = OOBTree({number: number for number in range(1000)})
    for number in range(1, 1000):
        del tree[number]
    assert btree_state(tree) == btree_state(OOBTree({0: 0}))
