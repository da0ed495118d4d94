"""Files and images of zope.app.file become files, in pieces.

Bodies are chains of chunks, each a database record: neither reading nor writing
holds more than a few of them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from zope.app.file.file import MAXCHUNKSIZE
from zope.app.file.file import FileChunk
from zope.container.contained import ContainedProxyBase
from zope.container.contained import getProxiedObject
from zope.interface import implementer

from zope.app.fssync.content.checks import checker
from zope.app.fssync.content.chunkchain import extend
from zope.app.fssync.content.filetypes import is_text
from zope.app.fssync.content.filetypes import type_by_content
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import ISourceCheck
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.limits import CHECKED_SIZE
from zope.fssync.limits import LARGE_RECORD
from zope.fssync.synchronizer import Extras
from zope.fssync.synchronizer import StreamedBody
from zope.fssync.synchronizer import Synchronizer
from zope.fssync.synchronizer import check_header

__all__ = ["FileCheck", "FileSynchronizer"]


@implementer(IFileSynchronizer, IStreamedSerializer)
class FileSynchronizer(StreamedBody, Synchronizer):
    """Synchronizes a File or an Image; its content type is an extra.

    Containers wrap files: what there is to synchronize is in the file itself.
    """

    self_contained = True

    def __init__(self, context: Any) -> None:
        if isinstance(context, ContainedProxyBase):
            context = getProxiedObject(context)
        super().__init__(context)

    def metadata(self) -> dict[str, str] | None:
        """See `ISerializer`."""
        result = super().metadata() or {}
        if not is_text(self.context.contentType):
            result["binary"] = "true"
        return result

    def extras(self) -> Extras:
        """See `ISerializer`."""
        return Extras(contentType=self.context.contentType)

    def setextras(self, extras: Mapping[str, Any]) -> Any:
        """See `IDeserializer`."""
        check_header(extras.get("contentType", ""), "content type")
        return super().setextras(extras)

    def length(self) -> int:
        """See `StreamedBody`."""
        return int(self.context.getSize())

    def pieces(self) -> Iterator[bytes]:
        """See `IStreamedSerializer`."""
        chunk = self.context._data
        if not isinstance(chunk, FileChunk):
            yield chunk or b""
            return
        while chunk is not None:
            data, following = chunk._data, chunk.next
            yield data
            if len(data) > LARGE_RECORD:
                # Its memory is not needed any more; changed ones stay.
                chunk._p_deactivate()
            chunk = following

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        file = self.context
        beginning = readable.read(MAXCHUNKSIZE)
        try:
            # An image reads its size in pixels from the beginning of its data.
            file.data = beginning
        except (ValueError, TypeError, LookupError, struct.error):
            # It is cut off there; the data are set.
            file._width = file._height = -1
        if not file.contentType:
            # An image knows the types of PNG, GIF and JPEG, if they are not cut off.
            file.contentType = type_by_content(beginning[:1024]) or ""
        chunk = file._data
        if not isinstance(chunk, FileChunk):
            chunk = file._data = FileChunk(chunk)
        pieces = iter(lambda: readable.read(MAXCHUNKSIZE), b"")
        file._size += extend(chunk, pieces, FileChunk, file._p_jar)


@implementer(ISourceCheck)
class FileCheck:
    """Checks files whose content type says that they are JSON or XML."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def faults(self) -> Iterator[tuple[int, str]]:
        """See `ISourceCheck`."""
        check = checker(self.file.contentType)
        if check is not None and 0 < self.file.getSize() <= CHECKED_SIZE:
            yield from check(self.file.data)
