"""git with several server processes on one database, each request by any of them."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from zope.app.fssync.testing import databases
from zope.app.fssync.testing.databases import Storage
from zope.app.fssync.testing.gitperson import GitPerson
from zope.app.fssync.tests.scenarios.storages.line import Line
from zope.app.fssync.tests.scenarios.storages.people import NAME
from zope.app.fssync.tests.scenarios.storages.people import PASSWORD
from zope.app.fssync.tests.scenarios.storages.people import Person
from zope.app.fssync.tests.scenarios.storages.people import Servers
from zope.fssync.errors import OutOfDate

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_proxies")]

TODO = "notes/todo.txt"


class Balancer(Line):
    """Connects each caller to the next process."""

    def __init__(self, servers: Servers) -> None:
        ports = [each.running.port for each in servers.demos]
        self._ports = itertools.cycle(ports)
        super().__init__(("127.0.0.1", ports[0]))

    def _connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", next(self._ports)))


@pytest.fixture(scope="module", params=["ZEO", "RelStorage"])
def storage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Storage]:
    place = tmp_path_factory.mktemp("storage")
    if request.param == "ZEO":
        with databases.served(place) as served:
            yield served
    else:
        with databases.postgresql() as database:
            yield databases.relational(database("git"), True, place)


@pytest.fixture(scope="module")
def servers(
    storage: Storage, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servers]:
    servers = Servers(storage, tmp_path_factory.mktemp("servers"))
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture
def url(servers: Servers) -> Iterator[str]:
    """The address of a balancer, with the sample content behind it."""
    servers.begin_anew()
    balancer = Balancer(servers)
    host = f"127.0.0.1:{balancer.address[1]}"
    yield f"http://{NAME}:{PASSWORD}@{host}/demo"
    balancer.close()


@pytest.fixture
def jane(tmp_path: Path) -> GitPerson:
    return GitPerson(tmp_path)


def both_at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do works in threads that begin together; return their results."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_the_commits_of_racing_clones_all_arrive_once(
    url: str, jane: GitPerson
) -> None:
    clones = [jane.clone(url, f"clone{number}") for number in range(2)]
    subjects = []
    for number, clone in enumerate(clones):
        for count in range(2):
            clone.write(f"{number}.txt", f"{count}\n")
            clone.write(f"notes/{number}-{count}.txt", f"{count}\n")
            subjects.append(f"{count} of {number}")
            clone.commit(subjects[-1])
    done = both_at_once(*(each.push_all_the_same for each in clones))
    for each in chain(*done):
        assert "[rejected]" in each, each
    fresh = jane.clone(url, "fresh")
    found = fresh.log()
    assert [found.count(each) for each in subjects] == [1] * len(subjects)
    for clone in clones:
        clone("pull", "--quiet", "--ff-only")
        assert clone.head() == fresh.head()
        assert clone.status() == "## main...origin/main"


def test_a_push_races_a_commit_of_the_same_file(
    url: str, jane: GitPerson, tmp_path: Path
) -> None:
    clone = jane.clone(url, "clone")
    (tmp_path / "ann").mkdir()
    ann = Person(url, tmp_path / "ann")
    old = clone.read(TODO)
    clone.write(TODO, f"Jane's\n{old}")
    clone.commit("Jane's")
    ann.write(TODO, f"{old}Ann's\n".encode())

    def commit() -> bool:
        try:
            ann.commit()
        except OutOfDate:
            return False
        return True

    pushed, committed = both_at_once(clone.push, commit)
    assert committed is not (pushed.returncode == 0)
    if committed:
        assert "[rejected]" in pushed.stderr, pushed.stderr
        assert clone.push_all_the_same() != []
    ann.update()
    ann.commit()
    clone("pull", "--quiet", "--ff-only")
    assert clone.read(TODO) == f"Jane's\n{old}Ann's\n"
    assert jane.clone(url, "fresh").read(TODO) == clone.read(TODO)


def test_a_push_to_one_process_is_pulled_from_the_next(
    url: str, jane: GitPerson
) -> None:
    mine, yours = (jane.clone(url, name) for name in ("mine", "yours"))
    for number in range(4):
        mine.write(TODO, f"{number}\n")
        mine.commit(f"{number}")
        mine("push", "--quiet")
        yours("pull", "--quiet", "--ff-only")
        assert yours.read(TODO) == f"{number}\n"
        mine, yours = yours, mine
