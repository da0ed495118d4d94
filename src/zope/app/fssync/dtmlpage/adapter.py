"""DTML pages of zope.app.dtmlpage become files with their source."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from zope.app.fssync.content.checks import Faults
from zope.app.fssync.content.checks import dtml_fault
from zope.app.fssync.content.source import SourceSynchronizer
from zope.fssync.interfaces import ISourceCheck

__all__ = ["DTMLPageAdapter", "DTMLPageCheck"]


class DTMLPageAdapter(SourceSynchronizer):
    """Synchronizes a DTML page."""

    self_contained = True


@implementer(ISourceCheck)
class DTMLPageCheck:
    """Checks a DTML page: it is parsed, and not run."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def faults(self) -> Faults:
        """See `ISourceCheck`."""
        template = self.page.template
        try:
            template.parse(template.read())
        except Exception as error:
            # The class of the parser's errors is not one that can be named here.
            yield dtml_fault(error)
