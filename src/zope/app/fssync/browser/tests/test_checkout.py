"""The archive of an object."""

from __future__ import annotations

from zope.app.fssync.browser.tests.onefile import demo as demo


def test_an_archive_is_whole_and_has_its_length(demo):
    response = demo.request("GET", "/demo/@@toFS.snarf", "manager")
    assert int(response.headers["Content-Length"]) == len(response.body)
    assert response.headers["Content-Type"] == "application/x-snarf"


def test_the_root_is_named_root(demo):
    archive = demo.checkout("")
    assert set(archive.entries()) == {"root"}
    archive.edit("root/demo/a.txt", b"b")
    demo.accept("", archive)
    assert demo.root["demo"]["a.txt"].data == b"b"
