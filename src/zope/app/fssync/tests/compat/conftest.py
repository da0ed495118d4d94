"""Fixtures of the tests that pair two generations."""

from __future__ import annotations

import pytest

from zope.app.fssync.tests.serversite import configured

pytest.register_assert_rewrite("zope.app.fssync.tests.compat.scenarios")


@pytest.fixture(scope="module")
def configured_layer():
    with configured() as layer:
        yield layer
