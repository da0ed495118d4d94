"""Files of zope.file become files; their bodies are blobs and are streamed."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from zope.interface import implementer

from zope.app.fssync.content.filetypes import is_text
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.limits import CHUNK
from zope.fssync.messages import _
from zope.fssync.synchronizer import Extras
from zope.fssync.synchronizer import StreamedBody
from zope.fssync.synchronizer import Synchronizer
from zope.fssync.synchronizer import check_header

__all__ = ["BlobFileSynchronizer"]


@implementer(IFileSynchronizer, IStreamedSerializer)
class BlobFileSynchronizer(StreamedBody, Synchronizer):
    """Synchronizes a file of zope.file.

    Extras are its MIME type and, where there are any, the type's parameters.
    """

    self_contained = True

    def metadata(self) -> dict[str, str] | None:
        """See `ISerializer`."""
        result = super().metadata() or {}
        if not is_text(self.context.mimeType):
            result["binary"] = "true"
        return result

    def extras(self) -> Extras:
        """See `ISerializer`."""
        return Extras(
            mimeType=self.context.mimeType, parameters=dict(self.context.parameters)
        )

    def setextras(self, extras: Mapping[str, Any]) -> Any:
        """See `IDeserializer`."""
        mime_type = extras.get("mimeType")
        if mime_type is not None:
            check_header(mime_type, "MIME type")
        parameters = extras.get("parameters", {})
        if not isinstance(parameters, dict):
            raise SynchronizationError(
                _("the MIME type's parameters are no dictionary")
            )
        for text in (*parameters, *parameters.values()):
            check_header(text, "parameter of a MIME type")
        return super().setextras(extras)

    def length(self) -> int:
        """See `StreamedBody`."""
        return int(self.context.size)

    def pieces(self) -> Iterator[bytes]:
        """See `IStreamedSerializer`."""
        with closing(self.context.open("r")) as body:
            while data := body.read(CHUNK):
                yield data

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        with closing(self.context.open("w")) as body:
            while data := readable.read(CHUNK):
                body.write(data)
