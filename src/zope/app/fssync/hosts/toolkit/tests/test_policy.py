"""The grants by which the policy of the toolkit decides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from zope.component import provideAdapter
from zope.interface import Interface
from zope.security.simplepolicies import ParanoidSecurityPolicy
from zope.securitypolicy.interfaces import IPrincipalRoleMap
from zope.securitypolicy.principalrole import principalRoleManager
from zope.securitypolicy.securitymap import SecurityMap
from zope.securitypolicy.settings import Allow
from zope.securitypolicy.zopepolicy import ZopeSecurityPolicy
from zope.testing.cleanup import cleanUp

from zope.app.fssync.hosts.toolkit.policy import grants
from zope.app.fssync.hosts.toolkit.policy import inherits


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    cleanUp()


class Place:
    """Has grants, maybe."""

    granted: Any = None


def provide() -> None:
    provideAdapter(lambda place: place.granted, (Interface,), IPrincipalRoleMap)


def test_a_place_without_grants_inherits() -> None:
    provide()
    place = Place()
    assert inherits(ZopeSecurityPolicy(), place)
    place.granted = SecurityMap()
    assert inherits(ZopeSecurityPolicy(), place)


def test_a_place_with_grants_does_not() -> None:
    provide()
    place = Place()
    place.granted = SecurityMap()
    place.granted.addCell("zope.Manager", "ann", Allow)
    assert not inherits(ZopeSecurityPolicy(), place)


def test_a_map_of_another_kind_may_grant_anything() -> None:
    provide()
    place = Place()
    place.granted = []
    assert not inherits(ZopeSecurityPolicy(), place)


def test_another_policy_may_decide_by_anything() -> None:
    assert not inherits(ParanoidSecurityPolicy(), Place())
    assert grants(ParanoidSecurityPolicy()) is None


def test_global_grants_are_told_as_json() -> None:
    before = json.dumps(grants(ZopeSecurityPolicy()))
    principalRoleManager.assignRoleToPrincipal("zope.Manager", "ann", check=False)
    after = json.dumps(grants(ZopeSecurityPolicy()))
    assert before != after
    assert "ann" in after
