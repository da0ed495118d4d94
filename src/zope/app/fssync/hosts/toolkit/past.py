"""Check permissions on old states of objects as they are today."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zope.container.contained import ContainedProxyBase
from zope.interface import implementer
from zope.security.interfaces import IInteraction
from zope.security.management import queryInteraction
from zope.security.management import thread_local
from zope.security.proxy import removeSecurityProxy

from zope.app.fssync.hosts.toolkit.location import SecurityContext

__all__ = ["reading_past"]


@implementer(IInteraction)
class PastInteraction:
    """An interaction that checks permissions in the place an object has today."""

    def __init__(self, interaction: Any, today: Callable[[Any], Any]) -> None:
        self._interaction = interaction
        self._today = today
        self.participations = interaction.participations
        self.add = interaction.add
        self.remove = interaction.remove

    def invalidate_cache(self) -> None:
        """Clear the cache of the policy, if it has one."""
        getattr(self._interaction, "invalidate_cache", int)()

    def checkPermission(self, permission: Any, obj: Any) -> bool:
        """See `IInteraction`: a removed object itself has to permit it, too."""
        stored = removeSecurityProxy(obj)
        if isinstance(stored, SecurityContext):
            stored = stored.wrapper
        where = self._today(stored)
        if where is None:
            return False
        place = where.place
        if isinstance(place, ContainedProxyBase):
            place = SecurityContext(place)
        check = self._interaction.checkPermission
        return bool(check(permission, place)) and (
            not where.gone or bool(check(permission, obj))
        )


@contextmanager
def reading_past(today: Callable[[Any], Any]) -> Iterator[None]:
    """See `IHost`."""
    interaction = queryInteraction()
    thread_local.interaction = PastInteraction(interaction, today)
    try:
        yield
    finally:
        thread_local.interaction = interaction
