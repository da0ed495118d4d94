"""The corpus of hostile archives, sent to the server and to the client alike."""

from __future__ import annotations

import contextlib
import io
import os
import time

import pytest
import transaction
from zope.app.file.file import File
from zope.site.folder import Folder

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.errors import Error
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import Unsnarfer
from zope.fssync.tests import hostile

#: Seconds that a reader may think about a small archive.
PATIENCE = 5


@pytest.fixture
def demo(site):
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a", "text/plain")
    folder["sub"] = Folder()
    folder["sub"]["deep.txt"] = File(b"deep", "text/plain")
    site.commit()
    return site


def database(site):
    """Everything that is stored."""
    transaction.abort()
    return [
        (record.oid, record.data)
        for changes in site.layer.db.storage.changes.iterator()
        for record in changes
    ]


VIEWS = {
    "commit": "/demo/@@fromFS.snarf",
    "commit of a file": "/demo/a.txt/@@fromFS.snarf",
    "checkin": "/@@checkin.snarf?name=new&src=demo",
    "rehearsed checkin": "/@@rehearse-checkin.snarf?name=new&src=demo",
    "rehearsed commit": "/demo/@@rehearse-commit.snarf",
}


class TestServer:
    @pytest.mark.parametrize("view", VIEWS)
    def test_refused_requests_change_nothing(self, demo, view):
        good = demo.checkout("/demo")
        good.edit("demo/a.txt", b"changed")
        before = database(demo)
        for name, data in hostile.refused(good):
            began = time.process_time()
            response = demo.request("POST", VIEWS[view], "manager", data)
            assert time.process_time() - began < PATIENCE, name
            kind = response.headers["Content-Type"]
            assert kind == "text/plain;charset=utf-8", name
            told(response, name)
            if response.status_int == 200:
                # Of one directory only: it does not fit what is stored.
                assert "check failed" in response.text or "rehearsal" in view, name
            assert database(demo) == before, name

    @pytest.mark.parametrize("view", VIEWS)
    def test_odd_input_is_accepted_or_refused_with_a_message(self, demo, view):
        good = demo.checkout("/demo")
        for name, data in hostile.odd(good):
            began = time.process_time()
            response = demo.request("POST", VIEWS[view], "manager", data)
            assert time.process_time() - began < PATIENCE, name
            told(response, name)
            if "new" in demo.root:
                del demo.root["new"]
                demo.commit()
        assert demo.root["demo"]["a.txt"].data == b"a"


def told(response, name):
    assert response.status_int in (200, 400, 403, 409, 413), (name, response.text)
    if response.headers["Content-Type"].startswith("text/plain"):
        for secret in ("Traceback", "/site-packages/", ".py", "root:"):
            assert secret not in response.text, name
        assert "\x1b" not in response.text, name


def good_answer():
    """What a server sends of a small folder."""
    server = Server(
        {
            "demo": None,
            "demo/a.txt": b"a\n",
            "demo/sub": None,
            "demo/sub/deep.txt": b"deep\n",
        }
    )
    return server, Archive.parse(server.archive("demo"))


class TestClient:
    def test_no_checkout_leaves_anything(self, tmp_path):
        server, good = good_answer()
        client = Client(server, tmp_path)
        for name, data in hostile.refused(good):
            server.answer = data
            with pytest.raises(Error) as caught:
                client("checkout", str(tmp_path / "co"), url=URL)
            assert "\x1b" not in str(caught.value), name
            assert os.listdir(tmp_path) == [], name

    def test_no_update_changes_anything(self, tmp_path):
        server, good = good_answer()
        client = Client(server, tmp_path)
        target = str(tmp_path / "co")
        client("checkout", target, url=URL)
        before = snapshot(tmp_path)
        for name, data in hostile.refused(good):
            server.answer = data
            with pytest.raises(Error):
                client("update", os.path.join(target, "demo"))
            assert snapshot(tmp_path) == before, name

    def test_odd_answers_write_nothing_outside(self, tmp_path):
        server, good = good_answer()
        for number, (name, data) in enumerate(hostile.odd(good)):
            home = tmp_path / str(number)
            home.mkdir()
            client = Client(server, home)
            server.answer = data
            with contextlib.suppress(Error):
                client("checkout", str(home / "co"), url=URL)
            assert set(os.listdir(home)) <= {"co", "tokens"}, name
        assert len(os.listdir(tmp_path)) == number + 1


class TestReaders:
    def test_only_errors_of_ours_escape(self, tmp_path):
        _, good = good_answer()
        for name, data in [*hostile.refused(good), *hostile.odd(good)]:
            began = time.process_time()
            with contextlib.suppress(Error):
                repository = SnarfRepository(io.BytesIO(data))
                for path in repository.iterPaths():
                    repository.getMetadata().getnames(path.rpartition("/")[0])
            root = tmp_path / "root"
            root.mkdir()
            with contextlib.suppress(Error):
                Unsnarfer(io.BytesIO(data)).unsnarf(str(root))
            assert os.listdir(tmp_path) == ["root"], name
            for path in sorted(root.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            root.rmdir()
            assert time.process_time() - began < PATIENCE, name
