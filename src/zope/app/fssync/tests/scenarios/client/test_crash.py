"""A command may die at any operation: the next one finishes it or drops it.

Each command runs again and again in a process of its own, which is killed
before its k-th operation on a file, for every third k or on demand for all
(`test_faults` does so for all, in one process).  Then another command comes,
and every file has its old or its new content, and edits are there.
"""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import CannedNetwork
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.filefaults import NEW
from zope.app.fssync.testing.filefaults import OLD
from zope.app.fssync.tests.scenarios.client import killing
from zope.app.fssync.tests.scenarios.client.killing import STRIDE
from zope.app.fssync.tests.scenarios.client.killing import files_of

pytestmark = pytest.mark.slow


def control(home: Path) -> Path:
    return Path(control_of(str(home / "co")))


class Driver:
    """Runs verbs in processes that die."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.server = Server({"demo": None})

    def answer(self, objects: dict[str, bytes | None]) -> None:
        """What the server answers with, whatever it is sent."""
        server = Server(dict(objects))
        server.streamed = self.server.streamed
        self.server.answer = server.archive("demo")

    def operations(self, verb: str, target: str) -> int:
        """How many operations it takes to the end."""
        return killing.operations(lambda: self._run(verb, target))

    def kill(self, verb: str, target: str, last: int) -> None:
        """Run the verb in a process that dies before an operation."""
        killing.kill(lambda: self._run(verb, target), last)

    def _run(self, verb: str, target: str) -> None:
        network = CannedNetwork(self.server, self.home)
        fs = FSSync(network=network, rooturl=URL if verb == "checkout" else None)
        getattr(fs, verb)(target)


@pytest.fixture
def driver(home: Path) -> Driver:
    driver = Driver(home)
    driver.server.store = lambda top, archive: None  # type: ignore[method-assign]
    return driver


@pytest.fixture
def server() -> Server:
    return Server(dict(OLD))


def test_update_killed_anywhere_is_finished_or_undone(
    client: Client, co: Path, home: Path, driver: Driver
) -> None:
    (co / "edited.txt").write_bytes(b"ONE\n2\n3\n")
    (co / "stray.txt").write_bytes(b"stray\n")
    old = files_of(co)
    pristine = home / "pristine"
    shutil.copytree(home / "co", pristine, symlinks=True)
    driver.answer(NEW)
    total = driver.operations("update", "co/demo")
    new, whole = files_of(co), snapshot(home / "co")
    assert new == {
        "a.txt": b"changed\n",
        "b.txt": b"b\n",
        "edited.txt": b"ONE\n2\nTHREE\n",
        "fresh/in.txt": b"in\n",
        "fresh/more.txt": b"more\n",
        "new.txt": b"new\n",
        "stray.txt": b"stray\n",
    }
    outcomes = set()
    for last in range(0, total, STRIDE):
        shutil.rmtree(home / "co")
        shutil.copytree(pristine, home / "co", symlinks=True)
        driver.kill("update", "co/demo", last)
        present = files_of(co)
        for path in old.keys() | new.keys():
            assert present.get(path) in (old.get(path), new.get(path)), (last, path)
        lines = client.each("status", "co", verbose=False)
        assert "? co/demo/stray.txt" in lines
        assert not (control(home) / "Journal").exists(), last
        outcome = files_of(co)
        assert outcome in (old, new), last
        outcomes.add(outcome == new)
        client.server.objects = dict(NEW)
        client.each("update", "co")
        (control(home) / "Lock").unlink(missing_ok=True)
        assert snapshot(home / "co") == whole, last
    assert outcomes == {False, True}
    assert total > 20


def test_checkout_killed_anywhere_is_finished_or_undone(
    client: Client, home: Path, driver: Driver
) -> None:
    driver.answer(OLD)
    total = driver.operations("checkout", "co")
    whole = snapshot(home / "co")
    for last in range(0, total, STRIDE):
        shutil.rmtree(home / "co")
        driver.kill("checkout", "co", last)
        present = files_of(home / "co")
        wanted = {p: c for p, c in OLD.items() if c is not None}
        assert present in ({}, wanted) or present.items() <= wanted.items()
        client("status", "co")
        if not (home / "co" / "demo").exists():
            client("checkout", "co", url=URL)
        (control(home) / "Lock").unlink(missing_ok=True)
        assert snapshot(home / "co") == whole, last


@pytest.mark.parametrize("streamed", [False, True])
def test_checkout_again_completes_one_that_was_killed(
    client: Client, home: Path, driver: Driver, streamed: bool
) -> None:
    driver.server.streamed = streamed
    driver.answer(OLD)
    total = driver.operations("checkout", "co")
    assert total > 5
    (control(home) / "Lock").unlink(missing_ok=True)
    whole = snapshot(home / "co")
    for last in range(0, total, STRIDE):
        shutil.rmtree(home / "co")
        driver.kill("checkout", "co", last)
        client("checkout", "co", url=URL)
        (control(home) / "Lock").unlink(missing_ok=True)
        assert snapshot(home / "co") == whole, last


def test_commit_killed_anywhere_is_finished_or_undone(
    client: Client, co: Path, home: Path, driver: Driver
) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    (co / "new.txt").write_bytes(b"new\n")
    client("add", "co/demo/new.txt")
    client("remove", "co/demo/gone.txt")
    mine = files_of(co)
    pristine = home / "pristine"
    shutil.copytree(home / "co", pristine, symlinks=True)
    committed = {
        **OLD,
        "demo/a.txt": b"changed\n",
        "demo/new.txt": b"new\n",
    }
    del committed["demo/gone.txt"]
    driver.answer(committed)
    total = driver.operations("commit", "co/demo")
    for last in range(0, total, STRIDE):
        shutil.rmtree(home / "co")
        shutil.copytree(pristine, home / "co", symlinks=True)
        driver.kill("commit", "co/demo", last)
        assert files_of(co) == mine, last
        # The server has it; what was not taken over comes by an update.
        client.server.objects = dict(committed)
        client.each("update", "co")
        assert files_of(co) == mine, last
        assert client.each("status", "co", verbose=False) == [], last
        assert client.conflicts == []


def test_recovery_killed_anywhere_is_finished_by_the_next_command(
    client: Client, co: Path, home: Path, driver: Driver
) -> None:
    driver.answer(NEW)
    pristine = home / "pristine"
    shutil.copytree(home / "co", pristine)

    def interrupt(last: int) -> bool:
        """Kill an update; is its plan made by then?"""
        shutil.rmtree(home / "co")
        shutil.copytree(pristine, home / "co")
        driver.kill("update", "co/demo", last)
        return (control(home) / "Journal" / "plan").exists()

    planned = next(last for last in itertools.count() if interrupt(last))
    total = driver.operations("status", "co/demo")
    assert total > 10
    for last in range(0, total, STRIDE):
        interrupt(planned)
        driver.kill("status", "co/demo", last)
        assert client.each("status", "co", verbose=False) == [], last
        assert not (control(home) / "Journal").exists()
        assert (co / "a.txt").read_bytes() == b"changed\n"
        assert (co / "fresh" / "more.txt").read_bytes() == b"more\n"
        assert not (co / "gone.txt").exists()
