"""What goes without saying of an object."""

from __future__ import annotations

import pytest

from zope.fssync.description import Defaults
from zope.fssync.description import defaults
from zope.fssync.description import dump
from zope.fssync.description import implied
from zope.fssync.description import load
from zope.fssync.description import register_defaults

TOOLKIT = "zope.site.folder.Folder"


@pytest.mark.parametrize("folder_type", [TOOLKIT, "OFS.Folder.Folder"])
@pytest.mark.parametrize("name", ["", "page.html", "README.TXT"])
def test_implied_objects_are_written_so(folder_type: str, name: str) -> None:
    text = implied(folder_type, name, not name)
    assert text
    assert dump(load(text)) == text


def test_the_name_of_a_file_tells_its_content_type() -> None:
    assert b"= text/html\n" in implied(TOOLKIT, "a.txt.html", False)
    assert implied(TOOLKIT, "a.txt", False) != implied(TOOLKIT, "a.html", False)


@pytest.mark.parametrize("name", ["txt", "a", "a.", "a.unknown", ""])
def test_another_name_implies_nothing(name: str) -> None:
    assert implied(TOOLKIT, name, False) == b""


def test_a_folder_of_another_type_implies_nothing() -> None:
    assert implied("my.Folder", "a.txt", False) == b""
    assert implied("", "a", True) == b""


def test_others_can_be_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defaults, "_defaults", {})
    register_defaults("my.Shop", Defaults(file="type = my.Ware\n"))
    assert implied("my.Shop", "a.txt", False) == b"type = my.Ware\n"
    assert implied("my.Shop", "a", True) == b""
