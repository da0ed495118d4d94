"""A site is checked out with its content and the tools that are described."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def names(plone):
    return plone.request("GET", "/Plone/@@list.snarf").text


def test_content_is_there(names):
    assert "work" in names


def test_tools_that_nothing_describes_are_left_out(names):
    assert "portal_membership" not in names
    assert "portal_uidhandler" not in names
