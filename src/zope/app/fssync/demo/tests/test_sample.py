"""A site is filled once."""

from __future__ import annotations

import pytest
from zope.app.file.image import Image
from zope.dublincore.interfaces import IZopeDublinCore
from zope.publisher.browser import TestRequest

from zope.app.fssync.demo import sample
from zope.app.fssync.testing.serversite import ServerSite


def test_filling_twice_is_harmless(site: ServerSite) -> None:
    root = site.root
    added = list(sample.fill(root))
    assert added == [path for path, _, _ in sample.CONTENT]
    assert root["demo"]["hello.txt"].data.startswith(b"Hello!\n")
    assert root["demo"]["large.bin"].getSize() == sample.LARGE
    assert IZopeDublinCore(root["demo"]["notes"]).title == "Notes & ideas, Pläne"
    root["demo"]["hello.txt"].data = b"mine"
    del root["demo"]["index.html"]
    assert list(sample.fill(root)) == ["demo/index.html"]
    assert root["demo"]["hello.txt"].data == b"mine"


def test_added_objects_are_told() -> None:
    assert sample.report(iter(["a", "b"])) == "Added a\nAdded b"
    assert sample.report(iter([])).startswith("Nothing to add: ")


def test_a_page_fills_by_a_post_only(site: ServerSite) -> None:
    request = TestRequest(REQUEST_METHOD="GET")
    assert sample.FillView(site.root, request)() == "Send a POST request.\n"
    assert request.response.getStatus() == 405
    assert "demo" not in site.root
    request = TestRequest(REQUEST_METHOD="POST")
    assert sample.FillView(site.root, request)().startswith("Added demo\n")


@pytest.mark.parametrize("size", [1, 64])
def test_a_picture_has_its_size(size: int) -> None:
    assert Image(sample.png(size)).getImageSize() == (size, size)
