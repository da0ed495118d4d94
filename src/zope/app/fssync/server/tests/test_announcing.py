"""A checkout says first about how many objects come."""

from __future__ import annotations

from typing import Any

import pytest
from zope.app.file.file import File
from zope.component import getUtility
from zope.proxy import removeAllProxies
from zope.security.testing import interaction
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder

from zope.app.fssync.file.adapter import FileSynchronizer
from zope.app.fssync.folder.adapter import FolderSynchronizer
from zope.app.fssync.protocol.headers import OBJECTS
from zope.app.fssync.server.announcing import announced
from zope.app.fssync.server.interfaces import IHost
from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.sparse import Sparse


@pytest.fixture
def folder(site: ServerSite) -> Any:
    folder = site.root["folder"] = Folder()
    for name in ("a.txt", "b.txt"):
        folder[name] = File(b"x", "text/plain")
    folder["sub"] = Folder()
    folder["sub"]["empty"] = Folder()
    folder["sub"]["c.txt"] = File(b"x", "text/plain")
    site.commit()
    return folder


def count(obj: Any, who: str = "manager", **more: Any) -> str | None:
    with interaction(f"zope.{who}"):
        return announced(getUtility(IHost), removeAllProxies(obj), **more)


def objects(archive: Archive) -> int:
    return sum(
        len(archive.entries(path.removesuffix("@@Zope/Entries.xml").rstrip("/")))
        for path in archive
        if path.endswith("@@Zope/Entries.xml") and path.count("@@Zope") == 1
    )


def test_announcing_is_how_many_come(site: ServerSite, folder: Any) -> None:
    assert count(folder) == "6"
    assert count(folder["a.txt"]) == "1"
    assert count(folder["sub"]["empty"]) == "1"
    for path in ("/", "/folder"):
        response = site.request(
            "GET", f"{path}/@@toFS.snarf", "manager", X_Zsync_State="none"
        )
        found = objects(Archive.parse(response.body))
        assert response.headers[OBJECTS] == str(found)


def test_nothing_is_said_to_clients_of_3_6_0(site: ServerSite, folder: Any) -> None:
    response = site.request("GET", "/folder/@@toFS.snarf", "manager")
    assert OBJECTS not in response.headers
    assert objects(Archive.parse(response.body)) == 6


def test_left_out_objects_are_not_counted(folder: Any) -> None:
    for rules, expected in (("files:", "3"), ("not:c.txt", "5"), ("empty:", "1")):
        sparse = Sparse.of_header(rules)
        assert count(folder, sparse=sparse) == expected, rules


def test_a_withheld_folder_counts_as_one_object(folder: Any) -> None:
    closed = IPrincipalPermissionManager(removeAllProxies(folder["sub"]))
    closed.denyPermissionToPrincipal("zope.View", "zope.local")
    assert count(folder, "manager") == "6"
    assert count(folder, "local") == "4"


def test_counting_ends_when_it_takes_long(folder: Any) -> None:
    assert count(folder, patience=-1) == "1+"
    assert count(folder["sub"]["empty"], patience=-1) == "1"


def test_a_checkout_reports_objects_that_fail(
    site: ServerSite, folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object) -> Any:
        raise RuntimeError("no items today")

    monkeypatch.setattr(FolderSynchronizer, "iteritems", fail)
    assert count(folder) is None


def test_no_item_is_loaded_but_one_of_its_class(
    folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setattr(
        FileSynchronizer,
        "__init__",
        lambda self, context: made.append(context),
    )
    for number in range(10):
        folder[f"{number}.txt"] = File(b"x", "text/plain")
    assert count(folder) == "16"
    assert len(made) == 1
