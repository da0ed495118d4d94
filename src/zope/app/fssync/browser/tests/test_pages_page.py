"""What all pages have in common."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from zope.app.file.file import File
from zope.site.folder import Folder

from zope.app.fssync.testing.serversite import ServerSite
from zope.app.fssync.testing.validhtml import parsed

PAGES = ["synchronize.html", "synchronize-look.html?all=1"]


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    folder = site.root["demo"] = Folder()
    folder["<script>&\"'"] = File(b"abc", "text/plain")
    site.commit()
    return site


@pytest.mark.parametrize("page", PAGES)
def test_a_policy_forbids_scripts_in_the_page(demo: ServerSite, page: str) -> None:
    response = demo.request("GET", f"/demo/@@{page}", "manager")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_well_formed_and_labelled(demo: ServerSite, page: str) -> None:
    path = f"/demo/%3Cscript%3E&%22'/@@{page}"
    response = demo.request("GET", path, "manager")
    assert response.status_int == 200, response.text
    tree = ElementTree.fromstring(response.text.replace("<!DOCTYPE html>", ""))
    ids = [each.get("id") for each in tree.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    labels = {each.get("for") for each in tree.iter("label")}
    fields = [*tree.iter("input"), *tree.iter("select"), *tree.iter("textarea")]
    for field in fields:
        assert field.get("type") == "hidden" or field.get("id") in labels
    scripts = list(tree.iter("script"))
    assert not [each for each in scripts if each.text or not each.get("src")]
    handlers = [name for each in tree.iter() for name in each.attrib]
    assert not [name for name in handlers if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("page", ["", "-look", "-put", "-activity"])
def test_a_page_is_valid_html(site: ServerSite, page: str) -> None:
    site.root["demo"] = Folder()
    site.commit()
    response = site.request("GET", f"/demo/@@synchronize{page}.html", "manager")
    assert parsed(response.text)[0] == "html"
