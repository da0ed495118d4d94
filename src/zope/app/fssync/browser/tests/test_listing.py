"""The view for listings shows what a checkout would, and no content."""

from __future__ import annotations

import io

import pytest
from zope.app.file.file import File
from zope.site.folder import Folder
from zope.site.site import LocalSiteManager

from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.metadata import Entry
from zope.fssync.repository import SnarfRepository


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a secret", "text/plain")
    folder["A.txt"] = File(b"b", "text/plain")
    folder["site"] = Folder()
    folder["site"]["deep"] = Folder()
    folder["site"].setSiteManager(LocalSiteManager(folder["site"]))
    site.commit()
    return site


def listed(
    site: ServerSite, path: str, user: str
) -> tuple[dict[str, Entry], str | None, bytes]:
    response = site.request("GET", f"{path}/@@list.snarf", user)
    assert response.status_int == 200, response.text
    metadata = SnarfRepository(io.BytesIO(response.body)).getMetadata()
    (top,) = metadata.getnames("")
    found = {
        name: metadata.getentry(f"{top}/{name}") for name in metadata.getnames(top)
    }
    found[""] = metadata.getentry(top)
    return found, response.headers.get("X-Fssync-Withheld"), response.body


def test_entries_of_one_level_are_listed(demo: ServerSite) -> None:
    found, withheld, body = listed(demo, "/demo", "manager")
    kinds = {entry.get("key", name): entry["kind"] for name, entry in found.items()}
    assert kinds == {
        **{"": "directory", "a.txt": "file", "A.txt": "file"},
        "site": "directory",
    }
    assert found["site"]["id"] == "/demo/site"
    assert found["site"]["modified"].endswith("+00:00")
    assert withheld is None
    assert b"secret" not in body
    assert b"deep" not in body


def test_withheld_objects_are_counted_and_not_named(demo: ServerSite) -> None:
    everything, _, _ = listed(demo, "/demo/site", "manager")
    found, withheld, _ = listed(demo, "/demo/site", "editor")
    assert everything.keys() - found.keys() == {"++etc++site"}
    assert withheld == "1"


def test_a_file_is_listed_alone(demo: ServerSite) -> None:
    found, _, _ = listed(demo, "/demo/a.txt", "reader")
    assert list(found) == [""]
    assert found[""]["kind"] == "file"


@pytest.mark.parametrize("user", [None, "editor"])
def test_a_user_who_may_not_read_gets_nothing(
    demo: ServerSite, user: str | None
) -> None:
    path = "/demo/site/++etc++site/@@list.snarf"
    assert demo.request("GET", path, user).status_int in (401, 403)


def test_an_object_is_explained_if_wanted(demo: ServerSite) -> None:
    response = demo.request("GET", "/demo/a.txt/@@list.snarf?explain=1", "manager")
    metadata = SnarfRepository(io.BytesIO(response.body)).getMetadata()
    (top,) = metadata.getnames("")
    found = metadata.getentry(top)
    assert found["synchronizer"] == "zope.app.fssync.file.adapter.FileSynchronizer"
    assert found["because"] == ("the adapter for zope.app.file.file.File")
    assert found["permission-to-write"] == "zope.ManageContent"
    assert "Extra/contentType" in found["parts"]
    plain, _, _ = listed(demo, "/demo/a.txt", "manager")
    assert "synchronizer" not in plain[""]


def test_a_withheld_object_is_not_explained(demo: ServerSite) -> None:
    path = "/demo/site/++etc++site/@@list.snarf?explain=1"
    response = demo.request("GET", path, "editor")
    assert response.status_int in (401, 403)
    assert "synchronizer" not in response.text
