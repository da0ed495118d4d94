"""The view for types tells what a commit would make, and stores nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from zope.site.folder import Folder

from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SERVER


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    site.root["demo"] = Folder()
    site.commit()
    return site


def asked(site: ServerSite, user: str, body: bytes = b"") -> Any:
    response = site.request("POST", "/demo/@@types.snarf", user, body)
    assert response.status_int == 200, response.text
    return json.loads(response.body)


def test_factories_and_names_are_told(demo: ServerSite) -> None:
    before = demo.layer.db.lastTransaction()
    found = asked(demo, "manager", b"a.txt\nb.png\nsub/\n")
    file = {"factory": "zope.app.file.file.File", "kind": "file", "title": "File"}
    assert file in found["types"]
    assert found["names"] == {
        "a.txt": "zope.app.file.file.File",
        "b.png": "zope.app.file.image.Image",
        "sub/": "zope.site.folder.Folder",
    }
    assert demo.layer.db.lastTransaction() == before


def test_a_user_who_may_not_add_is_told_nothing(demo: ServerSite) -> None:
    assert asked(demo, "reader") == {"types": [], "names": {}}


@pytest.mark.parametrize("body", [b"a/b", b"@@Zope/..", b"\xff", b"..", b"/"])
def test_names_are_those_of_files(demo: ServerSite, body: bytes) -> None:
    response = demo.request("POST", "/demo/@@types.snarf", "manager", body)
    assert response.status_int == 400


def test_a_limited_number_of_names_is_taken(demo: ServerSite) -> None:
    lines = [b"f%d.txt" % number for number in range(SERVER.asked_names)]
    assert len(asked(demo, "manager", b"\n".join(lines))["names"]) == len(lines)
    body = b"\n".join([*lines, b"more.txt"])
    response = demo.request("POST", "/demo/@@types.snarf", "reader", body)
    assert (response.status_int, "names can be asked" in response.text) == (413, True)


def test_a_long_body_is_not_read(demo: ServerSite) -> None:
    body = b"x" * (SERVER.asked_names * (DEFAULT.name_size + 3) + 1)
    response = demo.request("POST", "/demo/@@types.snarf", "reader", body)
    assert (response.status_int, "bytes" in response.text) == (413, True)


def test_names_are_posted(demo: ServerSite) -> None:
    response = demo.request("GET", "/demo/@@types.snarf", "manager")
    assert response.status_int == 400
