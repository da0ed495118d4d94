"""The names of files that describe objects."""

from __future__ import annotations

from zope.fssync import paths
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


def test_no_object_is_a_description_where_case_does_not_count() -> None:
    for name in ("@@a.META", "@@A.Meta", "@@.PARTS"):
        assert is_description(name)
        assert local_name(name, name) == f"_{name}"
    names = ["x" * 255, "X" * 255]
    assert len({description_name(name).lower() for name in names}) == 2


def test_a_description_has_a_name_that_windows_takes() -> None:
    for name in ("", "con", "NUL.txt", "a b", "ü"):
        for found in (description_name(name), aside_name(name)):
            assert paths.portable_name(found) == found


def test_an_object_of_such_a_name_gets_another_file() -> None:
    assert local_name("@@a.meta", "@@a.meta") == "_@@a.meta"
    assert local_name("@@a", "@@a") == "@@a"
    assert local_name("a.meta", "a.meta") == "a.meta"
