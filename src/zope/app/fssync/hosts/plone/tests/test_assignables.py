"""Old states leave nothing behind in a request."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_the_log_of_a_site_is_read(plone):
    answer = plone.request("GET", "/Plone/@@log.snarf")

    assert answer.status == 200, answer.text
    assert '"transactions": [{' in answer.text


def test_the_page_of_the_history_is_shown(plone):
    answer = plone.request("GET", "/Plone/@@synchronize-history.html")

    assert answer.status == 200, answer.text
    assert "history.html?at=" in answer.text
