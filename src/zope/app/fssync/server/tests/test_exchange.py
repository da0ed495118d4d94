"""What a view and a status mean."""

from __future__ import annotations

import pytest

from zope.app.fssync.server.exchange import result_of
from zope.app.fssync.server.exchange import verb_of


@pytest.mark.parametrize(
    ("view", "state", "verb"),
    [
        ("toFS.snarf", None, "checkout"),
        ("toFS.snarf", "none", "checkout"),
        ("toFS.snarf", "4-0-x", "update"),
        ("fromFS.snarf", "4-0-x", "commit"),
        ("rehearse-commit.snarf", None, "commit-rehearsal"),
        ("list.snarf", None, "list"),
        ("synchronize-put.html", None, "page"),
    ],
)
def test_a_view_is_a_verb(view: str, state: str | None, verb: str) -> None:
    assert verb_of(view, state) == verb


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, "done"),
        (302, "done"),
        (400, "refused"),
        (401, "denied"),
        (403, "denied"),
        (409, "conflict"),
        (413, "refused"),
        (500, "failed"),
        (503, "failed"),
    ],
)
def test_a_status_is_a_result(status: int, result: str) -> None:
    assert result_of(status) == result
