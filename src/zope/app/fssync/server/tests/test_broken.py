"""Databases that have lost records or classes: the rest is delivered, and told."""

from __future__ import annotations

import pytest
import transaction
from ZODB.POSException import POSKeyError
from zope.app.file.file import File
from zope.dublincore.interfaces import IZopeDublinCore
from zope.site.folder import Folder

from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.snarf import ANSWER


@pytest.fixture
def demo(site):
    folder = site.root["demo"] = Folder()
    for name in ("a.txt", "b.txt", "c.txt"):
        folder[name] = File(name.encode(), "text/plain")
    folder["sub"] = Folder()
    folder["sub"]["deep.txt"] = File(b"deep", "text/plain")
    folder["long.bin"] = File(b"x" * 300_000, "application/octet-stream")
    IZopeDublinCore(folder["a.txt"]).title = "A"
    site.commit()
    return site


@pytest.fixture
def lose(demo):
    """Take away the records of objects."""
    base = demo.layer.db._storage
    lost: set[bytes] = set()
    load = base.loadBefore

    def load_before(oid, tid):
        if oid in lost:
            raise POSKeyError(oid)
        return load(oid, tid)

    def lose(*objects):
        lost.update(each._p_oid for each in objects)
        base.loadBefore = load_before
        transaction.abort()
        demo.layer.db._connectionMap(lambda each: each.cacheMinimize())
        demo.layer.db._connectionMap(lambda each: each._resetCache())

    return lose


def bare(wrapper):
    from zope.container.contained import getProxiedObject

    return getProxiedObject(wrapper)


def checked_out(site, **headers):
    """A checkout by a client that keeps what is withheld, and the count."""
    response = site.request("GET", "/demo/@@toFS.snarf", "manager", **headers)
    assert response.status_int == 200, response.text
    archive = Archive.parse(response.body)
    said = archive.pop(ANSWER, b"").decode()
    counted = response.headers.get(WITHHELD)
    if counted is None:
        lines = dict(line.split(" ", 1) for line in said.splitlines())
        counted = lines.get(WITHHELD, "0")
        # What is not whole is no state to go on from.
        assert counted == "0" or STATE not in lines
    return archive, int(counted)


CAREFUL = {STATE.replace("-", "_"): "none"}


class TestRecords:
    def test_the_rest_is_delivered_and_the_lost_is_counted_and_logged(
        self, demo, lose, caplog
    ):
        folder = demo.root["demo"]
        lose(bare(folder["b.txt"]), folder["sub"])
        archive, counted = checked_out(demo, **CAREFUL)
        assert {"demo/a.txt", "demo/c.txt", "demo/long.bin"} <= set(archive)
        assert set(archive.entries("demo")) == {"a.txt", "c.txt", "long.bin"}
        assert counted == 2
        assert "an object of zope.app.file.file.File is lost" in caplog.text
        assert "an object of zope.site.folder.Folder is lost" in caplog.text

    def test_a_client_asks_what_it_keeps(self, demo, lose):
        folder = demo.root["demo"]
        lose(bare(folder["b.txt"]), folder["sub"])
        paths = ["demo/a.txt", "demo/b.txt", "demo/sub/deep.txt", "demo/gone.txt"]
        response = demo.request(
            "POST",
            "/demo/@@hidden.snarf",
            "manager",
            "".join(f"{path}\n" for path in paths).encode(),
            Content_Type="text/plain",
        )
        assert response.text == "demo/b.txt\ndemo/sub/deep.txt\n"

    def test_old_clients_are_refused_who_would_delete_their_copy(self, demo, lose):
        lose(bare(demo.root["demo"]["b.txt"]))
        response = demo.request("GET", "/demo/@@toFS.snarf", "manager")
        assert response.status_int == 500
        assert "1 of the objects in demo cannot be read" in response.text

    def test_a_lost_annotation_is_withheld(self, demo, lose):
        annotations = bare(demo.root["demo"]["a.txt"]).__annotations__
        lose(annotations["zope.app.dublincore.ZopeDublinCore"])
        archive, counted = checked_out(demo, **CAREFUL)
        assert counted == 1
        assert "demo/a.txt" in archive
        assert not [path for path in archive if "Annotations/a.txt/zope" in path]

    def test_a_body_that_is_half_there_is_no_whole_archive(self, demo, lose):
        lose(bare(demo.root["demo"]["long.bin"])._data)
        response = demo.request("GET", "/demo/@@toFS.snarf", "manager")
        assert response.status_int == 500
        assert "demo/long.bin cannot be read" in response.text
        archive, counted = checked_out(demo, **CAREFUL)
        assert counted == 1
        assert "demo/a.txt" in archive
        assert "demo/long.bin" not in archive

    def test_a_commit_leaves_the_lost_alone(self, demo, lose):
        archive = demo.checkout("/demo")
        lose(bare(demo.root["demo"]["b.txt"]))
        archive.edit("demo/a.txt", b"A")
        response = demo.request(
            "POST", "/demo/@@fromFS.snarf", "manager", archive.dump(), **CAREFUL
        )
        assert response.headers["Content-Type"] == "application/x-snarf"
        assert demo.root["demo"]["a.txt"].data == b"A"
        archive.edit("demo/b.txt", b"B")
        response = demo.submit("/demo", archive)
        assert "demo/b.txt" in response.text or "demo/a.txt" in response.text


