"""Page templates of zope.app.zptpage become files with their source."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.synchronizer import FileSynchronizer

__all__ = ["ZPTPageAdapter"]


@implementer(IFileSynchronizer)
class ZPTPageAdapter(FileSynchronizer):
    """Synchronizes a page template; its source is text, in a file UTF-8."""

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(self.context.getSource().encode("utf-8"))

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        try:
            source = readable.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise SynchronizationError("the source is not UTF-8") from error
        self.context.setSource(source)
