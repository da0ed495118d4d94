"""The changes of a tree, by the keys of its objects."""

from __future__ import annotations

from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.task.delta import Changed


def test_nothing_has_changed_at_first() -> None:
    changed = Changed()
    assert not changed
    assert len(changed) == 0


def test_a_way_is_made_once_and_is_no_change() -> None:
    changed = Changed()
    below = changed.at(["a", 1])
    assert changed.at(["a", 1]) is below
    assert changed.at([]) is changed
    assert len(changed) == 0
    # It leads somewhere, all the same.
    assert changed
    below.marks.add(NODE)
    assert len(changed) == 1


def test_objects_are_counted_and_not_marks() -> None:
    changed = Changed(NODE, TREE)
    changed.at(["a"]).marks.add(NODE)
    changed.at(["b", "c"]).marks.update((NODE, TREE))
    assert len(changed) == 3


def test_text_and_numbers_are_other_keys() -> None:
    changed = Changed()
    assert changed.at([1]) is not changed.at(["1"])
