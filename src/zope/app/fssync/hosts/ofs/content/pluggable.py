"""Synchronize pluggable user folders; their registry lists the active plugins.

::

    IAuthenticationPlugin
        people
    IExtractionPlugin
        cookie
        basic

Plugins without a described type become pickles, as other objects do.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from Acquisition import aq_base
from Products.PluggableAuthService.PluggableAuthService import _PLUGIN_TYPE_INFO
from zope.interface import provider

from zope.app.fssync.hosts.ofs.content.cache import CacheSettings
from zope.app.fssync.hosts.ofs.content.folder import FolderSynchronizer
from zope.app.fssync.hosts.ofs.content.properties import Properties
from zope.app.fssync.hosts.ofs.content.settings import Field
from zope.app.fssync.hosts.ofs.content.settings import Settings
from zope.app.fssync.hosts.ofs.content.settings import SettingsBody
from zope.app.fssync.hosts.ofs.content.synchronizer import SECURITY
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync import itemtext
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IMaker
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

__all__ = [
    "MANAGE_USERS",
    "LoginFormsSynchronizer",
    "PluggableUsersSynchronizer",
    "PluginSynchronizer",
    "RegistrySynchronizer",
]

MANAGE_USERS = "Manage users"
REGISTRY = "plugins"


@provider(IExclusive)
class PluggableUsersSynchronizer(
    FolderSynchronizer, read=MANAGE_USERS, write=MANAGE_USERS, add=MANAGE_USERS
):
    """Synchronize a Pluggable Auth Service as a directory."""

    aspects = (*SECURITY, Properties, CacheSettings)
    inherited = False

    def __delitem__(self, key: str) -> None:
        if key == REGISTRY:
            # Without the registry nobody could log in to restore it.
            raise SynchronizationError(_("the registry of plugins cannot be removed"))
        super().__delitem__(key)


@provider(IMaker, IExclusive)
class RegistrySynchronizer(
    FileBody, read=MANAGE_USERS, write=MANAGE_USERS, add=MANAGE_USERS
):
    """Synchronize a Plugin Registry: the active plugins, in their order."""

    body = frozenset(("_plugin_type_info", "_plugin_types", "_plugins"))

    @staticmethod
    def make(klass: type) -> Any:
        """See `IMaker`."""
        return klass(_PLUGIN_TYPE_INFO)

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(itemtext.dumps(self._items()))

    def _items(self) -> Iterator[Item]:
        active = self._active()
        for name, interface in sorted(self._types().items()):
            if active.get(interface):
                yield Item(name, lines=tuple(active[interface]))

    def _types(self) -> dict[str, Any]:
        """Return the interfaces of plugins by their names."""
        info = aq_base(self.context)._plugin_type_info
        return {str(told["id"]): interface for interface, told in info.items()}

    def _active(self) -> Mapping[Any, tuple[str, ...]]:
        # The registry's own method for this writes to the database.
        return aq_base(self.context)._plugins or {}

    def load(self, readable: Any) -> Callable[[], None]:
        """See `IFileDeserializer`: plugins are looked up when all of them exist."""
        types = self._types()
        wanted: dict[str, tuple[str, ...]] = dict.fromkeys(types, ())
        for item in itemtext.read(readable):
            if item.key not in types or item.value is not None or item.kind:
                raise SynchronizationError(
                    _(
                        "${key} is no type of plugins here",
                        mapping={"key": repr(item.key)},
                    )
                )
            if len(set(item.lines)) != len(item.lines):
                raise SynchronizationError(
                    _("${key} names a plugin twice", mapping={"key": repr(item.key)})
                )
            wanted[item.key] = item.lines

        def activate() -> None:
            for name, plugins in wanted.items():
                self._activate(types[name], plugins)

        return activate

    def _activate(self, interface: Any, wanted: tuple[str, ...]) -> None:
        current = tuple(self._active().get(interface, ()))
        if current == wanted:
            return
        for name in current:
            self.context.deactivatePlugin(interface, name)
        for name in wanted:
            try:
                self.context.activatePlugin(interface, name)
            except (AttributeError, KeyError, ValueError):
                raise SynchronizationError(
                    _(
                        "${name} is no plugin for ${class}",
                        mapping={"name": repr(name), "class": interface.__name__},
                    )
                ) from None


class PluginSettings(Settings, write=MANAGE_USERS, read=MANAGE_USERS):
    """The settings that all plugins have."""

    # A second attribute with the id of a plugin.
    covers = frozenset(("_id",))
    fields = (Field("title", "title"),)

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        return (item for item in super().items() if item.value)

    def apply(self, values: dict[str, Any]) -> None:
        """See `Settings`."""
        self.owner.title = values["title"] or ""


def new_plugin(klass: type) -> Any:
    """Return a plugin that has no id yet."""
    plugin = klass("")
    # Its default is the id itself.
    vars(plugin).pop("_id", None)
    return plugin


@provider(IMaker, IExclusive)
class PluginSynchronizer(
    SettingsBody, read=MANAGE_USERS, write=MANAGE_USERS, add=MANAGE_USERS
):
    """Synchronize a plugin that only has a title and properties."""

    aspects = (*SECURITY, Properties)
    # Attributes of a derived class may be passwords.
    inherited = False
    settings = PluginSettings

    make = staticmethod(new_plugin)


@provider(IMaker, IExclusive)
class LoginFormsSynchronizer(
    FolderSynchronizer, read=MANAGE_USERS, write=MANAGE_USERS, add=MANAGE_USERS
):
    """Synchronize a Cookie Auth Helper: a folder with a login form."""

    aspects = (*SECURITY, Properties)
    inherited = False

    make = staticmethod(new_plugin)
