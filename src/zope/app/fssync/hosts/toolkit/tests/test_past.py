"""While the past is read, permissions are asked for where an object is today."""

from __future__ import annotations

from typing import Any

import pytest
from zope.component import provideAdapter
from zope.security.management import endInteraction
from zope.security.management import queryInteraction
from zope.security.management import thread_local
from zope.securitypolicy.interfaces import IPrincipalPermissionMap
from zope.securitypolicy.principalpermission import PrincipalPermissionManager
from zope.securitypolicy.settings import Allow
from zope.securitypolicy.settings import Deny
from zope.securitypolicy.zopepolicy import ZopeSecurityPolicy
from zope.testing.cleanup import cleanUp

from zope.app.fssync.hosts.toolkit.past import reading_past
from zope.app.fssync.server.changes.past import Where


class Interaction:
    """Permits reading the objects that it is given."""

    participations = ()
    add = remove = None

    def __init__(self, *allowed: Any) -> None:
        self.allowed = allowed
        self.asked: list[Any] = []

    def checkPermission(self, permission: Any, obj: Any) -> bool:
        self.asked.append(obj)
        return obj in self.allowed


@pytest.fixture(autouse=True)
def ended() -> Any:
    yield
    endInteraction()
    cleanUp()


@pytest.mark.parametrize(
    ("where", "allowed", "permitted"),
    [
        (Where("today", False), ["today"], True),
        (Where("today", False), ["then"], False),
        (Where("container", True), ["container", "then"], True),
        (Where("container", True), ["container"], False),
        (Where("container", True), ["then"], False),
        (None, ["then", "today"], False),
    ],
)
def test_the_place_of_today_decides(
    where: Where | None, allowed: list[str], permitted: bool
) -> None:
    thread_local.interaction = before = Interaction(*allowed)
    with reading_past(lambda obj: where):
        found = queryInteraction().checkPermission("may", "then")
    assert found is permitted
    assert queryInteraction() is before


def test_a_place_is_asked_once_for_each_permission() -> None:
    thread_local.interaction = before = Interaction("today")
    with reading_past(lambda obj: Where("today", False)):
        interaction = queryInteraction()
        for permission in ("see", "change", "see"):
            assert interaction.checkPermission(permission, "then")
        assert len(before.asked) == 2
        interaction.invalidate_cache()
        assert interaction.checkPermission("see", "then")
        assert len(before.asked) == 3


class Place:
    """Has grants, maybe."""

    def __init__(self, above: Place | None = None, granted: Any = None) -> None:
        self.__parent__ = above
        self.granted = None
        if granted is not None:
            self.granted = PrincipalPermissionManager()
            self.granted.addCell("see", "me", granted)


class Participation:
    """Of a caller without groups."""

    interaction = None

    class principal:
        id = "me"
        groups = ()


def test_the_nearest_place_with_grants_decides() -> None:
    provideAdapter(lambda place: place.granted, (Place,), IPrincipalPermissionMap)
    root = Place(None, Allow)
    folder = Place(root)
    secret = Place(folder, Deny)
    places = {"a": folder, "b": secret, "c": Place(secret), "d": root}
    thread_local.interaction = ZopeSecurityPolicy(Participation())
    with reading_past(lambda name: Where(places[name], False)):
        may = queryInteraction().checkPermission
        found = [may("see", name) for name in "abcdcba"]
    assert found == [True, False, False, True, False, False, True]
