"""A demo server behind a proxy, with a prefix and without: every path is its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.demoserver import Place
from zope.app.fssync.testing.demoserver import demo
from zope.app.fssync.testing.demoserver import place
from zope.app.fssync.testing.demoserver import template
from zope.app.fssync.testing.virtualhost import VirtualHost
from zope.app.fssync.testing.virtualhost import virtual_host

pytestmark = pytest.mark.slow

__all__ = ["demo", "place", "template"]


@pytest.fixture(params=["", "/pre"])
def host(request: pytest.FixtureRequest, place: Place) -> Iterator[VirtualHost]:
    """The folder /demo as a host of its own, below a prefix or not."""
    prefix = request.param
    inner = f"/demo/++vh++http:HOST{prefix}/++"
    with virtual_host(place.demo.running.port, inner, prefix) as found:
        yield found


def fetched(place: Place, name: str) -> Path:
    """What the server has, seen without the virtual host."""
    place("checkout", place.url("/demo"), name)
    return place.directory / name / "demo"


def test_an_object_of_a_virtual_host_is_updated_and_committed(
    place: Place, host: VirtualHost
) -> None:
    place("checkout", host.url("/notes"), "mine")
    place("checkout", host.url("/notes"), "theirs")
    mine, theirs = (place.directory / name / "notes" for name in ("mine", "theirs"))
    (mine / "todo.txt").write_text("committed with the tree\n")
    place("commit", "mine")
    place("update", "theirs/notes/todo.txt")
    assert (theirs / "todo.txt").read_text() == "committed with the tree\n"
    (theirs / "todo.txt").write_text("committed alone\n")
    new = f"new{len(host.prefix)}.txt"
    (theirs / new).write_text("new\n")
    place("add", f"theirs/notes/{new}")
    place("commit", "theirs/notes/todo.txt")
    place("commit", "theirs")
    place("update", "mine")
    assert (mine / "todo.txt").read_text() == "committed alone\n"
    assert (mine / new).read_text() == "new\n"
    assert place("status", "mine") == place("status", "theirs") == ""
    there = fetched(place, "there")
    assert (there / "notes" / "todo.txt").read_text() == "committed alone\n"
    begin = f"{host.prefix}/notes/"
    assert all(request.split()[1].startswith(begin) for request in host.requests)


def test_the_root_of_a_virtual_host_is_checked_out(
    place: Place, host: VirtualHost
) -> None:
    place("checkout", host.url("/"), "mine")
    top = place.directory / "mine" / "demo"
    todo = top / "notes" / "todo.txt"
    todo.write_text("in the root\n")
    place("commit", "mine")
    place("update", "mine")
    place("update", "mine/demo/notes")
    todo.write_text("below the root\n")
    place("commit", "mine/demo/notes/todo.txt")
    place("doctor", "mine")
    assert place("status", "mine") == ""
    there = fetched(place, "there")
    assert (there / "notes" / "todo.txt").read_text() == "below the root\n"


def test_an_object_is_copied_into_a_virtual_host(
    place: Place, host: VirtualHost
) -> None:
    place("checkout", host.url("/notes"), "mine")
    copied = f"copied{len(host.prefix)}"
    place("checkin", host.url(f"/{copied}"), "mine")
    assert (fetched(place, "there") / copied / "todo.txt").exists()


def test_the_checkout_of_another_object_is_not_merged_into_one_of_that_name(
    place: Place,
) -> None:
    """The name is the same, the object is not."""
    (place.notes / "notes").mkdir()
    (place.notes / "notes" / "inner.txt").write_text("inner\n")
    place("add", "co/notes/notes")
    place("commit", "co")
    error = place("checkout", place.url("/demo/notes/notes"), "co", status=1)
    assert "was checked out from another place" in error
    assert place.todo.exists()


def test_several_objects_of_one_server_have_an_address_each(place: Place) -> None:
    place("checkout", place.url("/demo"), "co")
    (place.directory / "co" / "demo" / "notes" / "todo.txt").write_text("one\n")
    place("commit", "co/demo")
    place("update", "co/notes")
    assert place.todo.read_text() == "one\n"
    place.todo.write_text("two\n")
    place("commit", "co/notes/todo.txt")
    place("update", "co")
    there = place.directory / "co" / "demo" / "notes" / "todo.txt"
    assert there.read_text() == "two\n"
    # As a working copy of 3.6.0 is, which keeps one URL.
    (control(place.directory / "co") / "Roots").unlink()
    place("update", "co/demo")
    error = place("update", "co/notes", status=1)
    assert "zsync checkout URL" in error
    place("checkout", place.url(), "co")
    place("update", "co/notes")
    place("update", "co/demo")
    place("doctor", "co")
    place("downgrade", "co")
    place("update", "co/demo")
    assert place("status", "co") == ""


def test_removed_objects_are_neither_updated_nor_committed(place: Place) -> None:
    (place.notes / "gone.txt").write_text("theirs\n")
    place("add", "co/notes/gone.txt")
    place("commit", "co")
    place("checkout", place.url("/demo/notes/gone.txt"), "one")
    place("remove", "co/notes/gone.txt")
    place("commit", "co")
    gone = place.directory / "one" / "gone.txt"
    gone.write_text("mine\n")
    for verb in ("update", "commit"):
        error = place(verb, "one/gone.txt", status=6)
        assert "/demo/notes/gone.txt is no longer there" in error
    assert gone.read_text() == "mine\n"
