"""Synchronize Z SQL Methods as files with their SQL, and their settings."""

from __future__ import annotations

from typing import Any

from Acquisition import aq_base
from DocumentTemplate.DT_Util import ParseError
from zope.interface import implementer
from zope.interface import provider

from zope.app.fssync.content.checks import dtml_fault
from zope.app.fssync.content.source import SourceSynchronizer
from zope.app.fssync.hosts.ofs.content.settings import Field
from zope.app.fssync.hosts.ofs.content.settings import Settings
from zope.app.fssync.hosts.ofs.content.synchronizer import SECURITY
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IMaker
from zope.fssync.messages import _

__all__ = ["SQLMethodSynchronizer", "SQLSettings"]

CHANGE = "Change Database Methods"

#: Attributes that are set directly: Zope's method would load the class file, which may
#: be missing on this server, and forget the connection hook.
ADVANCED = {
    "maximum rows": "max_rows_",
    "maximum cache": "max_cache_",
    "cache time": "cache_time_",
    "class name": "class_name_",
    "class file": "class_file_",
    "direct traversal": "allow_simple_one_argument_traversal",
    "connection hook": "connection_hook",
}


class SQLSettings(Settings, write=CHANGE):
    """The settings of a Z SQL Method; always written."""

    fields = (
        Field("title", "title"),
        Field("connection", "connection_id"),
        Field("arguments", "arguments_src", "text"),
        Field("maximum rows", "max_rows_", "int"),
        Field("maximum cache", "max_cache_", "int"),
        Field("cache time", "cache_time_", "int"),
        Field("class name", "class_name_"),
        Field("class file", "class_file_"),
        Field("direct traversal", "allow_simple_one_argument_traversal", "boolean"),
        Field("connection hook", "connection_hook"),
    )

    def apply(self, values: dict[str, Any]) -> None:
        """See `Settings`."""
        method = self.owner
        method.manage_edit(
            values["title"] or "",
            values["connection"] or "",
            values["arguments"] or "",
            method.src,
        )
        for key, attribute in ADVANCED.items():
            if getattr(aq_base(method), attribute, None) != values[key]:
                setattr(method, attribute, values[key])
        if hasattr(aq_base(method), "_v_brain"):
            del method._v_brain


@implementer(IFileSynchronizer)
@provider(IMaker, IExclusive)
class SQLMethodSynchronizer(
    FileBody, SourceSynchronizer, write=CHANGE, add="Add Database Methods"
):
    """Synchronize a Z SQL Method."""

    aspects = (*SECURITY, SQLSettings)
    body = frozenset(("src", "template", "_arg", "_col", "_cache"))

    @staticmethod
    def make(klass: type) -> Any:
        """See `IMaker`."""
        return klass("", "", "", "", "")

    def source(self) -> str:
        """See `SourceSynchronizer`."""
        text: str = aq_base(self.context).src
        return text

    def replace(self, source: str) -> None:
        """See `SourceSynchronizer`."""
        self.refuse_locked()
        method = self.context
        try:
            method.manage_edit(
                method.title, method.connection_id, method.arguments_src, source
            )
        except (ParseError, SyntaxError) as error:
            line, message = dtml_fault(error)
            where = _(", on line ${line}", mapping={"line": line}) if line else ""
            raise SynchronizationError(
                _(
                    "no SQL template: ${message}${where}",
                    mapping={"message": message, "where": where},
                )
            ) from error
