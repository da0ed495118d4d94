"""Descriptions that are read, with what they were before."""

from __future__ import annotations

import pytest

from zope.fssync import xmlpickle
from zope.fssync.description import Description
from zope.fssync.description import Part
from zope.fssync.description import dump
from zope.fssync.description import load
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import MetadataDamaged
from zope.fssync.tests.test_description_text import DC
from zope.fssync.tests.test_description_text import core
from zope.fssync.tests.test_description_text import entry
from zope.fssync.tests.test_description_text import file
from zope.fssync.tests.test_description_text import pickle


def changed(description: Description, old: str, new: str) -> Description:
    """Return what becomes of a description whose text is edited."""
    text = dump(description).decode()
    assert old in text
    return load(text.replace(old, new).encode(), description)


def test_only_the_server_sets_the_time_of_the_last_change() -> None:
    base = file(core=core(Title="One", Date_Modified="2026-11-22"))
    assert "Modified" not in dump(base).decode()
    assert changed(base, "One", "Two") == file(
        core=core(Title="Two", Date_Modified="2026-11-22")
    )
    assert changed(base, f"\n[{DC}]\nTitle = One\n", "") == file()
    with pytest.raises(MetadataDamaged, match="set by the server"):
        changed(base, "Title = One", "Date.Modified = 2026-11-23")


def test_a_time_of_the_last_change_alone_is_kept_from_the_base() -> None:
    base = file(core=core(Date_Modified="2026-11-22"))
    assert dump(base) == dump(file())
    assert load(dump(base), base) == base
    assert load(dump(file(core=core(Title="x"))), base) == file(
        core=core(Date_Modified="2026-11-22", Title="x")
    )


def test_a_part_of_which_no_line_changed_is_that_of_the_base() -> None:
    strange = xmlpickle.dumps(["a"]).replace(b"<list>", b"<list >")
    base = file(a=Part(entry(type="x"), strange), b=pickle([1]))
    found = changed(base, "Annotations/b = [1]", "Annotations/b = [ 1, 2 ]")
    assert found.parts["Annotations/a"] is base.parts["Annotations/a"]
    assert found.parts["Annotations/b"] == pickle([1, 2])


def test_an_empty_text_says_nothing() -> None:
    base = file(b=pickle(1))
    assert load(b"", base) is base
    assert load(b"\n") == Description({}, {})


def test_a_part_is_removed_with_its_lines_and_added_by_lines() -> None:
    base = file(b=pickle([1]))
    assert changed(base, "Annotations/b = [1]\n", "") == file()
    text = dump(file()) + b"Extra/contentType = text/html\n"
    assert load(text, base) == file(contentType=pickle("text/html"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id = /a", "'id' is no attribute of an object"),
        ("flag = removed", "'flag' is no attribute"),
        ("a b = x", "'a b' is no attribute"),
        ("type", "'type' has no value"),
        ("type (x) = y", "'type' has no value"),
        ("@python = 3", "what is '@python'"),
        ("@other = 2", "what is '@other'"),
        ("Extra/a = [1", "no value"),
        ("Extra/a", "there is no value"),
        ("Extra/a = 1\n[Extra/a]\n@value = 1", "line 2: 'Extra/a' is there twice"),
        ("[Extra/a]", "line 1: 'Extra/a' has no content"),
        ("[Extra/a]\n@form = poem", "a form that this zsync does not know: 'poem'"),
        ("[Extra/a]\n@form = dict\nx", "line 3: there is no value"),
        ("[Extra/a]\n@text\n    x\nx = 1", "'x' beside '@text'"),
        ("[Extra/a]\n@text\n@value = 1", "'@value' beside '@text'"),
        ('[Extra/a]\n@text\n    "x', "not closed"),
        ("[Extra/a]\n@base64\n    x", "no base64"),
        ("[Extra/a]\n@python = 2", "what is '@python'"),
        ("[Extra/a]\n@id = /a\n@value = 1", "'id' is no attribute"),
        ("Extra/a = 1\nExtra/a/b = 1", "'Extra/a' is no directory"),
        ("[Extra/properties]\na (x", "a kind that does not end"),
        (f"[{DC}]\nTitle (x) = 1", "has no kind"),
        (f"[{DC}]\nTitle = 1\n    2", "a value on the line, and lines below"),
    ],
)
def test_lines_that_make_no_sense_are_refused(text: str, message: str) -> None:
    with pytest.raises(MetadataDamaged, match=message) as caught:
        load(text.encode(), path="a.txt")
    assert "a.txt: line " in str(caught.value)


def test_conflicts_are_refused() -> None:
    with pytest.raises(ConflictsRemain):
        load(b"type = a\n<<<<<<< mine\n")
