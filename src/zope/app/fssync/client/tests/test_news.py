"""A client waits for news, whatever the server can do about it."""

from __future__ import annotations

import queue

import pytest

from zope.app.fssync.client import news
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.news import News
from zope.app.fssync.protocol.headers import LATER
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import answer

TEXT = "text/plain"


@pytest.mark.parametrize(
    "answered",
    [
        answer(b"\n\nnews\n", TEXT),
        answer(b"later\n", TEXT, extra=f"{LATER}: 0.5\r\n"),
        answer(b"later\n", TEXT, extra=f"{LATER}: soon\r\n"),
        answer(b"?", TEXT, status="404 Not Found"),
    ],
)
def test_news_are_noticed_and_waited_for_again(
    answered: bytes, monkeypatch: pytest.MonkeyPatch, no_proxies: None
) -> None:
    monkeypatch.setattr(news, "WATCH_POLL", 0.0)
    told: queue.Queue[str] = queue.Queue()
    with RawServer([answer(b"\nnone\n", TEXT), answered, answered]) as server:
        network = Network(f"http://127.0.0.1:{server.port}/demo")
        found = News(
            network,
            "/demo",
            lambda: "0x1",
            lambda: told.put("news"),
            lambda error: told.put("away"),
        )
        found.start()
        assert told.get(timeout=60) == "news"
        assert len(server.requests) == 2
        found.received()
        assert told.get(timeout=60) == "news"
        found.stop()
    assert "@@watch.snarf?since=0x1 " in server.requests[0].line


def test_a_server_that_is_away_is_told_of(no_proxies: None) -> None:
    told: queue.Queue[str] = queue.Queue()
    with RawServer([]) as server:
        network = Network(f"http://127.0.0.1:{server.port}/demo")
    found = News(
        network, "/demo", lambda: "0x1", lambda: None, lambda e: told.put("away")
    )
    found.start()
    assert told.get(timeout=60) == "away"
    found.stop()


@pytest.mark.parametrize(
    "answered",
    [
        answer(b"none\n", TEXT),
        answer(b"", TEXT),
        answer(b"\n" * 100_000, TEXT),
        answer(b"x" * 100_000, TEXT),
        answer(b"later\n", TEXT, extra=f"{LATER}: nan\r\n"),
        answer(b"news\n", TEXT),
    ],
)
def test_a_server_is_not_asked_all_the_time_whatever_it_says(
    answered: bytes, monkeypatch: pytest.MonkeyPatch, no_proxies: None
) -> None:
    waits: queue.Queue[float] = queue.Queue()
    with RawServer([answered, answered]) as server:
        network = Network(f"http://127.0.0.1:{server.port}/demo")
        found = News(
            network,
            "/demo",
            lambda: "0x1",
            lambda: found.received(),
            lambda error: None,
        )

        def wait(seconds: float) -> None:
            waits.put(seconds)
            found.stop()

        monkeypatch.setattr(found._end, "wait", wait)
        found.start()
        assert 0.3 < waits.get(timeout=60) <= news.WATCH_AWAY[0]
        assert len(server.requests) == 1
