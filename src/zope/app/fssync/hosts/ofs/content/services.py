"""Synchronize mail hosts, error logs, external methods and database connections."""

from __future__ import annotations

from typing import Any

from Acquisition import aq_base
from zope.interface import provider

from zope.app.fssync.hosts.ofs.content.settings import Field
from zope.app.fssync.hosts.ofs.content.settings import Settings
from zope.app.fssync.hosts.ofs.content.settings import SettingsBody
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IMaker

__all__ = [
    "ConnectionSynchronizer",
    "ErrorLogSynchronizer",
    "ExternalMethodSynchronizer",
    "MailHostSynchronizer",
]


class MailHostSettings(Settings, write="Change configuration"):
    """The server of a mail host, and the user."""

    fields = (
        Field("title", "title"),
        Field("host", "smtp_host"),
        Field("port", "smtp_port", "int"),
        Field("user", "smtp_uid"),
        Field("password", "smtp_pwd", secret="password"),
        Field("queue", "smtp_queue", "boolean"),
        Field("queue directory", "smtp_queue_directory"),
        Field("force TLS", "force_tls", "boolean"),
        Field("implicit TLS", "implicit_tls", "boolean"),
    )

    def apply(self, values: dict[str, Any]) -> None:
        """See `Settings`."""
        self.owner.manage_makeChanges(
            *(
                values[key] or ""
                for key in ("title", "host", "port", "user", "password")
            ),
            smtp_queue=values["queue"],
            smtp_queue_directory=values["queue directory"],
            force_tls=values["force TLS"],
            implicit_tls=values["implicit TLS"],
        )


@provider(IExclusive)
class MailHostSynchronizer(
    SettingsBody, write="Change configuration", add="Add MailHost objects"
):
    """Synchronize a Mail Host."""

    settings = MailHostSettings


class ErrorLogSettings(Settings):
    """The number and the kinds of errors in the log."""

    fields = (
        Field("kept entries", "keep_entries", "int"),
        Field("copy to event log", "copy_to_zlog", "boolean"),
        Field("ignored exceptions", "_ignored_exceptions", "lines"),
    )

    def apply(self, values: dict[str, Any]) -> None:
        """See `Settings`."""
        self.owner.setProperties(
            values["kept entries"] or 0,
            values["copy to event log"],
            values["ignored exceptions"],
        )


@provider(IExclusive)
class ErrorLogSynchronizer(
    SettingsBody, write="Log Site Errors", add="Log Site Errors"
):
    """Synchronize a Site Error Log, without the errors."""

    settings = ErrorLogSettings


class ExternalMethodSettings(Settings):
    """The module and the function of an external method."""

    fields = (
        Field("title", "title"),
        Field("module", "_module"),
        Field("function", "_function"),
    )

    def apply(self, values: dict[str, Any]) -> None:
        """See `Settings`.

        The module may be missing on this server: Zope's own method would fail then.
        """
        method = self.owner
        method.title = values["title"] or ""
        method._module = (values["module"] or "").removesuffix(".py")
        method._function = values["function"] or ""
        forget(method)


@provider(IMaker, IExclusive)
class ExternalMethodSynchronizer(
    SettingsBody, write="Change External Methods", add="Add External Methods"
):
    """Synchronize an External Method."""

    settings = ExternalMethodSettings

    @staticmethod
    def make(klass: Any) -> Any:
        """See `IMaker`."""
        method = klass.__new__(klass)
        method.id = method.title = method._module = method._function = ""
        return method


class ConnectionSettings(Settings):
    """The connection string of a database connection, a secret."""

    fields = (
        Field("title", "title"),
        Field("connection", "connection_string", secret="connection"),
    )

    def apply(self, values: dict[str, Any]) -> None:
        """See `Settings`.

        The methods of products for this differ, and connect at once.
        """
        connection = self.owner
        connection.title = values["title"] or ""
        connection.connection_string = values["connection"] or ""
        forget(connection)


def forget(obj: Any) -> None:
    """Remove the values that an object has computed from its settings."""
    for name in [each for each in vars(aq_base(obj)) if each.startswith("_v_")]:
        delattr(obj, name)


@provider(IMaker, IExclusive)
class ConnectionSynchronizer(
    SettingsBody, write="Change Database Connections", add="Change Database Connections"
):
    """Synchronize a database connection of any product.

    Attributes of the product are in ``attributes``.  Register it for the classes of
    connections that a site has.
    """

    settings = ConnectionSettings

    @staticmethod
    def make(klass: Any) -> Any:
        """See `IMaker`."""
        connection = klass.__new__(klass)
        connection.id = connection.title = connection.connection_string = ""
        return connection
