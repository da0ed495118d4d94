"""Errors tell what was done before, and what was not tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.partial import partial_advice
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import Error


def test_an_update_that_fails_tells_what_was_updated_before(
    client: Client, server: Server, co: Path
) -> None:
    server.objects["demo/a.txt"] = b"theirs\n"
    with pytest.raises(Error) as caught:
        client("update_all", ["co/demo/a.txt", "co/demo/nosuch", "co/demo/b.txt"])
    assert (co / "a.txt").read_bytes() == b"theirs\n"
    assert caught.value.advice == (
        "Updated before: 'co/demo/a.txt'. Not tried: 'co/demo/b.txt'."
    )


def test_advice_that_nothing_was_done_is_true_of_the_rest() -> None:
    error = Error("oh", advice="Nothing was changed here.")
    assert partial_advice(error, "Updated", ["a"], []) == (
        "Updated before: 'a'. Nothing else was changed here."
    )
    assert partial_advice(error, "Updated", [], []) == "Nothing was changed here."
    assert partial_advice(Error("oh"), "Updated", [], []) is None
