"""References to objects outside of a pickle are known again."""

from __future__ import annotations

from zope.fssync.xmlpickle.reference import PersistentReferences
from zope.fssync.xmlpickle.reference import StandIn


def test_one_id_is_one_object() -> None:
    asked = []

    def load(id: str) -> object:
        asked.append(id)
        return [id]

    references = PersistentReferences(load)
    first = references.load("/a")
    assert references.load("/a") is first
    assert references.load("/b") == ["/b"]
    assert asked == ["/a", "/b"]
    assert references.id(first) == "/a"


def test_an_equal_object_is_another() -> None:
    references = PersistentReferences(lambda id: [id])
    references.load("/a")
    assert references.id(["/a"]) is None


def test_the_first_id_of_an_object_counts() -> None:
    shared = object()
    references = PersistentReferences(lambda id: shared)
    references.load("..")
    references.load("/a")
    assert references.id(shared) == ".."


def test_without_a_loader_something_stands_in() -> None:
    found = PersistentReferences().load("/a")
    assert isinstance(found, StandIn)
    assert repr(found) == "<object at '/a'>"
