"""Fixtures: sites of Zope in memory, with all content types registered."""

from contextlib import ExitStack

import Products.Five
import pytest
from zope.configuration import xmlconfig

from zope.app.fssync.hosts.ofs.content.tests.site import Site
from zope.app.fssync.testing.ofs.site import configured


@pytest.fixture(scope="module")
def types():
    with configured():
        # The events of OFS, which add and remove what belongs to objects.
        xmlconfig.file("configure.zcml", Products.Five)
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
