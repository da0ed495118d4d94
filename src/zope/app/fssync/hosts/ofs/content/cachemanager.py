"""Synchronize cache managers as files with their settings."""

from __future__ import annotations

from typing import Any
from typing import ClassVar

from Acquisition import aq_base
from zope.interface import provider

from zope.app.fssync.hosts.ofs.content.settings import Field
from zope.app.fssync.hosts.ofs.content.settings import Settings
from zope.app.fssync.hosts.ofs.content.settings import SettingsBody
from zope.fssync.interfaces import IMaker

__all__ = ["HTTPCacheSynchronizer", "RAMCacheSynchronizer"]

CHANGE = "Change cache managers"


class CacheManagerSettings(Settings):
    """The settings of a cache manager, which are in one dictionary, and its title."""

    covers = frozenset(
        (
            "_settings",
            "_AcceleratedHTTPCacheManager__cacheid",
            "_RAMCacheManager__cacheid",
        )
    )

    def get(self, field: Field) -> Any:
        """See `Settings`."""
        if field.key == "title":
            return super().get(field)
        return aq_base(self.owner).getSettings().get(field.attribute)

    def apply(self, values: dict[str, Any]) -> None:
        """See `Settings`."""
        settings = {
            field.attribute: values[field.key] or (() if field.kind == "lines" else 0)
            for field in self.fields[1:]
        }
        self.owner.manage_editProps(values["title"] or "", settings)


class RAMCacheSettings(CacheManagerSettings):
    """The size and the age of entries in memory."""

    fields = (
        Field("title", "title"),
        Field("threshold", "threshold", "int"),
        Field("seconds between cleanups", "cleanup_interval", "int"),
        Field("seconds to keep", "max_age", "int"),
        Field("request variables", "request_vars", "lines"),
    )


class HTTPCacheSettings(CacheManagerSettings):
    """The time for which HTTP caches may keep a response."""

    fields = (
        Field("title", "title"),
        Field("anonymous only", "anonymous_only", "boolean"),
        Field("seconds to keep", "interval", "int"),
        Field("notified", "notify_urls", "lines"),
    )


@provider(IMaker)
class RAMCacheSynchronizer(SettingsBody, write=CHANGE, add="Add RAM Cache Managers"):
    """Synchronize a RAM Cache Manager."""

    settings: ClassVar[type[Settings]] = RAMCacheSettings

    @staticmethod
    def make(klass: type) -> Any:
        """See `IMaker`."""
        return klass("")


@provider(IMaker)
class HTTPCacheSynchronizer(
    RAMCacheSynchronizer, write=CHANGE, add="Add Accelerated HTTP Cache Managers"
):
    """Synchronize an Accelerated HTTP Cache Manager."""

    settings = HTTPCacheSettings
