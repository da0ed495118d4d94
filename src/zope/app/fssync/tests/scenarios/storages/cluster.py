"""Processes of a site with one database, each as a database of this process.

What a process knows of the database is in its connections and caches: those are
separate here, too.  One address leads to all of them, as that of a balancer does.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import transaction
import waitress.server
import zope.processlifetime
from ZODB.Connection import Connection
from zope.app.file.file import File
from zope.app.wsgi import WSGIPublisherApplication
from zope.event import notify
from zope.site.folder import Folder

from zope.app.fssync.client.log import Query
from zope.app.fssync.tests.scenarios.storages.people import Person

__all__ = ["PHASES", "Cluster", "once_at", "running", "transactions"]

#: What a connection does when it commits, the first and the last of it.
PHASES = ["commit", "tpc_vote", "tpc_finish"]

TEXTS = {"a.txt": b"old\n", "b.txt": b"b\n", "notes/c.txt": b"c\n"}


class Cluster:
    """The processes, and which of them gets the next request."""

    def __init__(self, databases: list[Any], home: Path) -> None:
        self.databases = databases
        self._home = home
        self._sites = [WSGIPublisherApplication(db) for db in databases]
        #: By whom a request is answered.
        self.choose: Callable[[], int] = lambda: 0
        self.port = 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self._sites[self.choose()](environ, start_response)

    def by(self, number: int) -> None:
        """Send all requests to one process."""
        self.choose = lambda: number

    def person(self, name: str) -> Person:
        """Check out for somebody."""
        home = self._home / name
        home.mkdir()
        return Person(f"http://manager:managerpw@127.0.0.1:{self.port}/demo", home)

    def stored(self, path: str) -> bytes:
        """What is stored in a file."""
        manager = transaction.TransactionManager()
        connection = self.databases[0].open(manager)
        try:
            connection.sync()
            found = connection.root()["Application"]["demo"]
            for name in path.split("/"):
                found = found[name]
            data: bytes = found.data
            return data
        finally:
            manager.abort()
            connection.close()


def transactions(person: Person) -> int:
    """How many transactions changed the folder."""
    with person.client() as fs:
        return len(list(fs.log(str(person.top), Query(limit=100))))


def once_at(
    phase: str, what: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> list[Callable[[], object]]:
    """Have something done when a connection comes to a phase, the first time.

    What is returned is empty once it was done.
    """
    step = getattr(Connection, phase)
    todo = [what]

    def interrupted(self: Any, *args: Any) -> Any:
        if todo:
            todo.pop()()
        return step(self, *args)

    monkeypatch.setattr(Connection, phase, interrupted)
    return todo


def _fill(db: Any) -> None:
    notify(zope.processlifetime.DatabaseOpened(db))
    manager = transaction.TransactionManager()
    connection = db.open(manager)
    try:
        root = connection.root()["Application"]
        if "demo" in root:
            # Of the test before.
            del root["demo"]
        demo = root["demo"] = Folder()
        demo["notes"] = Folder()
        for path, data in TEXTS.items():
            *above, name = path.split("/")
            (demo[above[0]] if above else demo)[name] = File(data, "text/plain")
        manager.commit()
    finally:
        connection.close()


@contextlib.contextmanager
def running(databases: list[Any], home: Path) -> Iterator[Cluster]:
    """Serve them on one port; they are closed in the end."""
    _fill(databases[0])
    cluster = Cluster(databases, home)
    server = waitress.server.create_server(
        cluster, port=0, host="127.0.0.1", asyncore_loop_timeout=0.1
    )
    cluster.port = server.effective_port
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield cluster
    finally:
        server.trigger.pull_trigger(server.close)
        server.task_dispatcher.shutdown()
        thread.join(60)
        transaction.abort()
        for db in databases:
            db.close()
