"""New files of the toolkit, with the content types that their names and bytes tell."""

from __future__ import annotations

from typing import Any

from zope.app.fssync.content.filetypes import type_by_content
from zope.app.fssync.content.filetypes import type_by_name
from zope.fssync import synchronizer
from zope.fssync.interfaces import IStreamedSerializer

__all__ = ["FileGenerator"]

#: What the toolkit calls files whose names say nothing.
UNKNOWN = ("", "application/octet-stream", "text/x-unknown-content-type")


class FileGenerator(synchronizer.FileGenerator):
    """Makes what the file factory of a container makes, of a type by its name."""

    def content_type(self, name: str) -> str | None:
        """See `zope.fssync.synchronizer.FileGenerator`."""
        return type_by_name(name)

    def create(self, context: Any, name: str, extension: str | None = None) -> Any:
        """See `IFileGenerator`."""
        obj = super().create(context, name, extension)
        if getattr(obj, "contentType", None) == "":
            # An image without data.
            obj.contentType = type_by_name(name) or ""
        return obj

    def load(self, obj: Any, readable: Any) -> Any:
        """See `IFileGenerator`."""
        callback = super().load(obj, readable)
        if getattr(obj, "contentType", None) in UNKNOWN:
            found = synchronizer.getSynchronizer(obj)
            if IStreamedSerializer.providedBy(found):
                beginning = next(iter(found.pieces()), b"")
                kind = type_by_content(beginning[:1024])
                obj.contentType = kind or obj.contentType
        return callback
