"""Synchronizers of Zope name the permissions for their use."""

from __future__ import annotations

from zope.interface.verify import verifyClass

import zope.app.fssync.hosts.ofs
from zope.app.fssync.hosts.ofs import interfaces
from zope.fssync.interfaces import ISerializer
from zope.fssync.tests.contracts import implementations


def test_synchronizers_that_name_permissions_keep_their_contracts() -> None:
    found = list(implementations(interfaces, zope.app.fssync.hosts.ofs))
    assert found
    for interface, cls in found:
        assert verifyClass(interface, cls)
        assert ISerializer.implementedBy(cls)
