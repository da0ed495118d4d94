"""Fixtures of the tests that pair two generations."""

from __future__ import annotations

import pytest

from zope.app.fssync.tests.serversite import configured


@pytest.fixture(scope="module")
def configured_layer():
    with configured() as layer:
        yield layer
