"""A process that reads from a replica of the database, which is behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from zope.app.fssync.testing import databases
from zope.app.fssync.testing.databases import PostgreSQL
from zope.app.fssync.tests.scenarios.storages.cluster import Cluster
from zope.app.fssync.tests.scenarios.storages.cluster import running
from zope.app.fssync.tests.scenarios.storages.cluster import transactions

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_proxies")]

#: Seconds by which the replica is behind.
LATE = 0.3


class Site(NamedTuple):
    """Two processes; the second one reads from the replica."""

    cluster: Cluster
    replica: PostgreSQL
    timers: list[threading.Timer]

    def behind(self, number: int) -> None:
        """Have a process answer, and the replica hear nothing of it."""
        self.replica.sql("select pg_wal_replay_pause()")
        self.cluster.by(number)

    def late(self) -> None:
        """Have the second one answer, and the replica follow while it works."""
        self.cluster.choose = self._late

    def _late(self) -> int:
        timer = threading.Timer(LATE, self.follow)
        self.timers.append(timer)
        timer.start()
        return 1

    def follow(self) -> None:
        self.replica.sql("select pg_wal_replay_resume()")


@pytest.fixture
def site(configured_layer: object, tmp_path: Path) -> Iterator[Site]:
    with databases.postgresql() as server:
        dsn = server("site")
        (tmp_path / "replicas").write_text("")
        first = databases.relational(dsn, True, tmp_path / "first").open()
        with server.replica() as replica:
            (tmp_path / "replicas").write_text(f"{replica.place}\n")
            more = f"ro-replica-conf {tmp_path}/replicas"
            second = databases.relational(dsn, True, tmp_path / "second", more).open()
            with running([first, second], tmp_path) as cluster:
                site = Site(cluster, replica, [])
                yield site
                for timer in site.timers:
                    timer.cancel()
                    timer.join()


def test_a_replica_may_be_behind(site: Site) -> None:
    ann, bob = site.cluster.person("ann"), site.cluster.person("bob")
    site.late()
    ann.update()
    for number in range(2):
        site.behind(number % 2)
        ann.write("a.txt", b"%d\n" % number)
        ann.commit()
        site.late()
        ann.update()
        assert ann.read("a.txt") == b"%d\n" % number
        ann.check()
    site.behind(0)
    ann.write("a.txt", b"Ann's\n")
    ann.commit()
    bob.update()
    bob.write("b.txt", b"Bob's\n")
    site.late()
    bob.commit()
    bob.update()
    bob.check()
    assert bob.read("a.txt") == b"Ann's\n"
    assert transactions(ann) == 5
