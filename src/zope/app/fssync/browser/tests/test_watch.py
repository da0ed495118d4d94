"""The view that waits answers who may read the object, and tells nothing else."""

from __future__ import annotations

import gc

import pytest
from zope.app.file.file import File
from zope.site.folder import Folder

from zope.app.fssync.browser.watch import _turns
from zope.app.fssync.protocol.headers import LATER
from zope.app.fssync.server.precedence import PRECEDENCE
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.limits import DEFAULT

VIEW = "/demo/@@watch.snarf"
OLD = "0x0000000000000001"


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a", "text/plain")
    site.commit()
    return site


def test_newer_changes_are_reported_at_once(demo: ServerSite) -> None:
    response = demo.request("GET", f"{VIEW}?since={OLD}", "reader")
    assert response.status_int == 200
    assert response.text.split() == ["news"]
    assert response.headers["Content-Type"] == "text/plain;charset=utf-8"


@pytest.mark.parametrize("since", ["", "?since=", "?since=1", f"?since={OLD}1"])
def test_a_question_without_a_transaction_is_wrong(
    demo: ServerSite, since: str
) -> None:
    assert demo.request("GET", f"{VIEW}{since}", "reader").status_int == 400


def test_a_user_who_finds_no_turn_is_told_when_to_ask_again(demo: ServerSite) -> None:
    for _ in range(DEFAULT.watchers):
        assert _turns.take(DEFAULT.watchers) == 0
    try:
        response = demo.request("GET", f"{VIEW}?since={OLD}", "reader")
        assert response.text.split() == ["later"]
        assert float(response.headers[LATER]) > 0
    finally:
        for _ in range(DEFAULT.watchers):
            _turns.give_back()
    for _ in range(2 * DEFAULT.watchers):
        response = demo.request("GET", f"{VIEW}?since={OLD}", "reader")
        assert response.text.split() == ["news"]
        gc.collect()


def test_nobody_has_to_wait_for_who_waits(demo: ServerSite) -> None:
    with PRECEDENCE.request():
        assert PRECEDENCE
        response = demo.request("GET", f"{VIEW}?since={OLD}", "reader")
        assert response.text.split() == ["news"]
        assert not PRECEDENCE
