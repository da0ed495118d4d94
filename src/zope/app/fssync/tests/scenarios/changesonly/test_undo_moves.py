"""Moves within moves are taken back: here, on the server, and in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from zope.app.file.file import File
from zope.copypastemove.interfaces import IObjectMover
from zope.site.folder import Folder

from zope.app.fssync.tests.scenarios.changesonly import test_undo_page
from zope.app.fssync.tests.scenarios.changesonly.test_log import append
from zope.app.fssync.tests.scenarios.changesonly.test_log import change
from zope.app.fssync.tests.scenarios.changesonly.test_undo import content
from zope.app.fssync.tests.scenarios.changesonly.test_undo import last
from zope.fssync.errors import Error

pytestmark = pytest.mark.slow

Done = Callable[[Any], object]


def move(demo: Any, old: str, new: str) -> None:
    """Move an object by its path."""
    obj, (above, _, name) = demo, new.rpartition("/")
    for key in old.split("/"):
        obj = obj[key]
    target = demo
    for key in filter(None, above.split("/")):
        target = target[key]
    IObjectMover(obj).moveTo(target, name)


def moves(*pairs: tuple[str, str], after: Done | None = None) -> Done:
    def done(demo: Any) -> None:
        for pair in pairs:
            move(demo, *pair)
        if after is not None:
            after(demo)

    return done


def add(*path: str) -> Done:
    def done(demo: Any) -> None:
        for key in path[:-1]:
            demo = demo[key]
        demo[path[-1]] = File(b"new", "text/plain")

    return done


def remove(*path: str) -> Done:
    def done(demo: Any) -> None:
        for key in path[:-1]:
            demo = demo[key]
        del demo[path[-1]]

    return done


def gather(demo: Any) -> None:
    demo["new"] = Folder()
    move(demo, "docs/two.txt", "new/two.txt")


def rescue(demo: Any) -> None:
    move(demo, "docs/two.txt", "two.txt")
    del demo["docs"]


def replace(demo: Any) -> None:
    del demo["large.bin"]
    move(demo, "docs/two.txt", "large.bin")


def exchange(demo: Any) -> None:
    move(demo, "docs/two.txt", "x")
    move(demo, "large.bin", "docs/two.txt")
    move(demo, "x", "large.bin")


def exchange_folders(demo: Any) -> None:
    for pair in (("docs", "x"), ("secret", "docs"), ("x", "secret")):
        move(demo, *pair)
    append("secret", "two.txt")(demo)
    add("secret", "new.txt")(demo)
    remove("secret", "deep", "one.txt")(demo)


def turn(demo: Any) -> None:
    add("three.txt")(demo)
    for pair in (
        *(("three.txt", "x"), ("large.bin", "three.txt")),
        *(("docs/two.txt", "large.bin"), ("x", "docs/two.txt")),
    ):
        move(demo, *pair)


PAPERS = ("docs", "papers")

CASES = {
    "into a moved folder": moves(("large.bin", "docs/large.bin"), PAPERS),
    "a folder into a moved one": moves(("secret", "docs/secret"), PAPERS),
    "out of a moved folder": moves(("docs/two.txt", "two.txt"), PAPERS),
    "inside out": moves(("docs/deep", "deep"), ("docs", "deep/docs")),
    "within a moved folder": moves(("docs/two.txt", "docs/deep/2.txt"), PAPERS),
    "edited": moves(PAPERS, after=append("papers", "two.txt")),
    "added": moves(PAPERS, after=add("papers", "new.txt")),
    "removed": moves(PAPERS, after=remove("papers", "two.txt")),
    "out of a removed folder": rescue,
}

#: What takes a commit for each step.
STEPS = {
    "into a new folder": gather,
    "a chain": moves(("docs/two.txt", "two.txt"), ("large.bin", "docs/two.txt")),
    "replaced": replace,
    "inside out": CASES["inside out"],
}


#: What takes several commits, in one transaction.
TOGETHER = {
    **CASES,
    **STEPS,
    "exchanged": exchange,
    "exchanged folders": exchange_folders,
    "in a ring": turn,
}


@pytest.mark.parametrize("done", TOGETHER.values(), ids=TOGETHER)
def test_moves_are_taken_back_in_a_browser(server, site, done):
    before = content(site)
    change(site, "moved", done)
    after, tid = content(site), last(site)
    person = test_undo_page.Person(site)
    person.take_back(tid)
    assert content(site) == before
    undone = last(site)
    if done is not turn:
        person.take_back(undone)
        assert content(site) == after


@pytest.mark.parametrize(
    "done", [done for done in CASES.values() if done not in STEPS.values()]
)
def test_moves_are_taken_back_on_the_server(person, site, done):
    before = content(site)
    change(site, "moved", done)
    copy = person()
    copy("undo_on_server", "", last(site))
    assert content(site) == before
    assert copy("status", "", False, False) == []


@pytest.mark.parametrize("done", STEPS.values(), ids=STEPS)
def test_places_that_others_leave_take_a_second_commit(person, site, done):
    before = content(site)
    change(site, "moved", done)
    tid = last(site)
    copy = person()
    with pytest.raises(Error, match="cannot be taken back in one commit"):
        copy("undo_on_server", "", tid)
    assert copy("status", "", False, False) == []
    assert copy("undo_transaction", "", tid)
    copy("commit")
    assert content(site) != before
    copy("undo_transaction", "", tid)
    assert not copy.conflicts
    copy("commit")
    assert content(site) == before


def test_an_exchange_is_not_taken_back(person, site):
    change(site, "moved", exchange)
    copy = person()
    with pytest.raises(Error, match="exchanged the places"):
        copy("undo_transaction", "", last(site))
    assert copy("status", "", False, False) == []
