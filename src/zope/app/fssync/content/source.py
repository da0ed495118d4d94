"""Objects that are source code or templates become files with their text."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.messages import _
from zope.fssync.synchronizer import FileSynchronizer

__all__ = ["SourceSynchronizer"]


@implementer(IFileSynchronizer)
class SourceSynchronizer(FileSynchronizer):
    """Synchronizes an object whose source is text, in a file UTF-8."""

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(self.source().encode("utf-8"))

    def load(self, readable: Any) -> Any:
        """See `IFileDeserializer`."""
        try:
            source = readable.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise SynchronizationError(_("the source is not UTF-8")) from error
        return self.replace(source)

    def source(self) -> str:
        """Return the source of the object."""
        text: str = self.context.getSource()
        return text

    def replace(self, source: str) -> Any:
        """Give the object another source; may return what `load` may."""
        return self.context.setSource(source)
