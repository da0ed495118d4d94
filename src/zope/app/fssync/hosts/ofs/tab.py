"""The tab of the pages in the management interface of Zope.

Classes define their tabs in an attribute, and further ones cannot be registered.  So
the method is extended that returns the tabs which the user may see.
"""

from __future__ import annotations

from typing import Any

from App.Management import Tabs
from zope.configuration.interfaces import IConfigurationContext
from zope.interface import Interface

from zope.app.fssync.hosts.ofs.frame import LABEL
from zope.app.fssync.hosts.ofs.request import may_call

__all__ = ["ITabDirective", "install", "management_tab"]

NAME = "synchronize.html"

TAB = {"label": LABEL, "action": f"@@{NAME}"}

_original = Tabs.filtered_manage_options


class ITabDirective(Interface):
    """Add a tab with the pages to all objects for which the user may call them."""


def management_tab(_context: IConfigurationContext) -> None:
    """Handle ``fssync:managementTab``."""
    _context.action(discriminator=("fssync:managementTab",), callable=install)


def install() -> None:
    """Add the tab to all objects that have the pages."""
    Tabs.filtered_manage_options = _extended


def _extended(self: Any, REQUEST: Any = None) -> list[dict[str, Any]]:
    """Return the tabs that the user may see."""
    options: list[dict[str, Any]] = _original(self, REQUEST)
    if options and may_call(self, self.REQUEST, NAME):
        options.append(dict(TAB))
    return options
