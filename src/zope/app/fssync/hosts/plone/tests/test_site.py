"""Sites are themselves also for who comes from the root of Zope."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_a_checkout_of_the_root_has_the_fields_of_content(editor, plone):
    answer = plone.request("GET", "/@@toFS.snarf", X_Zsync_Streamed="no")

    assert answer.status == 200
    assert b"remoteUrl = https://plone.org" in answer.body
    assert b"description = Of work" in answer.body
