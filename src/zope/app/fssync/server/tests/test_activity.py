"""The last exchanges of a server."""

from __future__ import annotations

import logging

import pytest

from zope.app.fssync.server.activity import Activity
from zope.app.fssync.server.exchange import Exchange


def exchange(path: str, user: str = "jo") -> Exchange:
    return Exchange(0.0, user, "::1", "toFS.snarf", path, None, 5, 1, 0.25, 200)


def test_the_newest_come_first_and_the_oldest_go() -> None:
    activity = Activity(2)
    for path in ("/a", "/b", "/c"):
        activity.add(exchange(path))
    assert [each.path for each in activity.newest("/")] == ["/c", "/b"]


def test_others_do_not_show_below_a_path() -> None:
    activity = Activity(9)
    for path in ("/", "/a", "/a/b", "/ab", ""):
        activity.add(exchange(path))
    assert [each.path for each in activity.newest("/a")] == ["/a/b", "/a"]


def test_an_exchange_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Activity(1).add(exchange("/a\nb", "jo\r\x1b"))
    (line,) = caplog.messages
    assert line.isprintable()
    assert line.endswith(" 200 done, 0 objects, -/5 bytes, 1 withheld, 0.250 s")
