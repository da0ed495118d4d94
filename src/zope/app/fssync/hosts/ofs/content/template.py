"""Synchronize page templates as files with their text."""

from __future__ import annotations

from typing import Any

from Acquisition import aq_base
from zope.interface import implementer
from zope.interface import provider

from zope.app.fssync.content.source import SourceSynchronizer
from zope.app.fssync.hosts.ofs.content.cache import CacheSettings
from zope.app.fssync.hosts.ofs.content.properties import Properties
from zope.app.fssync.hosts.ofs.content.synchronizer import SECURITY
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IMaker

__all__ = ["PageTemplateSynchronizer"]


@implementer(IFileSynchronizer)
@provider(IMaker, IExclusive)
class PageTemplateSynchronizer(
    FileBody,
    SourceSynchronizer,
    write="Change Page Templates",
    add="Add Page Templates",
):
    """Synchronize a Page Template."""

    aspects = (*SECURITY, CacheSettings, Properties)
    body = frozenset(("_text", "_bind_names", "expand"))

    @staticmethod
    def make(klass: type) -> Any:
        """See `IMaker`."""
        return klass("", "<p/>")

    def source(self) -> str:
        """See `SourceSynchronizer`."""
        text: str = aq_base(self.context)._text
        return text

    def replace(self, source: str) -> None:
        """See `SourceSynchronizer`."""
        self.refuse_locked()
        self.context.write(source)
