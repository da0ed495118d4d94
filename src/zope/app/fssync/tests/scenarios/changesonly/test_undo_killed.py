"""A command that takes back what was done may be killed at any operation on a file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from zope.app.fssync.tests.scenarios.changesonly.people import Person
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.app.fssync.tests.scenarios.changesonly.test_log import change
from zope.app.fssync.tests.scenarios.changesonly.test_undo import change_all
from zope.app.fssync.tests.scenarios.changesonly.test_undo import content
from zope.app.fssync.tests.scenarios.changesonly.test_undo import last
from zope.app.fssync.tests.scenarios.client.killing import STRIDE
from zope.app.fssync.tests.scenarios.client.killing import files_of
from zope.app.fssync.tests.scenarios.client.killing import kill
from zope.app.fssync.tests.scenarios.client.killing import operations

pytestmark = pytest.mark.slow


class Ordeal:
    """A command that takes back a transaction, in a working copy that is put back."""

    def __init__(self, copy: Person, site: Site, verb: str) -> None:
        self.copy = copy
        self.verb = verb
        begin = last(site)
        change(site, "a bit of everything", change_all)
        self.revision = begin if verb == "revert_to" else last(site)
        copy("update")

    def keep(self) -> None:
        """Note the state that the command is run in."""
        self.pristine = self.copy.place / "pristine"
        shutil.copytree(self.copy.root, self.pristine, symlinks=True)
        self.old = self.files()

    def restore(self) -> None:
        shutil.rmtree(self.copy.root)
        shutil.copytree(self.pristine, self.copy.root, symlinks=True)

    def __call__(self) -> None:
        self.copy(self.verb, "", self.revision)
        assert not self.copy.conflicts

    def files(self) -> dict[str, Any]:
        return files_of(self.copy.top)

    def killed(self, number: int) -> None:
        """Kill it; the next command leaves each file as it was or as it was to be."""
        self.restore()
        kill(self, number)
        for path, found in self.files().items():
            assert found in (self.old.get(path), self.new.get(path)), (number, path)
        self.status()
        assert self.files() in (self.old, self.new), number

    def status(self) -> list[str]:
        return self.copy("status", "", False, False)

    def count(self) -> int:
        """Run it to the end; return how many operations on files it takes."""
        found = operations(self)
        self.new = self.files()
        assert self.new != self.old
        return found


@pytest.fixture
def copy(person: Callable[..., Person]) -> Person:
    return person()


@pytest.mark.parametrize("verb", ["undo_transaction", "revert_to"])
def test_a_killed_undo_is_whole_or_not_done(copy, site, verb):
    before = content(site)
    ordeal = Ordeal(copy, site, verb)
    copy.write("large.bin", b"mine")
    (copy.top / "stray.txt").write_bytes(b"stray")
    ordeal.keep()
    outcomes = set()
    for number in range(0, ordeal.count(), STRIDE):
        ordeal.killed(number)
        is_done = ordeal.files() == ordeal.new
        outcomes.add(is_done)
        if is_done:
            copy("undo")
            assert ordeal.files() == ordeal.old, number
        ordeal()
        assert ordeal.files() == ordeal.new, number
    assert outcomes == {False, True}
    assert copy.read("large.bin") == b"mine"
    copy("revert", "large.bin")
    copy("commit")
    assert content(site) == before


def test_an_undo_on_the_server_is_whole_after_a_kill(copy, site):
    ordeal = Ordeal(copy, site, "undo_on_server")
    ordeal.keep()
    old = content(site)
    site.database.back_up("before")
    total = ordeal.count()
    new = content(site)
    outcomes = set()
    for number in range(0, total, STRIDE):
        site.restore("before")
        ordeal.killed(number)
        is_done = content(site) == new
        assert is_done or content(site) == old
        outcomes.add((is_done, ordeal.files() == ordeal.new))
        if is_done:
            copy("update")
        elif ordeal.files() == ordeal.old:
            ordeal()
        elif number % 2:
            copy("commit")
        else:
            copy("undo")
            assert ordeal.status() == [], number
            ordeal()
        assert content(site) == new, number
        assert ordeal.files() == ordeal.new, number
        assert ordeal.status() == [], number
    assert outcomes == {(False, False), (False, True), (True, True)}
