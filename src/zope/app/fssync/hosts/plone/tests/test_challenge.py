"""Requests of zsync are asked for a password, those of browsers get a form."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.oldest]


@pytest.mark.parametrize("user", [None, "zsync:wrong", "reader:wrong"])
def test_zsync_is_asked_for_a_password(plone, user):
    for method, view in (("GET", "toFS"), ("POST", "fromFS"), ("GET", "list")):
        answer = plone.request(method, f"/Plone/@@{view}.snarf", user=user)

        assert answer.status == 401
        assert "basic realm" in answer.headers["WWW-Authenticate"]


def test_browsers_get_the_form_as_ever(plone):
    answer = plone.request("GET", "/Plone/@@overview-controlpanel", user=None)

    assert answer.status == 302
    assert "require_login" in answer.headers["Location"]


def test_posts_of_browsers_still_need_the_token_of_plone(plone):
    answer = plone.request(
        "POST",
        "/Plone/@@fromFS.snarf",
        body=b"note=x",
        Content_Type="application/x-www-form-urlencoded",
    )

    assert answer.status >= 400
