"""Fixtures: sites of Zope in memory, with all content types registered."""

from contextlib import ExitStack

import pytest

from zope.app.fssync.ofs.tests.site import configured
from zope.app.fssync.ofs.types.tests.site import Site


@pytest.fixture(scope="module")
def types():
    with configured():
        yield


@pytest.fixture
def site(types):
    with ExitStack() as stack:
        yield Site(stack)


@pytest.fixture
def other(types):
    """A second site."""
    with ExitStack() as stack:
        yield Site(stack)
