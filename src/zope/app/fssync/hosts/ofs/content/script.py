"""Synchronize Scripts (Python) as files with their code, and their settings."""

from __future__ import annotations

from typing import Any

from Acquisition import aq_base
from zope.interface import implementer
from zope.interface import provider

from zope.app.fssync.content.source import SourceSynchronizer
from zope.app.fssync.hosts.ofs.content.cache import CacheSettings
from zope.app.fssync.hosts.ofs.content.security import ProxyRoles
from zope.app.fssync.hosts.ofs.content.settings import Field
from zope.app.fssync.hosts.ofs.content.settings import Settings
from zope.app.fssync.hosts.ofs.content.synchronizer import SECURITY
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IMaker

__all__ = ["PythonScriptSynchronizer", "ScriptSettings"]

#: The names of bindings in files, and in Zope.
BINDINGS = {
    "bind context": "name_context",
    "bind container": "name_container",
    "bind script": "name_m_self",
    "bind namespace": "name_ns",
    "bind subpath": "name_subpath",
}


class ScriptSettings(Settings, write="Change Python Scripts"):
    """Title, parameters and bindings of a script; always written."""

    fields = (
        Field("title", "title"),
        Field("parameters", "_params", "text"),
        *(Field(key, name) for key, name in BINDINGS.items()),
    )

    def get(self, field: Field) -> Any:
        """See `Settings`."""
        if field.key in BINDINGS:
            names = aq_base(self.owner).getBindingAssignments()
            return names.getAssignedName(field.attribute, "")
        return super().get(field)

    def apply(self, values: dict[str, Any]) -> None:
        """See `Settings`."""
        script = self.owner
        script._validateProxy()
        script.ZPythonScript_setTitle(values["title"] or "")
        bindings = {name: values[key] or "" for key, name in BINDINGS.items()}
        parameters = values["parameters"] or ""
        changed = script._params != parameters
        if changed:
            script._params = parameters
        current = script.getBindingAssignments().getAssignedNames()
        if current != {name: to for name, to in bindings.items() if to}:
            try:
                script.ZBindings_edit(bindings)
            except ValueError as error:
                raise SynchronizationError(str(error)) from error
            changed = True
        if changed:
            script._makeFunction()


@implementer(IFileSynchronizer)
@provider(IMaker, IExclusive)
class PythonScriptSynchronizer(
    FileBody,
    SourceSynchronizer,
    write="Change Python Scripts",
    add="Add Python Scripts",
):
    """Synchronize a Script (Python).

    A script that does not compile is stored unchanged, as Zope does.
    """

    aspects = (
        *SECURITY,
        CacheSettings,
        ProxyRoles,
        ScriptSettings,
    )
    body = frozenset(
        (
            "_body",
            "_bind_names",
            "_code",
            "_filepath",
            "_Bindings_client",
            "Python_magic",
            "Script_magic",
            "__code__",
            "__defaults__",
            "errors",
            "warnings",
            "func_code",
            "func_defaults",
        )
    )

    @staticmethod
    def make(klass: type) -> Any:
        """See `IMaker`."""
        return klass("")

    def source(self) -> str:
        """See `SourceSynchronizer`."""
        text: str = aq_base(self.context)._body
        return text

    def replace(self, source: str) -> None:
        """See `SourceSynchronizer`.

        It does not use ``write``, which reads settings from the first comments.
        """
        self.refuse_locked()
        script = self.context
        script._validateProxy()
        body = source.rstrip()
        script._body = body + "\n" if body else ""
        script._makeFunction()
