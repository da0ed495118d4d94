"""The view of what transactions made, and what it refuses."""

from __future__ import annotations

import json

import pytest

from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.limits import REPLAYED_TRANSACTIONS

NOW = "7fffffffffffffff"
PATH = "/demo/@@replay.snarf"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"[1]",
        b"[[1, 2]]",
        json.dumps([["x", None]]).encode(),
        json.dumps([[NOW, [["gone", "a"]]]]).encode(),
        json.dumps([[NOW, [["tree", "a/" * 2000]]]]).encode(),
        json.dumps([[NOW, [["tree", 5]]]]).encode(),
        json.dumps([[NOW, None]] * (REPLAYED_TRANSACTIONS + 1)).encode(),
    ],
)
def test_a_revision_without_transactions_is_refused(
    demo: ServerSite, body: bytes
) -> None:
    assert demo.request("POST", PATH, "manager", body).status_int in (400, 413)


@pytest.mark.parametrize("user", [None, "reader"])
def test_a_user_who_may_not_view_history_is_denied(
    demo: ServerSite, user: str | None
) -> None:
    body = json.dumps([[NOW, None]]).encode()
    assert demo.request("POST", PATH, user, body).status_int in (401, 403)


def test_a_database_without_history_says_so(demo: ServerSite) -> None:
    body = json.dumps([[NOW, None]]).encode()
    response = demo.request("POST", PATH, "manager", body)
    assert response.status_int == 409
    assert "there is no old state of demo: the database keeps no" in response.text


def test_replay_is_asked_by_post(demo: ServerSite) -> None:
    assert demo.request("GET", PATH, "manager").status_int == 400
