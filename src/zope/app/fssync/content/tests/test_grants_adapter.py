"""Grants are for those who may change them."""

from __future__ import annotations

from zope.interface.verify import verifyObject
from zope.securitypolicy.securitymap import PersistentSecurityMap

from zope.app.fssync.content.grants.adapter import GrantsSynchronizer
from zope.app.fssync.content.tests.registering import registered
from zope.fssync.interfaces import IDefaultSynchronizer


def test_the_maps_of_the_policy_have_it_with_a_permission_of_its_own() -> None:
    map = PersistentSecurityMap()
    assert verifyObject(IDefaultSynchronizer, GrantsSynchronizer(map))
    found = registered("zope.app.fssync.content.grants", map)
    assert found is not None
    assert (found.factory, found.permission) == (GrantsSynchronizer, "zope.Security")
