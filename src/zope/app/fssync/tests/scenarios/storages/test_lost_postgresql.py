"""Two processes on PostgreSQL, which goes away and comes back, with odd clocks."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from typing import NamedTuple

import pytest
import ZODB.config
from ZODB.Connection import Connection
from zope.app.file.file import File

import zope.app.fssync
from zope.app.fssync.testing import databases
from zope.app.fssync.testing.databases import PostgreSQL
from zope.app.fssync.tests.scenarios.storages.cluster import Cluster
from zope.app.fssync.tests.scenarios.storages.cluster import once_at
from zope.app.fssync.tests.scenarios.storages.cluster import running
from zope.app.fssync.tests.scenarios.storages.line import Line
from zope.app.fssync.tests.scenarios.storages.people import LostReplies
from zope.fssync.errors import Error
from zope.fssync.errors import ServerUnreachable

DEPLOY = Path(*zope.app.fssync.__path__).parents[3] / "deploy"

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_proxies")]

_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with databases.postgresql() as server:
        yield server


class Site(NamedTuple):
    """Two processes on PostgreSQL; the second one is behind a line."""

    cluster: Cluster
    server: PostgreSQL
    name: str
    line: Line


@pytest.fixture(params=[True], ids=["with history"])
def site(
    request: pytest.FixtureRequest,
    configured_layer: object,
    server: PostgreSQL,
    tmp_path: Path,
) -> Iterator[Site]:
    name = f"site{next(_numbers)}"
    dsn = server(name)
    line = Line(f"{server.place}/.s.PGSQL.5432")
    host, port = line.address
    opened = [
        databases.relational(each, request.param, place).open()
        for each, place in (
            (dsn, tmp_path / "first"),
            (f"dbname={name} user=zodb host={host} port={port}", tmp_path / "second"),
        )
    ]
    with running(opened, tmp_path) as cluster:
        yield Site(cluster, server, name, line)
    line.close()


def terminated(site: Site) -> None:
    """End all connections to the database, as an administrator does."""
    site.server.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        f" where datname = '{site.name}'"
    )


def restarted(site: Site) -> None:
    """End the server and all connections, and start it again."""
    site.server.stop()
    site.server.start()


def lost(site: Site) -> None:
    """Lose what the server says, and then the connection."""
    site.line.lose()


@pytest.mark.parametrize(
    ("site", "what", "phase", "changed"),
    [
        (True, terminated, "tpc_vote", "Nothing was changed. Try again"),
        (True, restarted, "tpc_vote", "Nothing was changed. Try again"),
        (True, lost, "tpc_vote", "Nothing was changed. Try again"),
        (True, lost, "tpc_finish", "changes may have been stored"),
        (False, lost, "tpc_finish", "changes may have been stored"),
    ],
    indirect=["site"],
)
def test_a_commit_is_done_once(
    site: Site,
    what: Callable[[Site], None],
    phase: str,
    changed: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site.cluster.by(1)
    ann = site.cluster.person("ann")
    todo = once_at(phase, lambda: what(site), monkeypatch)
    ann.write("a.txt", b"new\n")
    ann.add("notes/ann.txt", b"Ann's\n")
    with pytest.raises(Error, match=f"The database did not answer.*{changed}"):
        ann.commit()
    assert not todo
    was_stored = site.cluster.stored("a.txt") == b"new\n"
    assert was_stored == (phase == "tpc_finish")
    ann.commit()
    assert site.cluster.stored("a.txt") == b"new\n"
    ann.update()
    ann.check()
    bob = site.cluster.person("bob")
    bob.write("b.txt", b"Bob's\n")
    bob.commit()
    ann.update()
    ann.check()


@pytest.mark.parametrize(("what", "number"), [(terminated, 1), (lost, 3)])
def test_a_checkout_is_whole_or_refused(
    site: Site,
    what: Callable[[Site], None],
    number: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site.cluster.by(1)
    numbers = itertools.count(1)
    load = Connection.setstate

    def interrupted(self: Connection, obj: object) -> Any:
        if isinstance(obj, File) and next(numbers) == number:
            what(site)
        return load(self, obj)

    monkeypatch.setattr(Connection, "setstate", interrupted)
    with pytest.raises(Error, match="The database did not answer"):
        site.cluster.person("ann")
    ann = site.cluster.person("bob")
    ann.check()
    assert ann.read("a.txt") == b"old\n"


@pytest.mark.parametrize("site", [False], indirect=True)
def test_clocks_of_processes_differ(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = threading.local()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + getattr(here, "ahead", 0))
    turns = itertools.count()

    def choose() -> int:
        number = next(turns) % 2
        here.ahead = (-7200, 86400)[number]
        return number

    site.cluster.choose = choose
    people = [site.cluster.person("ann"), site.cluster.person("bob")]
    for number in range(3):
        for person, path in zip(people, ("a.txt", "b.txt"), strict=True):
            person.write(path, b"%d\n" % number)
            with pytest.raises(ServerUnreachable):
                person._run("commit", person.top, network=LostReplies)
            person.commit()
    for person in people:
        person.update()
        person.check()
        assert person.read("a.txt") == person.read("b.txt") == b"2\n"


@pytest.mark.skipif(not DEPLOY.exists(), reason="an installed package has none")
def test_the_sample_configuration_works(server: PostgreSQL, tmp_path: Path) -> None:
    text = (DEPLOY / "relstorage.conf").read_text()
    dsn = server("sample")
    for old, new in (
        ("dbname=site user=zope host=127.0.0.1", dsn),
        ("/srv/site/var", str(tmp_path)),
        # These are of Zope.
        ("zodb_db main", "zodb main"),
        ("zodb_db", "zodb"),
        ("mount-point /", ""),
    ):
        assert old in text
        text = text.replace(old, new)
    db = ZODB.config.databaseFromString(text)
    with db.transaction() as connection:
        connection.root()["a"] = 1
    assert db.supportsUndo()
    db.close()
