"""Storages and applications that fail: what is told, and what stays as it was."""

from __future__ import annotations

import errno

import pytest
from transaction.interfaces import TransientError
from ZODB.POSException import POSKeyError
from ZODB.POSException import ReadOnlyError
from ZODB.POSException import StorageError
from zope.app.file.file import File
from zope.component import getGlobalSiteManager
from zope.exceptions.interfaces import UserError
from zope.interface import Invalid
from zope.lifecycleevent.interfaces import IObjectCreatedEvent
from zope.lifecycleevent.interfaces import IObjectModifiedEvent
from zope.site.folder import Folder

from zope.app.fssync.file.adapter import FileSynchronizer

pytestmark = pytest.mark.slow

#: Stands for what no answer may tell.
SECRET = "/srv/zope/secret hunter2"


class Disconnected(StorageError, TransientError):
    """What ZEO raises when its server is gone."""


ERRORS = {
    "gone": StorageError(SECRET),
    "disconnected": Disconnected(SECRET),
    "read-only": ReadOnlyError(SECRET),
    "full": OSError(errno.ENOSPC, "No space left on device", SECRET),
    "unforeseen": RuntimeError(SECRET),
    "missing": POSKeyError(b"\0" * 7 + b"\1"),
    "conflict": TransientError(SECRET),
}
UNAVAILABLE = {"gone", "disconnected", "read-only", "full", "conflict"}
POINTS = ["tpc_begin", "store", "tpc_vote", "tpc_finish", "tpc_finish after"]


@pytest.fixture
def demo(site):
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a", "text/plain")
    folder["b.txt"] = File(b"b", "text/plain")
    site.commit()
    return site


@pytest.fixture
def faulty(demo):
    """Let the storage fail at a point, until the function returned is called."""
    db = demo.layer.db

    def put(name, method):
        setattr(db._storage, name, method)

        def copy(connection):
            if name in vars(connection._storage):
                setattr(connection._storage, name, method)

        # Connections that are open, or kept to be opened again, have copies.
        db._connectionMap(copy)

    def fail(point, error):
        name, _, after = point.partition(" ")
        method = getattr(db._storage, name)

        def failing(*args, **more):
            if after:
                method(*args, **more)
            raise error

        put(name, failing)
        return lambda: put(name, method)

    return fail


@pytest.fixture
def subscribe():
    """Subscribe handlers until the end of the test."""
    subscribed = []

    def subscribe(handler, *interfaces):
        getGlobalSiteManager().registerHandler(handler, interfaces)
        subscribed.append((handler, interfaces))

    yield subscribe
    for handler, interfaces in subscribed:
        getGlobalSiteManager().unregisterHandler(handler, interfaces)


def told(response, *statuses):
    """The answer is a sentence for a person, and tells nothing else."""
    assert response.status_int in statuses, response.text
    assert response.headers["Content-Type"] == "text/plain;charset=utf-8"
    assert response.headers["X-FSSync-Server"] == "4"
    for secret in (SECRET, "hunter2", "Traceback", "/srv", ".py", "<html"):
        assert secret not in response.text
    assert response.text.strip()


def told_or_stored(response, kind):
    if kind in ("disconnected", "conflict"):
        told(response, 200, 409)
        assert "check failed" in response.text or "already exists" in response.text
    else:
        told(response, 503 if kind in UNAVAILABLE else 500)
        assert "may have been stored" in response.text


def contents(site):
    """What is stored, seen by a new connection."""
    connection = site.layer.db.open()
    try:
        folder = connection.root()["Application"]
        found = {name: file.data for name, file in folder["demo"].items()}
        return found, "copy" in folder
    finally:
        connection.close()


BEFORE = ({"a.txt": b"a", "b.txt": b"b"}, False)


def commit(site, archive):
    return site.submit("/demo", archive)


def checkin(site, archive):
    return site.request(
        "POST", "/@@checkin.snarf?name=copy&src=demo", "manager", archive.dump()
    )


