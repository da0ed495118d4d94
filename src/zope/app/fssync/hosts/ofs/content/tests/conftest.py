"""Fixtures: sites of Zope in memory, with all content types registered."""

from contextlib import ExitStack

import Products.Five
import pytest
from zope.component import getGlobalSiteManager
from zope.configuration import xmlconfig

from zope.app.fssync.hosts.ofs.content.interfaces import ISecretsPolicy
from zope.app.fssync.hosts.ofs.content.secrets import RecordAll
from zope.app.fssync.hosts.ofs.content.tests.editing import Edited
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


@pytest.fixture
def edited(site):
    return lambda sample: Edited(site, sample)


@pytest.fixture
def recording(site):
    """Record secrets."""
    manager = getGlobalSiteManager()
    policy = RecordAll()
    manager.registerUtility(policy)
    yield
    manager.unregisterUtility(policy, ISecretsPolicy)
