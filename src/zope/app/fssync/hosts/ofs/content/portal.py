"""Synchronize sites of CMF: folders in which tools are registered as utilities.

A line names the interface of a registration, with the name of the utility after a colon
if it has one, and the item.  Other local registrations are not recorded, since they may
name any code::

    Products.CMFCore.interfaces.ITypesTool = portal_types
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from typing import Any

from Acquisition import aq_base
from five.localsitemanager import find_next_sitemanager
from five.localsitemanager.registry import ComponentPathWrapper
from five.localsitemanager.registry import PersistentComponents
from Products.Five.component import enableSite
from Products.Five.component.interfaces import IObjectManagerSite
from zope.component import getGlobalSiteManager
from zope.component.interfaces import ISite
from zope.interface import providedBy

from zope.app.fssync.hosts.ofs.content.aspect import TextAspect
from zope.app.fssync.hosts.ofs.content.aspect import state
from zope.app.fssync.hosts.ofs.content.folder import FolderSynchronizer
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

__all__ = ["LocalTools", "PortalSynchronizer"]

MANAGE = "Manage portal"


class LocalTools(TextAspect, write=MANAGE, read=MANAGE):
    """The items of a site that are registered as utilities in it."""

    name = "tools"
    covers = frozenset(("_components",))

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        for (provided, name), tool in sorted(self._registered().items(), key=_order):
            key = provided.__identifier__
            yield Item(f"{key}:{name}" if name else key, tool)

    def replace(self, items: list[Item]) -> Callable[[], None]:
        """See `TextAspect`: the tools may be made later."""
        return partial(self._register, items)

    def _registered(self) -> dict[tuple[Any, str], str]:
        """Return the ids of items by what they are registered for."""
        site = self.owner
        found = {}
        # The method for this looks for tools in the site of the request.
        components = state(site).get("_components")
        registrations = getattr(aq_base(components), "_utility_registrations", {})
        for key, (component, *_rest) in registrations.items():
            if isinstance(component, ComponentPathWrapper):
                component = component.component
            name = getattr(aq_base(component), "getId", str)()
            if aq_base(site._getOb(name, None)) is aq_base(component):
                found[key] = name
        return found

    def _register(self, items: list[Item]) -> None:
        site = self.owner
        wanted = {}
        for item in items:
            tool = site._getOb(item.value or "", None)
            interface, _colon, name = item.key.partition(":")
            provided = _interface(tool, interface)
            if provided is None:
                raise SynchronizationError(
                    _(
                        "there is no item ${name} that provides ${interface}",
                        mapping={"name": repr(item.value), "interface": interface},
                    )
                )
            wanted[provided, name] = item.value
        if wanted and state(site).get("_components") is None:
            _make_site(site)
        current = self._registered()
        for provided, name in current.keys() - wanted.keys():
            site.getSiteManager().unregisterUtility(provided=provided, name=name)
        for (provided, name), tool in sorted(wanted.items(), key=_order):
            if current.get((provided, name)) != tool:
                manager = site.getSiteManager()
                manager.registerUtility(site._getOb(tool), provided, name)


def _make_site(folder: Any) -> None:
    """Give a folder, or a site that has none, a registry of its own."""
    above = find_next_sitemanager(folder) or getGlobalSiteManager()
    if not ISite.providedBy(folder):
        enableSite(folder, iface=IObjectManagerSite)
    components = PersistentComponents("++etc++site", bases=(above,))
    folder.setSiteManager(components)
    components.__parent__ = aq_base(folder)


def _order(registered: tuple[tuple[Any, str], Any]) -> tuple[str, str]:
    (provided, name), _tool = registered
    return provided.__identifier__, name


def _interface(tool: Any, name: str) -> Any:
    """Return the interface of a name that an object provides."""
    provided = () if tool is None else providedBy(aq_base(tool)).flattened()
    return next((each for each in provided if each.__identifier__ == name), None)


class PortalSynchronizer(FolderSynchronizer):
    """Synchronize a site of CMF."""

    aspects = (*FolderSynchronizer.aspects, LocalTools)
