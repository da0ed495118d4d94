"""DTML pages of zope.app.dtmlpage."""

from __future__ import annotations

import io

import pytest
from zope.interface.verify import verifyObject

from zope.app.fssync.content.tests.registering import Pages
from zope.app.fssync.content.tests.registering import registered_for
from zope.app.fssync.dtmlpage.adapter import DTMLPageAdapter
from zope.fssync.interfaces import IFileSynchronizer

PACKAGE = "zope.app.fssync.dtmlpage"
NAME = "zope.app.dtmlpage.dtmlpage.DTMLPage"


def test_the_source_goes_there_and_back() -> None:
    page, out = Pages(), io.BytesIO()
    assert verifyObject(IFileSynchronizer, DTMLPageAdapter(page))
    DTMLPageAdapter(page).load(io.BytesIO("<p>Größe</p>".encode()))
    assert page.source == "<p>Größe</p>"
    DTMLPageAdapter(page).dump(out)
    assert out.getvalue() == "<p>Größe</p>".encode()


def test_it_is_registered_where_the_class_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = registered_for(PACKAGE, NAME, monkeypatch)
    assert found is not None
    assert (found.factory, found.permission) == (DTMLPageAdapter, "zope.ManageContent")


def test_a_class_that_is_missing_disturbs_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert registered_for(PACKAGE, NAME, monkeypatch, there=False) is None
