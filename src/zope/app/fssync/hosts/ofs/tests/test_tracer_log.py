"""The log of an object of Zope shows its own moves, with its old places."""

from __future__ import annotations

import pytest
import transaction
from OFS.Folder import Folder
from OFS.Image import File
from Products.BTreeFolder2.BTreeFolder2 import BTreeFolder2
from ZODB.FileStorage import FileStorage

from zope.app.fssync.hosts.ofs.host import ZopeHost
from zope.app.fssync.server.changes import log as server_log
from zope.app.fssync.server.changes.log import Log
from zope.app.fssync.server.changes.logentry import Wanted
from zope.app.fssync.server.changes.referrers import LateReferrers
from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import calling
from zope.app.fssync.testing.ofs.site import configured


@pytest.fixture(scope="module")
def components():
    with configured():
        yield


@pytest.fixture(params=[Folder, BTreeFolder2])
def app(components, tmp_path, request):
    with application(FileStorage(str(tmp_path / "Data.fs"))) as app:
        app._setObject("demo", Folder("demo"))
        for name in ("here", "there"):
            app.demo._setObject(name, request.param(name))
        app.demo.here._setObject("sub", request.param("sub"))
        app.demo.here.sub._setObject("a.txt", File("a.txt", "", b"x", "text/plain"))
        note("made")
        with calling(app, "manager"):
            yield app


def note(text):
    transaction.get().note(text)
    transaction.commit()


def paste(source, name, target):
    target.manage_pasteObjects(source.manage_cutObjects([name]))


def told(obj, size=100):
    found, before = [], None
    host = ZopeHost()
    while True:
        page = Log(obj, host, host.access()).page(Wanted(), size, before)
        for each in page.transactions:
            origin = each.origin and "/".join(each.origin)
            found.append((each.note.split()[-1], origin))
        before = page.before
        if before is None:
            return found


@pytest.mark.parametrize("near", [0, 2000])
@pytest.mark.parametrize("size", [1, 100])
def test_own_moves_are_told_with_the_old_place(app, near, size, monkeypatch):
    monkeypatch.setattr(server_log, "NEAR_RECORDS", near)
    monkeypatch.setattr(server_log, "LOG_PAGE", 2)
    demo = app.demo
    demo.here.sub.manage_renameObject("a.txt", "b.txt")
    note("renamed")
    demo.here._setObject("other", File("other", "", b"x", "text/plain"))
    note("beside")
    demo.here.sub["b.txt"].manage_upload(b"new")
    note("edited")
    paste(demo.here, "sub", demo.there)
    note("moved")
    demo.manage_renameObject("there", "where")
    note("above")
    demo.manage_delObjects(["here"])
    note("gone")
    assert told(demo["where"].sub["b.txt"], size) == [
        ("above", "../../../there/sub/b.txt"),
        ("moved", "../../../here/sub/b.txt"),
        ("edited", None),
        ("renamed", "../a.txt"),
        ("made", None),
    ]


def test_no_index_is_made_for_what_was_never_moved(app, monkeypatch):
    asked = []
    monkeypatch.setattr(LateReferrers, "of", lambda *args: asked.append(1))
    app.demo.here.sub["a.txt"].manage_upload(b"new")
    app.demo.here.title = "Here"
    note("edited")
    assert told(app.demo.here.sub["a.txt"]) == [("edited", None), ("made", None)]
    assert not asked
