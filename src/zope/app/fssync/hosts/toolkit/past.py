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
from zope.app.fssync.hosts.toolkit.location import parent_of
from zope.app.fssync.hosts.toolkit.policy import inherits
from zope.fssync.limits import REMEMBERED_DECISIONS

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
        #: By the id of a place: the place, and the one whose grants decide there.
        self._deciding: dict[int, tuple[Any, Any]] = {}
        #: By permission and the id of a deciding place.
        self._decisions: dict[tuple[Any, int], bool] = {}

    def invalidate_cache(self) -> None:
        """Forget all decisions, and clear the cache of the policy, if it has one."""
        self._deciding.clear()
        self._decisions.clear()
        getattr(self._interaction, "invalidate_cache", int)()

    def checkPermission(self, permission: Any, obj: Any) -> bool:
        """See `IInteraction`: a removed object itself has to permit it, too."""
        stored = removeSecurityProxy(obj)
        if isinstance(stored, SecurityContext):
            stored = stored.wrapper
        where = self._today(stored)
        if where is None:
            return False
        return self._is_allowed(permission, removeSecurityProxy(where.place)) and (
            not where.gone or bool(self._interaction.checkPermission(permission, obj))
        )

    def _is_allowed(self, permission: Any, place: Any) -> bool:
        """Return whether the caller has a permission in a place of today."""
        if len(self._deciding) >= REMEMBERED_DECISIONS:
            self._deciding.clear()
            self._decisions.clear()
        place = self._nearest(place)
        key = permission, id(place)
        if key not in self._decisions:
            checked = _checked(place)
            found = bool(self._interaction.checkPermission(permission, checked))
            self._decisions[key] = found
        return self._decisions[key]

    def _nearest(self, place: Any) -> Any:
        """Return a place, or the nearest one above it with grants of its own."""
        known = self._deciding.get(id(place))
        if known is None:
            found = place
            if inherits(self._interaction, _checked(place)):
                above = removeSecurityProxy(parent_of(place))
                found = place if above is None else self._nearest(above)
            known = self._deciding[id(place)] = place, found
        return known[1]


def _checked(place: Any) -> Any:
    """Return what stands for a place where its permissions are looked up."""
    return SecurityContext(place) if isinstance(place, ContainedProxyBase) else place


@contextmanager
def reading_past(today: Callable[[Any], Any]) -> Iterator[None]:
    """See `IHost`."""
    interaction = queryInteraction()
    thread_local.interaction = PastInteraction(interaction, today)
    try:
        yield
    finally:
        thread_local.interaction = interaction
