"""Synchronize objects that export themselves as one file of Products.GenericSetup.

Their adapter to `IFilesystemExporter` writes it, and that to `IFilesystemImporter`
reads it.  Loading purges the object first: the file has all that the exporter knows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from Products.GenericSetup.interfaces import IFilesystemExporter
from Products.GenericSetup.interfaces import IFilesystemImporter
from zope.interface import provider

from zope.app.fssync.hosts.ofs.content.pluggable import MANAGE_USERS
from zope.app.fssync.hosts.ofs.content.pluggable import PluginSettings
from zope.app.fssync.hosts.ofs.content.pluggable import new_plugin
from zope.app.fssync.hosts.ofs.content.properties import Properties
from zope.app.fssync.hosts.ofs.content.setupbody import parsed
from zope.app.fssync.hosts.ofs.content.setupbody import read_body
from zope.app.fssync.hosts.ofs.content.synchronizer import SECURITY
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IMaker
from zope.fssync.messages import _

__all__ = ["ExportedPluginSynchronizer", "exported", "import_file"]

#: What importers raise for a file that they do not take.
REFUSALS = (AssertionError, AttributeError, LookupError, TypeError, ValueError)


class _Written:
    """An export context for one file."""

    data = b""

    def writeDataFile(
        self, filename: str, text: bytes, content_type: str, subdir: str | None = None
    ) -> None:
        self.data = text


class _Given:
    """An import context with one file, whatever its name is."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def getEncoding(self) -> str:
        return "utf-8"

    def shouldPurge(self) -> bool:
        return True

    def readDataFile(self, filename: str, subdir: str | None = None) -> bytes:
        return self.data


def exported(obj: Any) -> bytes:
    """Return the file that an object exports."""
    context = _Written()
    IFilesystemExporter(obj).export(context, None)
    return context.data


def _importer(obj: Any) -> Any:
    found = IFilesystemImporter(obj, None)
    # One adapter may do both and be registered for exports only.
    return IFilesystemImporter(IFilesystemExporter(obj)) if found is None else found


def import_file(obj: Any, data: bytes) -> None:
    """Let an object import a file; refuse one of another kind of object."""
    wanted, current = (parsed(each).documentElement for each in (data, exported(obj)))
    if wanted is None or current is None or wanted.tagName != current.tagName:
        raise SynchronizationError(
            _(
                "it does not describe a ${kind}",
                mapping={"kind": getattr(current, "tagName", "")},
            )
        )
    try:
        _importer(obj).import_(_Given(data), None)
    except REFUSALS as error:
        raise SynchronizationError(
            _("not taken: ${reason}", mapping={"reason": error})
        ) from error


@provider(IMaker, IExclusive)
class ExportedPluginSynchronizer(
    FileBody, read=MANAGE_USERS, write=MANAGE_USERS, add=MANAGE_USERS
):
    """Synchronize a plugin of a pluggable user folder that exports itself."""

    aspects = (*SECURITY, Properties, PluginSettings)
    # Attributes of a derived class may be passwords.
    inherited = False
    body = frozenset(("_domain_map", "_map"))

    make = staticmethod(new_plugin)

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(exported(self.context))

    def load(self, readable: Any) -> Callable[[], None]:
        """See `IFileDeserializer`: an exporter needs the object in its place."""
        return partial(import_file, self.context, read_body(readable))
