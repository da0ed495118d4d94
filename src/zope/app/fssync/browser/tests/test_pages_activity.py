"""The page that shows the last exchanges."""

from __future__ import annotations

import logging

import pytest
from zope.app.file.file import File
from zope.site.folder import Folder

from zope.app.fssync.testing.serversite import ServerSite

PAGE = "/demo/@@synchronize-activity.html"


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"abc", "text/plain")
    site.root["elsewhere"] = Folder()
    site.commit()
    return site


def test_exchanges_below_the_object_are_shown(
    demo: ServerSite, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        archive = demo.checkout("/demo", "editor")
        demo.request("GET", "/elsewhere/@@toFS.snarf?secret=x", "editor")
        archive.edit("demo/a.txt", b"new")
        demo.accept("/demo", archive, "editor")
    text = demo.request("GET", PAGE, "manager").text
    assert text.count(">zope.editor<") >= 2
    assert ">fromFS.snarf<" in text
    assert "elsewhere" not in text
    lines = [each for each in caplog.messages if "fromFS.snarf /demo 200" in each]
    assert len(lines) == 1
    assert "secret" not in caplog.text
    assert "editorpw" not in caplog.text


def test_a_refusal_is_shown_with_its_status(demo: ServerSite) -> None:
    assert (
        demo.request("POST", "/demo/@@fromFS.snarf", "editor", b"x").status_int == 400
    )
    assert ">400<" in demo.request("GET", PAGE, "manager").text


@pytest.mark.parametrize("user", [None, "reader", "editor"])
def test_only_managers_see_it(demo: ServerSite, user: str | None) -> None:
    assert demo.request("GET", PAGE, user).status_int in (401, 403)


def test_withheld_objects_are_named_to_a_manager(demo: ServerSite) -> None:
    page = "/demo/@@synchronize-look.html?principal=zope.reader"
    assert "zope.reader" in demo.request("GET", page, "manager").text
    unknown = demo.request("GET", page.replace("zope.reader", "nobody"), "manager")
    assert unknown.status_int == 409
    assert 'role="alert"' in unknown.text
    assert "Withheld from" not in demo.request("GET", page, "editor").text