class TestClasses:
    """A class whose code is gone."""

    @pytest.fixture
    def broken(self, demo, monkeypatch):
        import sys
        import types

        from persistent import Persistent

        gone = type("Gone", (Persistent,), {"__module__": "gone_package"})
        module = types.ModuleType("gone_package")
        vars(module)["Gone"] = gone
        monkeypatch.setitem(sys.modules, "gone_package", module)
        thing = gone()
        thing.kept = "state"
        demo.root["demo"]["thing"] = thing
        demo.commit()
        monkeypatch.delitem(sys.modules, "gone_package")
        demo.layer.db._connectionMap(lambda each: each._resetCache())
        import ZODB.broken

        ZODB.broken.broken_cache.clear()
        return demo

    def test_the_rest_is_delivered_and_the_class_is_in_the_log(self, broken, caplog):
        archive, counted = checked_out(broken, **CAREFUL)
        assert "demo/a.txt" in archive
        assert "demo/thing" not in archive
        assert counted == 1
        assert "the class gone_package.Gone is gone" in caplog.text

    def test_old_clients_are_told(self, broken):
        response = broken.request("GET", "/demo/@@toFS.snarf", "manager")
        assert response.status_int == 500
        assert "1 of the objects in demo cannot be read" in response.text

    def test_others_do_not_see_them(self, broken):
        archive = broken.checkout("/demo", "editor")
        assert "demo/thing" not in archive
        assert "demo/a.txt" in archive

    def test_broken_objects_survive_a_commit(self, broken):
        archive = Archive.fresh(checked_out(broken, **CAREFUL)[0].dump())
        archive.edit("demo/a.txt", b"A")
        response = broken.request(
            "POST", "/demo/@@fromFS.snarf", "manager", archive.dump(), **CAREFUL
        )
        assert response.headers["Content-Type"] == "application/x-snarf"
        assert broken.root["demo"]["a.txt"].data == b"A"
        thing = broken.root["demo"]["thing"]
        assert thing.__class__.__module__ == "gone_package"

    def test_replacing_a_broken_object_is_refused_by_name(self, broken):
        archive = Archive.fresh(checked_out(broken, **CAREFUL)[0].dump())
        archive.add("demo/thing", b"", factory="zope.app.file.file.File")
        response = broken.submit("/demo", archive)
        assert response.status_int == 403
        assert "demo/thing" in response.text

    def test_their_pickles_are_refused_by_name(self, broken):
        archive = Archive.fresh(checked_out(broken, **CAREFUL)[0].dump())
        pickle = b'<pickle><global name="Gone" module="gone_package"/></pickle>'
        archive.add("demo/new", pickle, type="gone_package.Gone")
        response = broken.submit("/demo", archive)
        assert response.status_int == 400
        assert "demo/new" in response.text
        assert "gone_package.Gone" in response.text


def add_item(monkeypatch, key):
    """Let the demo folder seem to have a file under any key."""
    from zope.app.fssync.folder.adapter import FolderSynchronizer

    file = File(b"odd", "text/plain")
    items = FolderSynchronizer.iteritems

    def more(self):
        yield from items(self)
        if "a.txt" in self.context:
            yield key, file

    monkeypatch.setattr(FolderSynchronizer, "iteritems", more)


class TestNames:
    """Containers of applications may hold what has no name, or an odd one."""

    @pytest.mark.parametrize("key", ["", ".", "..", "@@Zope", "a/b", "x\n", 7])
    def test_any_key_is_delivered_under_a_safe_name(self, demo, key, monkeypatch):
        add_item(monkeypatch, key)
        archive, _ = checked_out(demo)
        (name,) = [
            name
            for name, entry in archive.entries("demo").items()
            if entry.get("key", name) == str(key)
        ]
        assert archive[f"demo/{name}"] == b"odd"

    @pytest.mark.parametrize("key", ["\x00", "\x1b[2J", "\ud800"])
    def test_objects_that_no_file_can_stand_for_are_left_out_and_counted(
        self, demo, key, monkeypatch
    ):
        add_item(monkeypatch, key)
        archive, counted = checked_out(demo)
        assert counted == 1
        assert "demo/a.txt" in archive
        assert b"odd" not in archive.values()
