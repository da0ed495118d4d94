"""Fixtures: sites of Zope in memory, with all content types registered."""

from contextlib import ExitStack

import Products.Five
import pytest
from zope.configuration import xmlconfig

from zope.app.fssync.ofs.tests.site import configured
from zope.app.fssync.ofs.types.tests.site import Site


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
