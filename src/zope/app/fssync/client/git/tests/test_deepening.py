"""Which older transactions a shallow clone asks for; the scenarios have the rest."""

from __future__ import annotations

from typing import Any

import pytest

from zope.app.fssync.client.git import deepening
from zope.app.fssync.client.git.clone import Clone
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import LogPage
from zope.fssync.limits import GIT_DEPTH

#: No server is asked.
NOBODY: Any = None


@pytest.fixture
def clone(git):
    return Clone(git, "origin", "http://localhost/demo")


def deepen(clone, tip, depth, is_relative=False):
    deepening.deepen(clone, NOBODY, tip, depth, is_relative, lambda done, total: None)


def test_a_clone_that_has_all_or_enough_asks_for_nothing(clone, make):
    first = make({"a": "a"})
    second = make({"a": "b"}, first)
    deepen(clone, second, GIT_DEPTH)
    clone.set_shallow([first])
    deepen(clone, second, 2)
    deepen(clone, second, 0, is_relative=True)
    assert clone.shallow() == [first]
    clone.set_shallow([])
    assert clone.shallow() == []


@pytest.mark.parametrize(
    ("limit", "packed", "found"),
    [
        (2, "", (["2", "3"], False)),
        (3, "", (["1", "2", "3"], False)),
        (None, "", (["1", "2", "3"], True)),
        (5, "1", (["1", "2", "3"], True)),
        (None, "2", (["2", "3"], True)),
        # What was before the first commit has been packed away since.
        (None, "5", ([], True)),
    ],
)
def test_older_transactions_end_where_the_history_begins(
    monkeypatch, limit, packed, found
):
    def pages(network, path, query):
        assert query.until == "4"
        logged = [Logged(each, 0, "", "") for each in "4321"]
        kept = logged if limit is None else logged[: limit + 1]
        yield LogPage(kept, None, packed, True)

    monkeypatch.setattr(deepening, "log_pages", pages)
    logged, are_all = deepening._older(NOBODY, "/demo", "4", limit)
    assert ([each.id for each in logged], are_all) == found
