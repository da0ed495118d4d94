"""The view of old states, and what it refuses; the rest is in the scenarios."""

from __future__ import annotations

import pytest
from zope.site.folder import Folder

from zope.app.fssync.testing.serversite import ServerSite

NOW = "7fffffffffffffff"


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    site.root["demo"] = Folder()
    site.commit()
    return site


@pytest.mark.parametrize("query", ["", "?at=x", "?path=a"])
def test_without_a_transaction_it_is_no_request(demo: ServerSite, query: str) -> None:
    response = demo.request("GET", f"/demo/@@history.snarf{query}", "manager")
    assert response.status_int == 400
    assert "'at'" in response.text


@pytest.mark.parametrize("user", [None, "reader"])
def test_a_user_who_may_not_view_history_is_denied(
    demo: ServerSite, user: str | None
) -> None:
    path = f"/demo/@@history.snarf?at={NOW}"
    assert demo.request("GET", path, user).status_int in (401, 403)


def test_a_database_without_history_says_so(demo: ServerSite) -> None:
    response = demo.request("GET", f"/demo/@@history.snarf?at={NOW}", "manager")
    assert response.status_int == 409
    assert "there is no old state of demo: the database keeps no" in response.text
