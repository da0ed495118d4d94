"""Make objects for new files and directories without a factory.

The suffix of the name selects the type.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from OFS.DTMLMethod import DTMLMethod
from OFS.Folder import Folder
from OFS.Image import File
from OFS.Image import Image
from Products.PageTemplates.ZopePageTemplate import ZopePageTemplate
from zope.interface import implementer

from zope.app.fssync.content.filetypes import content_type_of
from zope.app.fssync.hosts.ofs.content import headers
from zope.app.fssync.hosts.ofs.content import skinmetadata
from zope.fssync.errors import NameRefused
from zope.fssync.interfaces import IDirectoryGenerator
from zope.fssync.interfaces import IFileGenerator
from zope.fssync.registry import names
from zope.fssync.synchronizer import dottedname
from zope.fssync.synchronizer import getSynchronizer

__all__ = ["FileGenerator", "FolderGenerator"]

#: Types by suffix; some of their products may not be installed.
SUFFIXES: Mapping[str, str] = {
    ".dtml": dottedname(DTMLMethod),
    ".pt": dottedname(ZopePageTemplate),
    ".zpt": dottedname(ZopePageTemplate),
    ".cpt": dottedname(ZopePageTemplate),
    ".html": dottedname(ZopePageTemplate),
    ".htm": dottedname(ZopePageTemplate),
    ".py": "Products.PythonScripts.PythonScript.PythonScript",
    ".cpy": "Products.PythonScripts.PythonScript.PythonScript",
    ".vpy": "Products.PythonScripts.PythonScript.PythonScript",
    ".sql": "Products.ZSQLMethods.SQL.SQL",
    ".zsql": "Products.ZSQLMethods.SQL.SQL",
    **dict.fromkeys(
        (
            *(".avif", ".bmp", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".svg"),
            *(".tif", ".tiff", ".webp"),
        ),
        dottedname(Image),
    ),
}


@implementer(IFileGenerator)
class FileGenerator:
    """Make templates, scripts, SQL methods and images; a file for other suffixes."""

    def create(self, context: Any, name: str, extension: str | None = None) -> Any:
        """See `IFileGenerator`."""
        dotted = SUFFIXES.get((extension or "").lower(), dottedname(File))
        try:
            make: Callable[[], Any] = names.factory(dotted)
        except NameRefused:
            make = names.factory(dottedname(File))
        obj = make()
        obj._setId(name)
        return obj

    def load(self, obj: Any, readable: Any) -> Any:
        """See `IFileGenerator`."""
        callback = getSynchronizer(obj).load(readable)
        if isinstance(obj, File):
            beginning = obj.data if isinstance(obj.data, bytes) else obj.data.data
            obj.content_type = content_type_of(obj.getId(), beginning[:1024])
            if len(beginning) == obj.size:
                callback = callback or skinmetadata.settling(obj, beginning)
        headers.apply(obj)
        return callback


@implementer(IDirectoryGenerator)
class FolderGenerator:
    """Make folders."""

    def create(self, context: Any, name: str) -> Any:
        """See `IDirectoryGenerator`."""
        return Folder(name)
