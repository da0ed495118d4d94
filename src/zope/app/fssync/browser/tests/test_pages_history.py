"""The page of the history, and what it refuses; the rest is in the scenarios."""

from __future__ import annotations

import pytest

from zope.app.fssync.testing.serversite import ServerSite

PAGE = "/demo/@@synchronize-history.html"


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("at=00", 400, "not the id of a transaction"),
        ("before=x", 400, "is not the id"),
        ("", 409, "keeps no history"),
    ],
)
def test_a_page_names_objects_that_cannot_be_shown(
    demo: ServerSite, query: str, status: int, told: str
) -> None:
    response = demo.request("GET", f"{PAGE}?{query}", "manager")
    assert response.status_int == status
    assert 'role="alert"' in response.text
    assert told in response.text


@pytest.mark.parametrize("user", [None, "reader"])
def test_a_user_who_may_not_change_content_sees_no_history(
    demo: ServerSite, user: str | None
) -> None:
    assert demo.request("GET", PAGE, user).status_int in (401, 403)
