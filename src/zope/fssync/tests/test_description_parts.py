"""How extras and annotations are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.fssync import itemtext
from zope.fssync import xmlpickle
from zope.fssync.description import Description
from zope.fssync.description import Part
from zope.fssync.description import dump
from zope.fssync.description import load
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.tests.test_description_text import entry
from zope.fssync.tests.test_description_text import file
from zope.fssync.tests.test_description_text import pickle


def test_a_pickle_of_a_class_is_shown_as_it_is() -> None:
    data = xmlpickle.dumps(Path("a"))
    found = file(other=Part(entry(type="my.Thing"), data))
    lines = "".join(f"    {line}\n" for line in data.decode().splitlines())
    told = f"\n[Annotations/other]\n@type = my.Thing\n@text\n{lines}"
    assert dump(found).decode().endswith(told)
    assert load(dump(found)) == found


def test_binary_values_are_shown_in_base64() -> None:
    found = file(other=Part(entry(type="my.Thing", factory="my.Thing"), b"\0\xff" * 40))
    assert "\n@base64\n    AP8A/wD/" in dump(found).decode()
    assert load(dump(found)) == found


def test_a_large_part_is_shown_as_it_is() -> None:
    found = file(a=pickle(["x" * 1000] * 70), b=pickle(["x" * 1000] * 60))
    text = dump(found).decode()
    assert "\nAnnotations/b = [\n" in text
    assert "\n[Annotations/a]\n@type = builtins.list\n@text\n" in text
    assert load(text.encode()) == found


def test_mappings_are_sections() -> None:
    found = file(settings=pickle({"colour": "red", "sizes": [1, 2]}))
    assert (
        dump(found)
        .decode()
        .endswith(
            "\n[Annotations/settings]\n@form = dict\ncolour = red\nsizes = [1, 2]\n"
        )
    )
    assert load(dump(found)) == found


def test_parts_may_have_parts() -> None:
    part = Part(entry(type="my.File", factory="my.File"), b"hello")
    found = file(a=part)
    found.parts["Annotations/@@Zope/Extra/a/contentType"] = pickle("text/plain")  # type: ignore[index]
    found.parts["Annotations/dir"] = Part(entry(type="my.Dir"), None)  # type: ignore[index]
    found.parts["Annotations/dir/b"] = part  # type: ignore[index]
    assert load(dump(found)) == found


@pytest.mark.parametrize(
    "path",
    [
        "Extra/../x",
        "Extra/a/../../b",
        "Extra//x",
        "Other/x",
        "/Extra/x",
        "Extra/@@Zope",
        "Extra/@@Zope/Entries.xml",
        "Extra/@@Zope/Extra",
        "Extra/@@Zope/Original/a/b",
        "Extra/a/@@Zope",
        "Extra/@@zope/x",
        "Extra/\x07",
    ],
)
def test_parts_never_become_paths_elsewhere(path: str) -> None:
    with pytest.raises(PathRefused):
        dump(Description({}, {path: pickle(1)}))
    for text in (f"{itemtext.quote(path)} = 1\n", f"[{itemtext.quote(path)}]\n@text\n"):
        with pytest.raises((PathRefused, MetadataDamaged)):
            load(text.encode())
