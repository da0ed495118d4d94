"""Fixtures of the tests that pair two generations."""

from __future__ import annotations

import pytest

from zope.app.fssync.tests.serversite import configured
from zope.app.fssync.tests.serversite import server_site

pytest.register_assert_rewrite("zope.app.fssync.tests.compat.scenarios")


@pytest.fixture(scope="module")
def configured_layer():
    with configured() as layer:
        yield layer


@pytest.fixture
def site(configured_layer):
    """An empty site with the accounts of ftesting.zcml."""
    with server_site(configured_layer) as site:
        yield site
