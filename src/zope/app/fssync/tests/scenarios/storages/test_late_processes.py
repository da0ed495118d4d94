"""Processes that learn late of what others have stored: nothing is lost or doubled."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from typing import NamedTuple

import pytest
import ZEO

from zope.app.fssync.testing import databases
from zope.app.fssync.testing.gitperson import GitPerson
from zope.app.fssync.tests.scenarios.storages.cluster import PHASES
from zope.app.fssync.tests.scenarios.storages.cluster import Cluster
from zope.app.fssync.tests.scenarios.storages.cluster import once_at
from zope.app.fssync.tests.scenarios.storages.cluster import running
from zope.app.fssync.tests.scenarios.storages.cluster import transactions
from zope.app.fssync.tests.scenarios.storages.line import Line
from zope.app.fssync.tests.scenarios.storages.people import LostReplies
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import ServerUnreachable

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_proxies")]

#: Seconds by which a process is late.
LATE = 0.2


class Late(NamedTuple):
    """Two processes on a ZEO server; the second one is behind a line."""

    cluster: Cluster
    line: Line

    def in_time(self) -> None:
        """Have the first one answer, and the second one hear nothing of it."""
        self.line.hold()
        self.cluster.by(0)

    def late(self) -> None:
        """Have the second one answer, which hears the news while it works."""
        self.cluster.choose = self._late

    def _late(self) -> int:
        self.line.release(LATE)
        return 1

    def by_turns(self) -> None:
        """Have them answer in turns, of which the second one is late."""
        turns = itertools.count()

        def choose() -> int:
            number = next(turns) % 2
            self.line.release(LATE / 4) if number else self.line.hold()
            return number

        self.cluster.choose = choose


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    place = tmp_path_factory.mktemp("zeo")
    with databases.served(place) as storage:
        yield storage.address


@pytest.fixture
def late(configured_layer, address: tuple[str, int], tmp_path: Path) -> Iterator[Late]:
    line = Line(address)
    # As ZEO has it by default, nobody asks whether there is something new.
    opened = [
        ZEO.DB(where, wait_timeout=60, server_sync=False)
        for where in (address, line.address)
    ]
    with running(opened, tmp_path) as cluster:
        # The late one has heard of the folder, and has all of it in its cache.
        opened[1].storage.ping()
        cluster.by(1)
        cluster.person("reader")
        yield Late(cluster, line)
    line.close()


def test_a_user_who_goes_to_a_late_process_gets_what_she_has_seen(late: Late) -> None:
    ann, bob = late.cluster.person("ann"), late.cluster.person("bob")
    for number in range(3):
        late.in_time()
        ann.write("a.txt", b"%d\n" % number)
        ann.commit()
        late.late()
        ann.update()
        assert ann.read("a.txt") == b"%d\n" % number
        ann.check()
    # He has seen it, too, and his state is of that moment.
    late.in_time()
    ann.write("b.txt", b"Ann's\n")
    ann.commit()
    bob.update()
    late.late()
    bob.update()
    assert bob.read("a.txt") == b"2\n"
    assert bob.read("b.txt") == b"Ann's\n"
    bob.check()
    late.in_time()
    ann.write("b.txt", b"Ann's again\n")
    ann.commit()
    bob.update()
    bob.write("a.txt", b"Bob's\n")
    late.late()
    bob.commit()
    bob.check()
    assert transactions(ann) == 7


def test_each_request_goes_to_another_process(late: Late) -> None:
    people = [late.cluster.person("ann"), late.cluster.person("bob")]
    late.by_turns()
    for number in range(2):
        for person, path in zip(people, ("a.txt", "b.txt"), strict=True):
            person.write(path, b"%d\n" % number)
            person.add(f"{path}.{number}", b"new\n")
            person.commit()
            person.update()
            assert person.read(path) == b"%d\n" % number
    late.late()
    for person in people:
        person.update()
        person.check()
        assert person.read("a.txt") == person.read("b.txt") == b"1\n"
        assert person.read("a.txt.0") == person.read("b.txt.1") == b"new\n"
    assert transactions(people[0]) == 1 + 2 * 2


def test_two_who_change_the_same_by_two_processes(late: Late) -> None:
    ann, bob = late.cluster.person("ann"), late.cluster.person("bob")
    late.late()
    bob.update()
    bob.write("a.txt", b"Bob's\n")
    late.in_time()
    ann.write("a.txt", b"Ann's\n")
    ann.add("notes/ann.txt", b"Ann's\n")
    ann.commit()
    late.late()
    with pytest.raises(OutOfDate):
        bob.commit()
    assert late.cluster.stored("a.txt") == b"Ann's\n"
    # What others have not changed is accepted, by a process that is late.
    bob.write("a.txt", b"old\n")
    bob.add("notes/bob.txt", b"Bob's\n")
    late.in_time()
    ann.write("a.txt", b"Ann's again\n")
    ann.commit()
    late.late()
    bob.commit()
    for person in (ann, bob):
        person.update()
        person.check()
        assert person.read("a.txt") == b"Ann's again\n"
        assert person.read("notes/ann.txt") == b"Ann's\n"
        assert person.read("notes/bob.txt") == b"Bob's\n"


def test_a_commit_is_repeated_at_a_process_that_has_not_heard_of_it(late: Late) -> None:
    late.late()
    ann = late.cluster.person("ann")
    ann.write("a.txt", b"new\n")
    ann.add("notes/ann.txt", b"Ann's\n")
    late.in_time()
    with pytest.raises(ServerUnreachable):
        ann._run("commit", ann.top, network=LostReplies)
    late.late()
    ann.commit()
    ann.update()
    ann.check()
    assert ann.read("a.txt") == b"new\n"
    assert transactions(ann) == 2


def test_git_fetches_and_pushes_by_a_process_that_is_late(
    late: Late, tmp_path: Path
) -> None:
    jane = GitPerson(tmp_path / "jane")
    url = f"http://manager:managerpw@127.0.0.1:{late.cluster.port}/demo"
    mine, yours = (jane.clone(url, name) for name in ("mine", "yours"))
    late.in_time()
    mine.write("a.txt", "mine\n")
    mine.commit("Mine")
    mine("push", "--quiet")
    # The server has added dates.
    mine("pull", "--quiet", "--ff-only")
    # The late process has not heard of the transaction that this clone knows.
    late.late()
    assert mine("fetch") == ""
    late.in_time()
    mine.write("a.txt", "mine again\n")
    mine.commit("Mine again")
    mine("push", "--quiet")
    yours.write("a.txt", "yours\n")
    yours.commit("Yours")
    late.late()
    assert "[rejected]" in yours("push", status=1)
    assert late.cluster.stored("a.txt") == b"mine again\n"
    mine.write("notes/c.txt", "mine\n")
    mine.commit("Mine, too")
    mine("push", "--quiet")
    late.by_turns()
    yours("fetch", "--quiet")
    yours("rebase", "--quiet", "--strategy-option=theirs", "origin/main")
    yours("push", "--quiet")
    mine("pull", "--quiet", "--ff-only")
    assert mine.head() == jane.clone(url, "fresh").head()
    said = [each for each in mine.log() if each in ("Mine", "Mine again", "Yours")]
    assert said == ["Yours", "Mine again", "Mine"]


@pytest.mark.parametrize("phase", PHASES)
def test_a_commit_is_stored_once_if_the_answer_of_the_database_is_lost(
    late: Late, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    late.cluster.by(1)
    ann = late.cluster.person("ann")
    todo = once_at(phase, late.line.lose, monkeypatch)
    ann.write("a.txt", b"new\n")
    ann.add("notes/ann.txt", b"Ann's\n")
    ann.commit()
    assert not todo
    assert late.cluster.stored("a.txt") == b"new\n"
    ann.update()
    ann.check()
    assert transactions(ann) == 2


@pytest.mark.parametrize("number", [1, 5])
def test_the_connection_to_the_database_breaks_while_much_is_read(
    late: Late, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    late.cluster.by(1)
    db = late.cluster.databases[1]
    db.cacheMinimize()
    db.storage._cache.clear()
    numbers = itertools.count(1)
    load = db.storage._server.load_before

    def interrupted(oid: bytes, tid: bytes) -> Any:
        if next(numbers) == number:
            late.line.lose()
        return load(oid, tid)

    monkeypatch.setattr(db.storage._server, "load_before", interrupted)
    ann = late.cluster.person("ann")
    assert next(numbers) > number
    ann.check()
