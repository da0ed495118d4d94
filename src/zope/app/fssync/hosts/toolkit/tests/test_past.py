"""While the past is read, permissions are asked for where an object is today."""

from __future__ import annotations

from typing import Any

import pytest
from zope.security.management import endInteraction
from zope.security.management import queryInteraction
from zope.security.management import thread_local

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
