"""The names of files that describe objects."""

from __future__ import annotations

from zope.fssync.descriptionnames import aside_name
from zope.fssync.descriptionnames import description_name
from zope.fssync.descriptionnames import is_description
from zope.fssync.descriptionnames import local_name
from zope.fssync.paths import check_name


def test_no_two_objects_have_the_same_description() -> None:
    names = ["", "Zope", "a", "a.meta", "a.parts", "x" * 255, "y" * 255, "é" * 127]
    found = [
        name_of(name) for name in names for name_of in (description_name, aside_name)
    ]
    assert len(set(found)) == len(found)
    for name in found:
        assert is_description(name)
        assert check_name(name) == name
        assert len(name.encode()) <= 255


def test_an_object_of_such_a_name_gets_another_file() -> None:
    assert local_name("@@a.meta", "@@a.meta") == "_@@a.meta"
    assert local_name("@@a", "@@a") == "@@a"
    assert local_name("a.meta", "a.meta") == "a.meta"
