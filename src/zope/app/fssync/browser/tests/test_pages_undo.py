"""The page that takes a transaction back refuses; the rest is in the scenarios."""

from __future__ import annotations

import pytest
import webtest

from zope.app.fssync.hosts.toolkit.request import ToolkitViewRequest
from zope.app.fssync.testing.serversite import ServerSite

PAGE = "/demo/@@synchronize-undo.html"


@pytest.mark.parametrize(
    ("at", "status", "told"),
    [
        ("", 400, "the argument 'at' is missing"),
        ("x", 400, "not the id of a transaction"),
        ("0411af3c6d2e8100", 409, "keeps no history"),
    ],
)
def test_a_page_names_changes_that_cannot_be_undone(
    demo: ServerSite, at: str, status: int, told: str
) -> None:
    app = webtest.TestApp(demo.app.app)
    app.authorization = ("Basic", ("manager", "managerpw"))
    form = app.get("/demo/@@synchronize-put.html").form
    name, value = form.submit_fields()[0]
    response = app.post(PAGE, {name: value, "at": at}, expect_errors=True)
    assert response.status_int == status, response.text
    assert 'role="alert"' in response.text
    assert told in response.text


def test_get_takes_nothing_back(demo: ServerSite) -> None:
    response = demo.request("GET", f"{PAGE}?at=0411af3c6d2e8100", "manager")
    assert response.status_int == 400
    assert "Choose a transaction of the history." in response.text


@pytest.mark.parametrize("user", [None, "reader"])
def test_a_user_who_may_not_commit_may_not_take_back(
    demo: ServerSite, user: str | None
) -> None:
    assert demo.request("GET", PAGE, user).status_int in (401, 403)


def test_a_user_who_may_not_see_the_history_may_not_take_back(
    demo: ServerSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        ToolkitViewRequest, "may", lambda self, page, name: "history" not in name
    )
    response = demo.request("GET", PAGE, "manager")
    assert response.status_int == 403
    assert "may not see the history" in response.text
    assert response.html.select("nav a[href='@@synchronize-put.html']")
