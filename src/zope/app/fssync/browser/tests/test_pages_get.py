"""The page that offers a copy, and the zip that it offers."""

from __future__ import annotations

import io
import zipfile

import pytest
from zope.app.file.file import File
from zope.site.folder import Folder

from zope.app.fssync.browser.pages.get import checkout_command
from zope.app.fssync.browser.pages.get import disposition
from zope.app.fssync.testing.serversite import ServerSite


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a", "text/x-odd")
    folder["<b> \u65e5"] = Folder()
    site.commit()
    return site


def zipped(site: ServerSite, path: str, query: str = "") -> zipfile.ZipFile:
    response = site.request("GET", f"{path}/@@synchronize.zip{query}", "manager")
    assert response.status_int == 200, response.text
    assert response.headers["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(response.body))


def test_the_command_names_the_object_and_the_user() -> None:
    command = checkout_command("http://localhost:8080/a%20b", "jo@x")
    assert command == "zsync checkout http://jo%40x@localhost:8080/a%20b"
    assert checkout_command("http://h/$a;b", None) == "zsync checkout 'http://h/$a;b'"


def test_the_page_has_the_command(demo: ServerSite) -> None:
    response = demo.request("GET", "/demo/@@synchronize.html", "manager")
    assert response.status_int == 200, response.text
    assert 'value="zsync checkout http://manager@localhost/demo"' in response.text


def test_a_file_has_a_link_for_editors_and_a_folder_has_none(demo: ServerSite) -> None:
    link = 'href="zsync-edit:http://localhost/demo/a.txt"'
    path = "/demo/a.txt/@@synchronize.html"
    assert link in demo.request("GET", path, "manager").text
    assert "zsync-edit" not in demo.request("GET", path, "reader").text
    response = demo.request("GET", "/demo/@@synchronize.html", "manager")
    assert "zsync-edit" not in response.text


def test_names_are_escaped(demo: ServerSite) -> None:
    path = "/demo/%3Cb%3E%20%E6%97%A5/@@synchronize-look.html"
    response = demo.request("GET", path, "manager")
    assert response.status_int == 200, response.text
    assert "&lt;b&gt; \u65e5" in response.text
    assert "<b>" not in response.text


def test_a_zip_has_content_and_descriptions(demo: ServerSite) -> None:
    found = zipped(demo, "/demo")
    assert found.testzip() is None
    assert set(found.namelist()) > {
        *("demo/", "demo/a.txt", "demo/@@a.txt.meta"),
    }
    assert found.read("demo/a.txt") == b"a"
    assert b"text/x-odd" in found.read("demo/@@a.txt.meta")


def test_a_zip_of_content_has_no_descriptions(demo: ServerSite) -> None:
    names = zipped(demo, "/demo", "?content=1").namelist()
    assert "demo/a.txt" in names
    assert not [name for name in names if name.endswith(".meta")]


def test_a_file_alone_is_in_a_zip(demo: ServerSite) -> None:
    assert set(zipped(demo, "/demo/a.txt").namelist()) == {"@@a.txt.meta", "a.txt"}


def test_a_download_has_a_name_of_any_language() -> None:
    found = disposition('a"\u00fc.zip')
    assert found == "attachment; filename=\"a__.zip\"; filename*=UTF-8''a%22%C3%BC.zip"
