"""The number of withheld objects is shown to those from whom they are withheld."""

from __future__ import annotations

import json

from zope.app.fssync.testing.demoserver import Place


def messages(place: Place, *args: str) -> str:
    """Run a command, and return what it writes to standard error."""
    process = place.start(*args)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    return err


def test_a_partial_checkout_counts_what_is_withheld(place: Place) -> None:
    place("logout", "--all")
    err = messages(place, "checkout", place.url(user=""), "anonymous")
    assert err.startswith("hint: the server withheld ")
    url = place.url(user="")
    assert f"; you are not logged in: after 'zsync login {url}' the next" in err
    assert "next update brings what you may see\n" in err
    status = messages(place, "status", "anonymous")
    assert status == err.replace(";", " when it last sent all of notes;")
    assert messages(place, "status", "-q", "anonymous") == ""
    assert messages(place, "--compat", "status", "anonymous") == ""
    document = json.loads(place("status", "--json", "anonymous"))
    assert [each["text"] for each in document["messages"]] == [status.rstrip("\n")]


def test_a_partial_update_counts_what_is_withheld(place: Place) -> None:
    place("logout", "--all")
    messages(place, "checkout", place.url(user=""), "anonymous")
    place("login", place.url())
    place.todo.write_text("- edited\n")
    place("commit", "co")
    place("logout", "--all")
    err = messages(place, "update", "anonymous")
    assert err.startswith("hint: the server withheld ")


def test_a_stored_login_brings_what_was_withheld(place: Place) -> None:
    place("logout", "--all")
    messages(place, "checkout", place.url(user=""), "anonymous")
    place("login", place.url())
    assert messages(place, "status", "anonymous").startswith("hint: ")
    assert messages(place, "update", "anonymous") == ""
    assert messages(place, "status", "anonymous") == ""


def test_a_whole_checkout_says_nothing_of_it(place: Place) -> None:
    assert messages(place, "checkout", place.url(), "whole") == ""
