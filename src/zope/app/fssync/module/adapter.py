"""Modules of zope.app.module become files with their source.

Loading one runs its code: the permission for it is that of programmers.
"""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.synchronizer import Extras
from zope.fssync.synchronizer import FileSynchronizer

__all__ = ["ModuleAdapter"]


@implementer(IFileSynchronizer)
class ModuleAdapter(FileSynchronizer):
    """Synchronizes a module manager; the name of the module is an extra."""

    def extras(self) -> Extras:
        """See `ISerializer`."""
        return Extras(name=self.context.name)

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(self.context.source.encode("utf-8"))

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        try:
            source = readable.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise SynchronizationError("the source is not UTF-8") from error
        self.context.update(source)
