"""Synchronize files and images in pieces.

Their bodies are chains of chunks, each a database record.  Only a few of these are in
memory during reading and writing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from Acquisition import aq_base
from OFS.Image import File
from OFS.Image import Image
from OFS.Image import Pdata
from zope.interface import implementer
from zope.interface import provider

from zope.app.fssync.content.chunkchain import extend
from zope.app.fssync.content.filetypes import is_text
from zope.app.fssync.hosts.ofs.content.aspect import TextAspect
from zope.app.fssync.hosts.ofs.content.cache import CacheSettings
from zope.app.fssync.hosts.ofs.content.properties import Properties
from zope.app.fssync.hosts.ofs.content.synchronizer import SECURITY
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IMaker
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.itemtext import Item
from zope.fssync.limits import CHUNK
from zope.fssync.messages import _
from zope.fssync.synchronizer import StreamedBody

__all__ = ["FileSynchronizer", "Precondition"]


class Precondition(TextAspect, write="Change Images and Files"):
    """The name of the method that decides whether a file is sent."""

    name = "precondition"
    covers = frozenset(("precondition",))

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        found = aq_base(self.owner).precondition
        if found:
            yield Item("method", str(found))

    def replace(self, items: list[Item]) -> None:
        """See `TextAspect`."""
        if [item.key for item in items] not in ([], ["method"]):
            raise SynchronizationError(_("a precondition is a method"))
        for item in items:
            self.owner.precondition = item.value or ""
        if not items and "precondition" in vars(aq_base(self.owner)):
            del self.owner.precondition


@provider(IMaker)
@implementer(IStreamedSerializer)
class FileSynchronizer(
    StreamedBody,
    FileBody,
    write="Change Images and Files",
    add="Add Documents, Images, and Files",
):
    """Synchronize a File or an Image."""

    aspects = (
        *SECURITY,
        CacheSettings,
        Precondition,
        Properties,
    )
    body = frozenset(("data", "size"))

    @staticmethod
    def make(klass: type) -> Any:
        """See `IMaker`."""
        return klass("", "", b"")

    def metadata(self) -> dict[str, str] | None:
        """See `ISerializer`."""
        result = super().metadata() or {}
        if not is_text(getattr(aq_base(self.context), "content_type", "")):
            result["binary"] = "true"
        return result

    def length(self) -> int:
        """See `StreamedBody`."""
        return int(aq_base(self.context).get_size())

    def pieces(self) -> Iterator[bytes]:
        """See `IStreamedSerializer`."""
        chunk = aq_base(self.context).data
        if not isinstance(chunk, Pdata):
            yield chunk.encode() if isinstance(chunk, str) else chunk
            return
        while chunk is not None:
            chunk = aq_base(chunk)
            data, following = chunk.data, chunk.next
            yield data
            # Free its memory; a changed chunk stays.
            chunk._p_deactivate()
            chunk = following

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        self.refuse_locked()
        file = self.context
        data: Any = _piece(readable)
        size = len(data)
        if size == CHUNK:
            data, size = self._chain(data, readable)
        if isinstance(aq_base(file), Image):
            # Zope reads its type and its size in pixels from the first bytes.
            beginning = data.data if isinstance(data, Pdata) else data
            try:
                file.update_data(beginning, size=size)
            except (ValueError, TypeError, LookupError, struct.error):
                # The image is truncated, or its size is not a number of pixels.
                File.update_data(file, beginning, size=size)
            file.data = data
        else:
            file.update_data(data, size=size)

    def _chain(self, data: bytes, readable: Any) -> tuple[Any, int]:
        jar = aq_base(self.context)._p_jar
        first = Pdata(data)
        if jar is not None:
            jar.add(first)
        pieces = iter(lambda: _piece(readable), b"")
        return first, len(data) + extend(first, pieces, Pdata, jar)


def _piece(readable: Any) -> bytes:
    """Read a whole chunk, shorter only at the end."""
    pieces = []
    left = CHUNK
    while left and (data := readable.read(left)):
        pieces.append(data)
        left -= len(data)
    return b"".join(pieces)
