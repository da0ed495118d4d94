"""Files of themes and skins that were made in the site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from Acquisition import aq_base
from Acquisition import aq_chain
from OFS.Folder import Folder
from OFS.interfaces import IItem
from plone.app.theming.utils import theming_policy
from zope.component import adapter
from zope.interface import provider
from zope.lifecycleevent.interfaces import IObjectModifiedEvent
from zope.lifecycleevent.interfaces import IObjectMovedEvent

from zope.app.fssync.hosts.ofs.content.folder import FolderSynchronizer
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.messages import _

__all__ = ["SkinsSynchronizer", "forget_themes", "forget_themes_moved"]

#: The tool with the files of themes and other resources.
RESOURCES = "portal_resources"


def is_in_resources(obj: Any) -> bool:
    """Return True if an object is the folder of resources, or in it."""
    return any(
        getattr(aq_base(each), "getId", str)() == RESOURCES for each in aq_chain(obj)
    )


@adapter(IItem, IObjectModifiedEvent)
def forget_themes(obj: Any, event: Any) -> None:
    """Recompile themes after a change of one of their files."""
    if is_in_resources(obj):
        theming_policy().invalidateCache()


@adapter(IItem, IObjectMovedEvent)
def forget_themes_moved(obj: Any, event: Any) -> None:
    """Recompile themes after a file was added or removed."""
    for parent in (event.oldParent, event.newParent):
        if parent is not None and is_in_resources(parent):
            theming_policy().invalidateCache()
            return


@provider(IExclusive)
class SkinsSynchronizer(
    FolderSynchronizer, write="Manage properties", add="Manage portal"
):
    """Synchronize the skin folders that are stored in the site, as ``custom``.

    Skin folders of the file system are parts of packages.  Settings of the tool are in
    the profile.
    """

    aspects = ()

    def has(self, key: Any) -> bool:
        """See `FolderSynchronizer`."""
        return super().has(key) and _is_stored(self.context._getOb(key))

    def iteritems(self) -> Iterator[tuple[str, Any]]:
        """See `FolderSynchronizer`."""
        for name, item in super().iteritems():
            if _is_stored(item):
                yield name, item

    def __delitem__(self, key: str) -> None:
        if key == "custom":
            raise SynchronizationError(_("the folder for customized skins remains"))
        super().__delitem__(key)


def _is_stored(item: Any) -> bool:
    return type(aq_base(item)) is Folder
