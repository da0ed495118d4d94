"""A blob of the database, as a part of an object: a file of its bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from zope.interface import implementer

from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.limits import CHUNK
from zope.fssync.synchronizer import StreamedBody
from zope.fssync.synchronizer import Synchronizer

__all__ = ["BlobSynchronizer"]


@implementer(IFileSynchronizer, IStreamedSerializer)
class BlobSynchronizer(StreamedBody, Synchronizer):
    """Synchronizes a blob, in pieces."""

    self_contained = True
    content_type = "application/octet-stream"

    def annotations(self) -> None:
        """See `ISerializer`."""

    def length(self) -> int:
        """See `StreamedBody`."""
        with closing(self._open("r")) as body:
            return int(body.seek(0, io.SEEK_END))

    def pieces(self) -> Iterator[bytes]:
        """See `IStreamedSerializer`."""
        with closing(self._open("r")) as body:
            while data := body.read(CHUNK):
                yield data

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        with closing(self._open("w")) as body:
            while data := readable.read(CHUNK):
                body.write(data)

    def _open(self, mode: str) -> Any:
        return self.context.open(mode)
