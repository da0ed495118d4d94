"""Folders become directories; the site manager of a site is one item more."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from zope.component.interfaces import ISite
from zope.interface import implementer
from zope.interface import noLongerProvides
from zope.interface.interface import InterfaceClass
from zope.location.interfaces import IRoot
from zope.site.interfaces import ILocalSiteManager
from zope.site.site import LocalSiteManager

from zope.app.fssync.content.container import ContainerSynchronizer
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IObjectGenerator
from zope.fssync.messages import _

__all__ = ["FolderSynchronizer", "LocalSiteManagerGenerator"]

SITE_MANAGER = "++etc++site"


@implementer(IDirectorySynchronizer)
class FolderSynchronizer(ContainerSynchronizer):
    """Synchronizes a folder, and the site manager that it may have."""

    self_contained = True

    #: Site managers below one that was removed, and may be replaced.
    _orphans: tuple[Any, ...] = ()

    def provide(self, interface: InterfaceClass) -> None:
        """See `Synchronizer`.

        A folder is a site when it has a site manager, and never becomes a root.
        """
        if not (interface.isOrExtends(ISite) or interface.isOrExtends(IRoot)):
            super().provide(interface)

    def __getitem__(self, key: str) -> Any:
        if key == SITE_MANAGER:
            if ISite.providedBy(self.context):
                return self.context.getSiteManager()
            raise KeyError(key)
        return super().__getitem__(key)

    def iteritems(self) -> Iterable[tuple[str, Any]]:
        """See `IDirectorySerializer`."""
        items: Iterable[tuple[str, Any]] = self.context.items()
        if not ISite.providedBy(self.context):
            return items
        return self._with_site_manager(items)

    def _with_site_manager(
        self, items: Iterable[tuple[str, Any]]
    ) -> Iterator[tuple[str, Any]]:
        yield from items
        yield SITE_MANAGER, self.context.getSiteManager()

    def __setitem__(self, key: str, value: Any) -> None:
        if key == SITE_MANAGER:
            self._set_site_manager(value)
            return
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        if key == SITE_MANAGER:
            self._remove_site_manager()
        else:
            super().__delitem__(key)

    def _set_site_manager(self, site_manager: Any) -> None:
        if not ILocalSiteManager.providedBy(site_manager):
            raise SynchronizationError(_("what is to be the site manager is none"))
        self.context.setSiteManager(site_manager)
        # Site managers know those below them: links that loading does not make.
        site_manager.subs = ()
        for base in site_manager.__bases__:
            if ILocalSiteManager.providedBy(base) and site_manager not in base.subs:
                base.addSub(site_manager)
        for sub in self._orphans:
            sub.__bases__ = (site_manager,)
        self._orphans = ()

    def _remove_site_manager(self) -> None:
        site_manager = self[SITE_MANAGER]
        self._orphans = site_manager.subs
        for sub in self._orphans:
            sub.__bases__ = site_manager.__bases__
        # It keeps its own bases: it may be what this request looks things up in.
        for base in site_manager.__bases__:
            if ILocalSiteManager.providedBy(base):
                base.removeSub(site_manager)
        noLongerProvides(self.context, ISite)
        self.context._sm = None


@implementer(IObjectGenerator)
class LocalSiteManagerGenerator:
    """Makes the site manager of a folder, which needs to know its folder."""

    def create(self, context: Any, name: str) -> LocalSiteManager:
        """See `IObjectGenerator`."""
        site_manager = LocalSiteManager(context)
        context.setSiteManager(site_manager)
        return site_manager
