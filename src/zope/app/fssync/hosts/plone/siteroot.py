"""Synchronize the site: a container of content, and of described tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from Acquisition import aq_base
from plone.dexterity.interfaces import IDexterityContent
from zope.interface import provider

from zope.app.fssync.hosts.ofs.content.setupobjects import is_setup
from zope.app.fssync.hosts.plone.content import ContainerSynchronizer
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.messages import _
from zope.fssync.registry.synchronizers import ADAPTER
from zope.fssync.registry.synchronizers import NAME
from zope.fssync.registry.synchronizers import find

__all__ = ["SiteSynchronizer"]


@provider(IExclusive)
class SiteSynchronizer(ContainerSynchronizer):
    """Synchronize a site of Plone.

    Tools without a described type are left out: profiles create them.
    """

    # The portlets of the site are in its profile.
    parts = {k: v for k, v in ContainerSynchronizer.parts.items() if k != "portlets"}

    def has(self, key: Any) -> bool:
        """See `ContainerSynchronizer`."""
        return super().has(key) and _is_described(self.context._getOb(key))

    def iteritems(self) -> Iterator[tuple[str, Any]]:
        """See `IDirectorySerializer`."""
        for name, item in super().iteritems():
            if _is_described(item):
                yield name, item

    def __delitem__(self, key: str) -> None:
        if key in self.context._reserved_names or key == "acl_users":
            raise SynchronizationError(
                _("${key} cannot be removed", mapping={"key": repr(key)})
            )
        super().__delitem__(key)


def _is_described(item: Any) -> bool:
    if IDexterityContent.providedBy(item):
        return True
    # A folder synchronizer does not describe the settings of a tool, and what
    # GenericSetup writes is in the profile.
    found = find(aq_base(item))
    return (
        found is not None
        and found.how in (NAME, ADAPTER)
        and found.base is None
        and not is_setup(found.factory)
    )
