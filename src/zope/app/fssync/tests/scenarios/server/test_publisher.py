"""Checkout, commit and checkin through the publisher."""

from __future__ import annotations

from zope.app.file.file import File
from zope.app.file.image import Image
from zope.site.folder import Folder

from zope.app.fssync.testing.serversite import Archive


def demo(site):
    """Make a folder with two files."""
    folder = site.root["demo"] = Folder()
    folder["readme.txt"] = File(b"Read me.\n", "text/plain")
    folder["data"] = File(b"\x00\x01", "application/octet-stream")
    site.commit()
    return folder


class TestCheckout:
    def test_the_archive_holds_files_entries_and_extras(self, site):
        demo(site)
        archive = Archive.parse(
            site.request("GET", "/demo/@@toFS.snarf", "manager").body
        )
        assert archive["demo/readme.txt"] == b"Read me.\n"
        assert archive.entries()["demo"] == {
            "type": "zope.site.folder.Folder",
            "factory": "zope.site.folder.Folder",
            "id": "/demo",
            "keytype": "builtins.str",
        }
        assert archive.entries("demo")["data"] == {
            "type": "zope.app.file.file.File",
            "factory": "zope.app.file.file.File",
            "id": "/demo/data",
            "binary": "true",
            "keytype": "builtins.str",
        }
        assert archive.entries("demo/@@Zope/Extra/data") == {
            "contentType": {"type": "builtins.str", "keytype": "builtins.str"}
        }


class TestCommit:
    def test_a_changed_file_is_stored(self, site):
        demo(site)
        archive = site.checkout("/demo")
        archive.edit("demo/readme.txt", b"Read me again.\n")
        answer = site.accept("/demo", archive)
        assert answer["demo/readme.txt"] == b"Read me again.\n"
        assert site.root["demo"]["readme.txt"].data == b"Read me again.\n"

    def test_an_unchanged_archive_changes_nothing(self, site):
        demo(site)
        archive = site.checkout("/demo")
        serials = site.root["demo"]._p_serial, site.root["demo"]["data"]._p_serial
        assert site.accept("/demo", archive) == archive
        assert serials == (
            site.root["demo"]._p_serial,
            site.root["demo"]["data"]._p_serial,
        )

    def test_a_new_file_a_new_folder_and_a_removed_file(self, site):
        demo(site)
        archive = site.checkout("/demo")
        archive.remove("demo/data")
        archive.add("demo/new.txt", b"new", factory="zope.app.file.file.File")
        archive.add("demo/sub", factory="zope.app.folder.folder.Folder")
        archive.add("demo/sub/guessed.html", b"<html></html>")
        site.accept("/demo", archive)
        folder = site.root["demo"]
        assert sorted(folder) == ["new.txt", "readme.txt", "sub"]
        assert folder["new.txt"].data == b"new"
        assert type(folder["sub"]) is Folder
        assert folder["sub"]["guessed.html"].contentType == "text/html"

    def test_a_stale_archive_is_refused(self, site):
        demo(site)
        archive = site.checkout("/demo")
        site.root["demo"]["readme.txt"].data = b"Changed meanwhile.\n"
        site.commit()
        archive.edit("demo/data", b"new")
        response = site.submit("/demo", archive)
        assert response.status_int == 200
        assert response.headers["Content-Type"] == "text/plain;charset=utf-8"
        assert response.text == "Up-to-date check failed:\ndemo/readme.txt\n"
        assert site.root["demo"]["data"].data == b"\x00\x01"

    def test_the_type_of_a_file_can_change(self, site):
        demo(site)
        archive = site.checkout("/demo")
        name = "zope.app.file.image.Image"
        archive.set_entry("demo/data", type=name, factory=name)
        archive.edit("demo/data", b"GIF89a\x01\x00\x01\x00")
        site.accept("/demo", archive)
        assert site.root["demo"]["data"].__class__ is Image

    def test_a_body_of_many_chunks_is_stored_and_answered_at_once(self, site):
        demo(site)
        archive = site.checkout("/demo")
        large = bytes(range(250)) * 12_000
        archive.edit("demo/data", large)
        archive.add("demo/new", large, factory="zope.app.file.file.File")
        answer = site.accept("/demo", archive)
        assert answer["demo/data"] == answer["demo/new"] == large
        assert site.root["demo"]["data"].data == large
        assert site.root["demo"]["new"].data == large
