"""The page that explains an object, and what is below it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from zope.app.file.file import File
from zope.principalannotation.utility import PrincipalAnnotationUtility
from zope.site.folder import Folder
from zope.site.site import LocalSiteManager

from zope.app.fssync.testing.serversite import ServerSite


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"abc", "text/plain")
    folder["site"] = Folder()
    folder["site"].setSiteManager(LocalSiteManager(folder["site"]))
    site.commit()
    return site


def page(site: ServerSite, path: str, user: str = "manager") -> str:
    response = site.request("GET", path, user)
    assert response.status_int == 200, response.text
    return response.text


def test_an_object_is_explained(demo: ServerSite) -> None:
    text = page(demo, "/demo/a.txt/@@synchronize-look.html")
    assert "zope.app.fssync.file.adapter.FileSynchronizer" in text
    assert "zope.ManageContent" in text
    assert "Classes of objects" not in text


def test_all_objects_are_counted_if_wanted(demo: ServerSite) -> None:
    text = page(demo, "/demo/@@synchronize-look.html?all=1", "editor")
    assert "zope.app.file.file.File" in text
    words = "".join(ElementTree.fromstring(text[15:]).itertext()).split()
    headers = demo.request("GET", "/demo/@@toFS.snarf", "editor").headers
    assert words[words.index("withheld") + 3] == f"{headers['X-Fssync-Withheld']}."


def test_pickled_objects_are_named(demo: ServerSite) -> None:
    demo.root["demo"]["notes"] = PrincipalAnnotationUtility()
    demo.commit()
    text = page(demo, "/demo/@@synchronize-look.html?all=1")
    document = ElementTree.fromstring(text[15:])
    listed = next(each for each in document.iter() if each.get("id") == "zsync-pickled")
    assert "/demo/notes" in ["".join(each.itertext()).strip() for each in listed]


@pytest.mark.parametrize("user", [None, "editor"])
def test_withheld_objects_are_not_explained(demo: ServerSite, user: str | None) -> None:
    path = "/demo/site/++etc++site/@@synchronize-look.html"
    response = demo.request("GET", path, user)
    assert response.status_int in (401, 403)
    assert "ynchronizer" not in response.text
