"""A database server that goes away in the middle of a commit, and comes back."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import transaction
import ZEO
import zope.processlifetime
from zope.app.file.file import File
from zope.component import getGlobalSiteManager
from zope.event import notify
from zope.lifecycleevent.interfaces import IObjectModifiedEvent
from zope.site.folder import Folder

from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.tests.scenarios.server.test_races import Server

pytestmark = pytest.mark.slow

PATIENCE = 60


class DatabaseServer:
    """A ZEO server that can be killed and started again."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.port = free_port()
        self.address = ("127.0.0.1", self.port)
        self.start()

    def start(self) -> None:
        address = f"127.0.0.1:{self.port}"
        environment = dict(
            os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path))
        )
        with open(self.place / "log", "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ZEO.runzeo", "-a", address, "-f", "Data.fs"],
                env=environment,
                cwd=self.place,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(PATIENCE)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[DatabaseServer]:
    server = DatabaseServer(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def server(configured_layer, database: DatabaseServer) -> Iterator[Server]:
    """An instance that gives its database server a second to come back."""
    db = ZEO.DB(database.address, wait_timeout=PATIENCE)
    db.storage._server.timeout = 1
    try:
        notify(zope.processlifetime.DatabaseOpened(db))
        server = Server(SimpleNamespace(layer=SimpleNamespace(db=db)))

        def fill(root):
            folder = root["demo"] = Folder()
            folder["a.txt"] = File(b"old", "text/plain")

        server.write(fill)
        yield server
    finally:
        transaction.abort()
        db.close()


@contextlib.contextmanager
def subscribed(handler) -> Iterator[None]:
    getGlobalSiteManager().registerHandler(handler, [IObjectModifiedEvent])
    try:
        yield
    finally:
        getGlobalSiteManager().unregisterHandler(handler, [IObjectModifiedEvent])


def test_a_commit_is_refused_in_words_and_can_be_repeated(server, database) -> None:
    archive = server.checkout()
    archive.edit("demo/a.txt", b"new")

    with subscribed(lambda event: database.kill()):
        status, kind, text = server.request(
            "POST", "/demo/@@fromFS.snarf", archive.dump()
        )
    assert (status, kind) == (503, "text/plain;charset=utf-8")
    assert text == b"The database did not answer. Nothing was changed. Try again.\n"

    # Who asks meanwhile is answered from the cache, or refused, but not kept waiting.
    status, _, text = server.request("GET", "/demo/@@toFS.snarf")
    assert status in (200, 500, 503)
    assert b"Traceback" not in text

    database.start()
    deadline = time.monotonic() + PATIENCE
    while not server.db.storage.is_connected():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert server.read(lambda root: root["demo"]["a.txt"].data) == b"old"
    assert server.commit(archive)
    assert server.read(lambda root: root["demo"]["a.txt"].data) == b"new"
