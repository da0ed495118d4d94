"""Containers of a commit note what they were given and what was taken away."""

from __future__ import annotations

from typing import Any

import pytest

from zope.fssync.synchronizer import DirectorySynchronizer
from zope.fssync.synchronizer import Extras
from zope.fssync.task.container import ItemContainer
from zope.fssync.task.container import LazyContainer
from zope.fssync.task.container import container_of
from zope.fssync.task.container import has_item


class Changes(Extras):
    removed: frozenset[str] = frozenset()


def test_extras_that_are_set_and_removed_are_noted() -> None:
    there: dict[str, Any] = {"a": 1, "b": 2}
    changes = Changes()
    container = ItemContainer(DirectorySynchronizer(there), object(), changes)
    del container["a"], container["b"]
    container["b"] = 3
    assert there == {"b": 3}
    assert (dict(changes), changes.removed) == ({"b": 3}, {"a"})
    assert container_of(container) is container


def test_the_container_of_content_is_its_object() -> None:
    owner = object()
    assert container_of(ItemContainer(DirectorySynchronizer({}), owner)) is owner


def test_a_lazy_container_is_looked_up_when_it_is_changed() -> None:
    there: dict[str, Any] = {"a": "stored"}
    looked: list[str] = []

    def lookup() -> DirectorySynchronizer:
        looked.append("up")
        return DirectorySynchronizer(there)

    container = LazyContainer(lookup, there, "given")
    assert container["a"] == "given"
    assert not looked
    container["a"] = "new"
    assert container["a"] == "new"
    assert looked == ["up"]


@pytest.mark.parametrize(("key", "expected"), [("a", True), ("b", False)])
def test_an_item_is_there_or_not(key: str, expected: bool) -> None:
    assert has_item(DirectorySynchronizer({"a": None}), key) is expected
