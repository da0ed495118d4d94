"""All hosts keep the contracts of the server."""

from __future__ import annotations

import pytest
from zope.interface.verify import verifyClass

import zope.app.fssync.hosts.ofs
import zope.app.fssync.hosts.toolkit
import zope.app.fssync.server
from zope.app.fssync.server import interfaces
from zope.app.fssync.server.interfaces import IDatabase
from zope.fssync.tests.contracts import implementations
from zope.fssync.tests.contracts import interfaces_of

HOSTS = (zope.app.fssync.hosts.toolkit, zope.app.fssync.hosts.ofs)


def test_the_server_keeps_its_contracts() -> None:
    for interface, cls in implementations(interfaces, zope.app.fssync.server):
        # The objects of a database get their methods when they are made.
        if interface is not IDatabase:
            assert verifyClass(interface, cls)


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_has_all_that_the_server_asks_for(host) -> None:
    found = list(implementations(interfaces, host))
    assert {interface.__name__ for interface, _ in found} >= {
        *("IHost", "IAccess", "IDetached", "IFrame", "IViewRequest"),
    }
    for interface, cls in found:
        assert verifyClass(interface, cls)


def test_every_method_says_what_it_does() -> None:
    for interface in interfaces_of(interfaces):
        assert interface.__doc__
        assert [name for name in interface.names() if not interface[name].__doc__] == []
