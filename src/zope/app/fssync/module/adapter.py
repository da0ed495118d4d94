"""Modules of zope.app.module become files with their source.

Loading one runs its code: the permission for it is that of programmers.
"""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from zope.app.fssync.content.checks import Faults
from zope.app.fssync.content.checks import python_faults
from zope.app.fssync.content.source import SourceSynchronizer
from zope.fssync.interfaces import ISourceCheck
from zope.fssync.synchronizer import Extras

__all__ = ["ModuleAdapter", "ModuleCheck"]


class ModuleAdapter(SourceSynchronizer):
    """Synchronizes a module manager; the name of the module is an extra."""

    self_contained = True

    def extras(self) -> Extras:
        """See `ISerializer`."""
        return Extras(name=self.context.name)

    def source(self) -> str:
        """See `SourceSynchronizer`."""
        text: str = self.context.source
        return text

    def replace(self, source: str) -> None:
        """See `SourceSynchronizer`."""
        self.context.update(source)


@implementer(ISourceCheck)
class ModuleCheck:
    """Checks the source of a module."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def faults(self) -> Faults:
        """See `ISourceCheck`."""
        return python_faults(self.module.source)
