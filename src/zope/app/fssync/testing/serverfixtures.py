"""Fixtures of the tests of the server, and of who talks to one."""

import pytest

from zope.app.fssync.testing.serversite import configured
from zope.app.fssync.testing.serversite import server_site

__all__ = [
    "configured_layer",
    "no_proxies",
    "site",
]


@pytest.fixture(scope="module")
def configured_layer():
    with configured() as layer:
        yield layer


@pytest.fixture
def site(configured_layer):
    """An empty site with the accounts of ftesting.zcml."""
    with server_site(configured_layer) as site:
        yield site


@pytest.fixture
def no_proxies(monkeypatch):
    """What the environment says of proxies does not concern the servers of a test."""
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
