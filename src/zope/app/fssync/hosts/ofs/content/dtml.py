"""Synchronize DTML Methods and DTML Documents as files with their source."""

from __future__ import annotations

from typing import Any

from Acquisition import aq_base
from DocumentTemplate.DT_Util import ParseError
from zope.interface import implementer
from zope.interface import provider

from zope.app.fssync.content.checks import dtml_fault
from zope.app.fssync.content.source import SourceSynchronizer
from zope.app.fssync.hosts.ofs.content.cache import CacheSettings
from zope.app.fssync.hosts.ofs.content.properties import Properties
from zope.app.fssync.hosts.ofs.content.security import ProxyRoles
from zope.app.fssync.hosts.ofs.content.settings import Field
from zope.app.fssync.hosts.ofs.content.settings import Settings
from zope.app.fssync.hosts.ofs.content.synchronizer import SECURITY
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IMaker
from zope.fssync.messages import _

__all__ = [
    "DTMLDocumentSynchronizer",
    "DTMLMethodSettings",
    "DTMLMethodSynchronizer",
]


class DTMLMethodSettings(Settings, write="Change DTML Methods"):
    """The title of a DTML Method, and the variables of its cached output."""

    fields = (
        Field("title", "title"),
        Field("cache by", "_cache_namespace_keys", "lines"),
    )

    def apply(self, values: dict[str, Any]) -> None:
        """See `Settings`."""
        method = self.owner
        method._validateProxy()
        method.title = values["title"] or ""
        keys = tuple(values["cache by"] or ())
        if keys != tuple(method.getCacheNamespaceKeys()):
            method.setCacheNamespaceKeys(keys)
        method.ZCacheable_invalidate()


@implementer(IFileSynchronizer)
@provider(IMaker, IExclusive)
class DTMLMethodSynchronizer(
    FileBody,
    SourceSynchronizer,
    write="Change DTML Methods",
    add="Add Documents, Images, and Files",
):
    """Synchronize a DTML Method."""

    aspects = (
        *SECURITY,
        CacheSettings,
        ProxyRoles,
        DTMLMethodSettings,
    )
    body = frozenset(("raw", "encoding"))
    usually_empty = frozenset(("_vars", "globals"))

    @staticmethod
    def make(klass: type) -> Any:
        """See `IMaker`."""
        return klass("", __name__="")

    def source(self) -> str:
        """See `SourceSynchronizer`."""
        text: str = aq_base(self.context).raw
        return text

    def replace(self, source: str) -> None:
        """See `SourceSynchronizer`."""
        self.refuse_locked()
        try:
            self.context.manage_edit(source, self.context.title)
        except (ParseError, SyntaxError) as error:
            line, message = dtml_fault(error)
            where = _(", on line ${line}", mapping={"line": line}) if line else ""
            raise SynchronizationError(
                _(
                    "no DTML: ${message}${where}",
                    mapping={"message": message, "where": where},
                )
            ) from error


@provider(IMaker, IExclusive)
class DTMLDocumentSynchronizer(
    DTMLMethodSynchronizer,
    write="Change DTML Documents",
    add="Add Documents, Images, and Files",
):
    """Synchronize a DTML Document."""

    aspects = (
        *SECURITY,
        CacheSettings,
        ProxyRoles,
        Properties,
    )
    body = DTMLMethodSynchronizer.body | {"_cache_namespace_keys"}
