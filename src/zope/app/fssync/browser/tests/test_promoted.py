"""The view for promotions logs them, and stores nothing."""

from __future__ import annotations

import json
import logging

import pytest
from zope.site.folder import Folder

from zope.app.fssync.testing.serversite import ServerSite

TOLD = {"until": "03" * 8, "to": "http://www/site", "transaction": "04" * 8}


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    site.root["demo"] = Folder()
    site.commit()
    return site


def status(site: ServerSite, user: str, told: object, method: str = "POST") -> int:
    body = json.dumps(told).encode()
    found: int = site.request(method, "/demo/@@promoted.snarf", user, body).status_int
    return found


def test_a_promotion_is_logged_and_nothing_is_stored(
    demo: ServerSite, caplog: pytest.LogCaptureFixture
) -> None:
    before = demo.layer.db.lastTransaction()
    with caplog.at_level(logging.INFO, "zope.app.fssync.browser.promoted"):
        assert status(demo, "manager", TOLD) == 200
    (line,) = [
        r.getMessage() for r in caplog.records if "was promoted" in r.getMessage()
    ]
    assert line == (
        "zope.manager says that /demo was promoted as of 0x0303030303030303 to "
        "http://www/site as 0x0404040404040404"
    )
    assert demo.layer.db.lastTransaction() == before


def test_a_line_of_the_log_stays_one_line(
    demo: ServerSite, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "zope.app.fssync.browser.promoted"):
        assert status(demo, "manager", {**TOLD, "to": "http://a\nroot did it"}) == 200
    assert not [r for r in caplog.records if "\n" in r.getMessage()]


@pytest.mark.parametrize(
    "told", [None, [], {}, {**TOLD, "until": "3"}, {**TOLD, "transaction": "x" * 16}]
)
def test_a_body_that_names_no_promotion_is_refused(
    demo: ServerSite, told: object
) -> None:
    assert status(demo, "manager", told) == 400


def test_a_promotion_is_posted(demo: ServerSite) -> None:
    assert status(demo, "manager", TOLD, "GET") == 400


def test_a_user_who_may_not_see_the_history_logs_nothing(demo: ServerSite) -> None:
    assert status(demo, "reader", TOLD) in (401, 403)
