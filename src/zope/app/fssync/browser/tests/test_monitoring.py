"""Who watches a server gets numbers, and whether it is ready."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ZODB.POSException import ConflictError
from zope.app.file.file import File
from zope.site.folder import Folder

from zope.app.fssync.protocol.headers import NO_STATE
from zope.app.fssync.server import observing
from zope.app.fssync.server.exchange import Running
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.limits import DEFAULT
from zope.fssync.task import Commit

METRICS = "/@@zsync-metrics"
HEALTH = "/@@zsync-health"


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"abc", "text/plain")
    site.commit()
    return site


def number(site: ServerSite, name: str) -> float:
    """A number as a manager is told it."""
    text = site.request("GET", METRICS, "manager").text
    found = re.search(rf"^{re.escape(name)} (.+)$", text, re.M)
    return float(found[1]) if found else 0


def test_a_checkout_counts_with_its_objects_and_bytes(demo: ServerSite) -> None:
    names = (
        'zsync_exchanges_total{verb="checkout",result="done"}',
        'zsync_objects_total{verb="checkout"}',
        'zsync_sent_bytes_total{verb="checkout"}',
    )
    before = [number(demo, name) for name in names]
    data = demo.request("GET", "/demo/@@toFS.snarf", "editor").body
    grown = [number(demo, name) - old for name, old in zip(names, before, strict=True)]
    assert grown[0] == 1
    assert grown[1] >= 2
    assert grown[2] == len(data)


def test_a_streamed_checkout_counts_once_it_is_sent(demo: ServerSite) -> None:
    name = 'zsync_sent_bytes_total{verb="checkout"}'
    before = number(demo, name)
    answer = demo.request("GET", "/demo/@@toFS.snarf", "editor", X_Zsync_State=NO_STATE)
    assert "X-Zsync-Streamed" in answer.headers
    assert number(demo, name) - before == len(answer.body)
    assert number(demo, "zsync_exchanges_running") == 0


@pytest.mark.parametrize(
    ("user", "result"), [("editor", "done"), ("reader", "denied"), (None, "denied")]
)
def test_a_commit_counts_by_its_result(
    demo: ServerSite, user: str | None, result: str
) -> None:
    name = f'zsync_exchanges_total{{verb="commit",result="{result}"}}'
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"new")
    before = number(demo, name)
    demo.submit("/demo", archive, user)
    assert number(demo, name) == before + (result == "done")


def test_a_commit_that_is_not_up_to_date_is_a_conflict(demo: ServerSite) -> None:
    name = 'zsync_exchanges_total{verb="commit",result="conflict"}'
    archive = demo.checkout("/demo")
    demo.root["demo"]["a.txt"].data = b"theirs"
    demo.commit()
    archive.edit("demo/a.txt", b"mine")
    before = number(demo, name)
    assert demo.submit("/demo", archive).status_int == 200
    assert number(demo, name) == before + 1


def test_the_form_is_that_of_prometheus(demo: ServerSite) -> None:
    answer = demo.request("GET", METRICS, "manager")
    assert answer.headers["Content-Type"] == "text/plain;version=0.0.4;charset=utf-8"
    line = re.compile(
        r'(# (HELP|TYPE) .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.e+-]+)'
    )
    assert all(line.fullmatch(each) for each in answer.text.splitlines())


@pytest.mark.parametrize("user", [None, "reader", "editor"])
def test_only_managers_see_numbers(demo: ServerSite, user: str | None) -> None:
    assert demo.request("GET", METRICS, user).status_int in (401, 403)


@pytest.mark.parametrize("view", [METRICS, HEALTH])
def test_both_are_of_the_root_only(demo: ServerSite, view: str) -> None:
    assert demo.request("GET", f"/demo{view}", "manager").status_int == 404


def test_everybody_may_ask_whether_it_is_ready(demo: ServerSite) -> None:
    answer = demo.request("GET", HEALTH, None)
    assert (answer.status_int, answer.text) == (200, "ready\n")


def test_monitoring_is_not_ready_where_the_database_does_not_answer(
    demo: ServerSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "zope.app.fssync.browser.monitoring.answers", lambda connection: False
    )
    answer = demo.request("GET", HEALTH, None)
    assert (answer.status_int, answer.text) == (503, "not ready\n")


@pytest.mark.parametrize(("times", "result"), [(2, "done"), (9, "failed")])
def test_a_repeated_request_after_a_conflict_is_a_retry(
    demo: ServerSite, times: int, result: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (
        f'zsync_exchanges_total{{verb="commit",result="{result}"}}',
        'zsync_retries_total{verb="commit"}',
    )
    perform = Commit.perform
    attempts = iter(range(times))

    def conflicting(*arguments: Any) -> None:
        perform(*arguments)
        if next(attempts, None) is not None:
            raise ConflictError

    monkeypatch.setattr(Commit, "perform", conflicting)
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"new")
    before = [number(demo, name) for name in names]
    answer = demo.submit("/demo", archive)
    assert answer.status_int == (200 if result == "done" else 503)
    assert [number(demo, name) for name in names] == [
        before[0] + 1,
        before[1] + min(times, 3),
    ]
    assert number(demo, "zsync_exchanges_running") == 0


def test_only_some_large_exchanges_are_served_at_once(demo: ServerSite) -> None:
    """What can wait is told to; what cannot, and what is small, is served."""
    others = [Running("toFS.snarf", "/", "", "checkout") for _ in range(2)]
    for each in others:
        observing.begin(each)
        assert observing.admit(each, DEFAULT.exchanges)
    name = 'zsync_exchanges_total{verb="checkout",result="busy"}'
    before = number(demo, name)
    view = "/demo/@@toFS.snarf"
    answer = demo.request("GET", view, "editor", X_Zsync_Alive="yes")
    assert (answer.status_int, answer.headers["Retry-After"]) == (503, "1")
    assert answer.headers["X-Zsync-Busy"] == "yes"
    assert number(demo, name) == before + 1
    assert demo.request("GET", view, "editor").status_int == 200
    state = "4-0000000000000000-0-0"
    update = demo.request(
        "GET", view, "editor", X_Zsync_Alive="yes", X_Zsync_State=state
    )
    assert update.status_int == 200
    observing.retry(others[0])
    assert demo.request("GET", view, "editor", X_Zsync_Alive="yes").status_int == 200
