"""Names in control directories, of files and of parts."""

from __future__ import annotations

import pytest

from zope.app.fssync.client.workingcopy.controlpath import located
from zope.app.fssync.client.workingcopy.controlpath import packed_holder
from zope.app.fssync.client.workingcopy.controlpath import part_of


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/b", None),
        ("/a/x@@Zope/b", None),
        ("/a/@@Zope", ("/a", "")),
        ("@@Zope/Entries.xml", ("", "Entries.xml")),
        ("/a/@@Zope/Original/b", ("/a", "Original/b")),
        ("/@@Zope/Root", ("/", "Root")),
        ("/a/@@Zope/Extra/b/@@Zope/Entries.xml", ("/a", "Extra/b/@@Zope/Entries.xml")),
    ],
)
def test_a_path_is_located_in_the_first_control_directory(
    path: str, expected: tuple[str, str] | None
) -> None:
    assert located(path) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Original/a", ""),
        ("Received", ""),
        ("Entries.xml", None),
        ("Extra/a/x", None),
        ("Extra/a/@@Zope", "Extra/a"),
        ("Extra/a/@@Zope/Entries.xml", "Extra/a"),
        ("Extra/a/@@Zope/Original/x", "Extra/a"),
        ("Extra/a/@@Zope/Extra/b/x", None),
    ],
)
def test_originals_and_entries_of_parts_are_packed(
    name: str, expected: str | None
) -> None:
    assert packed_holder(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Extra", None),
        ("Original/a", None),
        ("Extra/a", ("a", "Extra")),
        ("Extra/a/x", ("a", "Extra/x")),
        ("Extra/a/@@Zope", None),
        ("Extra/a/@@Zope/Entries.xml", None),
        ("Extra/a/@@Zope/Original/x", None),
        ("Extra/a/@@Zope/Annotations/x/y", ("a", "Extra/@@Zope/Annotations/x/y")),
    ],
)
def test_parts_belong_to_an_object(name: str, expected: tuple[str, str] | None) -> None:
    assert part_of(name) == expected