class TestStorage:
    @pytest.mark.parametrize("kind", ERRORS)
    @pytest.mark.parametrize("point", POINTS)
    def test_a_commit_is_done_or_not_and_can_be_repeated(
        self, demo, faulty, point, kind
    ):
        archive = demo.checkout("/demo")
        archive.edit("demo/a.txt", b"A")
        archive.add("demo/c.txt", b"c", factory="zope.app.file.file.File")
        archive.remove("demo/b.txt")
        after = ({"a.txt": b"A", "c.txt": b"c"}, False)
        repair = faulty(point, ERRORS[kind])
        response = commit(demo, archive)
        repair()
        if point == "tpc_finish after":
            # The publisher repeats what was a conflict: it is stored by then.
            told_or_stored(response, kind)
            assert contents(demo) == after
            # Whoever repeats what was stored is told that it is there.
            assert "demo/a.txt" in commit(demo, archive).text
        else:
            told(response, 503 if kind in UNAVAILABLE else 500)
            sure = "Nothing was changed." in response.text
            assert sure == (point != "tpc_finish")
            assert contents(demo) == BEFORE
            demo.accept("/demo", archive)
        assert contents(demo) == after

    @pytest.mark.parametrize("kind", ERRORS)
    @pytest.mark.parametrize("point", POINTS)
    def test_a_checkin_is_done_or_not_and_can_be_repeated(
        self, demo, faulty, point, kind
    ):
        archive = demo.checkout("/demo")
        repair = faulty(point, ERRORS[kind])
        response = checkin(demo, archive)
        repair()
        again = checkin(demo, archive)
        if point == "tpc_finish after":
            told_or_stored(response, kind)
            told(again, 409)
        else:
            told(response, 503 if kind in UNAVAILABLE else 500)
            assert again.status_int == 200
        assert contents(demo) == (BEFORE[0], True)

    @pytest.mark.parametrize("view", ["toFS", "fromFS"])
    @pytest.mark.parametrize("kind", ERRORS)
    def test_objects_that_cannot_be_loaded_are_reported(self, demo, faulty, kind, view):
        archive = demo.checkout("/demo")
        oid = demo.root["demo"]["a.txt"]._p_oid
        demo.layer.db.cacheMinimize()
        storage = demo.layer.db._storage
        load = storage.loadBefore

        def failing(wanted, tid):
            if wanted == oid:
                raise ERRORS[kind]
            return load(wanted, tid)

        storage.loadBefore = failing
        if view == "toFS":
            response = demo.request("GET", "/demo/@@toFS.snarf", "manager")
        else:
            archive.edit("demo/a.txt", b"A")
            response = commit(demo, archive)
        del storage.loadBefore
        # What is lost is withheld: see test_damage.py.
        told(response, 500, 503, *([403] if kind == "missing" else []))
        assert contents(demo) == BEFORE
        demo.accept("/demo", archive)

    def test_reading_goes_on_where_writing_cannot(self, demo, faulty):
        repair = faulty("tpc_begin", ReadOnlyError())
        archive = demo.checkout("/demo")
        # What changes nothing stores nothing.
        assert demo.accept("/demo", archive) == archive
        repair()


class TestApplication:
    @pytest.mark.parametrize(
        "error",
        [
            RuntimeError(SECRET),
            KeyError(SECRET),
            ValueError(SECRET),
            TypeError(SECRET),
            OSError(2, "No such file", SECRET),
            ImportError(SECRET),
            UnicodeDecodeError("utf-8", b"\xff", 0, 1, SECRET),
            RecursionError(SECRET),
            AssertionError(SECRET),
        ],
    )
    @pytest.mark.parametrize("where", ["subscriber", "load", "dump", "metadata"])
    def test_errors_of_an_application_are_not_shown(
        self, demo, subscribe, monkeypatch, where, error
    ):
        def fail(*args):
            raise error

        archive = demo.checkout("/demo")
        archive.edit("demo/a.txt", b"A")
        if where == "subscriber":
            subscribe(fail, IObjectModifiedEvent)
        else:
            monkeypatch.setattr(FileSynchronizer, where, fail)
        told(commit(demo, archive), 409, 500, 503)
        if where in ("dump", "metadata"):
            told(demo.request("GET", "/demo/@@toFS.snarf", "manager"), 500, 503)
        else:
            told(checkin(demo, archive), 200, 409, 500, 503)
        monkeypatch.undo()
        assert contents(demo)[0] == BEFORE[0]

    @pytest.mark.parametrize("error", [UserError("No more pages."), Invalid("No more")])
    def test_messages_for_people_are_shown(self, demo, subscribe, error):
        def fail(event):
            raise error

        subscribe(fail, IObjectCreatedEvent)
        archive = demo.checkout("/demo")
        archive.add("demo/c.txt", b"c", factory="zope.app.file.file.File")
        response = commit(demo, archive)
        told(response, 409)
        assert "demo/c.txt: " in response.text
        assert "No more" in response.text

    def test_a_name_that_its_container_refuses_is_told(self, demo):
        archive = demo.checkout("/demo")
        archive.add("demo/x", b"c", key="+plus", factory="zope.app.file.file.File")
        response = commit(demo, archive)
        told(response, 409)
        assert "Names cannot begin with '+'" in response.text

    def test_the_reason_of_a_failed_import_is_not_told(
        self, demo, tmp_path, monkeypatch
    ):
        (tmp_path / "broken_package.py").write_text("import no.such.module\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        from zope.fssync.interfaces import ISynchronizerFactory

        registry = getGlobalSiteManager()
        name = "broken_package.Thing"
        registry.registerUtility(FileSynchronizer, ISynchronizerFactory, name)
        try:
            archive = demo.checkout("/demo")
            archive.add("demo/x", b"", factory=name)
            archive.add(
                "demo/y",
                b'<pickle><global name="Thing" module="broken_package"/></pickle>',
                type=name,
            )
            response = commit(demo, archive)
        finally:
            registry.unregisterUtility(FileSynchronizer, ISynchronizerFactory, name)
        told(response, 400)
        assert "no.such" not in response.text
        assert str(tmp_path) not in response.text


class TestLog:
    def test_the_log_tells_what_the_answer_does_not(self, demo, subscribe, caplog):
        def fail(event):
            raise RuntimeError(SECRET)

        subscribe(fail, IObjectModifiedEvent)
        archive = demo.checkout("/demo")
        archive.edit("demo/a.txt", b"A")
        commit(demo, archive)
        assert "demo/a.txt" in caplog.text
        assert SECRET in caplog.text
        assert "Traceback" in caplog.text

    def test_the_password_is_in_no_log(self, demo, faulty, caplog):
        archive = demo.checkout("/demo")
        archive.edit("demo/a.txt", b"A")
        repair = faulty("tpc_vote", RuntimeError("x"))
        commit(demo, archive)
        repair()
        assert caplog.records
        assert "managerpw" not in caplog.text
