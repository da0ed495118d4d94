"""The cache settings of an object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from Acquisition import aq_base

from zope.app.fssync.hosts.ofs.content.aspect import TextAspect
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

__all__ = ["CacheSettings"]


class CacheSettings(TextAspect, write="Change cache settings"):
    """The cache manager of an object, and whether it is used."""

    name = "cache"
    covers = frozenset(("_Cacheable__manager_id", "_Cacheable__enabled"))

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        base = aq_base(self.owner)
        manager = base.ZCacheable_getManagerId()
        if manager:
            yield Item("manager", manager)
        if not base.ZCacheable_enabled():
            yield Item("enabled", "no")

    def replace(self, items: list[Item]) -> None:
        """See `TextAspect`."""
        found = {item.key: item.value for item in items}
        manager: Any = found.pop("manager", None)
        enabled = found.pop("enabled", "yes")
        if found or enabled not in ("yes", "no"):
            raise SynchronizationError(_("cache settings are a manager and enabled"))
        self.owner.ZCacheable_setManagerId(manager)
        if (enabled == "yes") != bool(self.owner.ZCacheable_enabled()):
            self.owner.ZCacheable_setEnabled(enabled == "yes")
