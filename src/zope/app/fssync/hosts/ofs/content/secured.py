"""Add the security aspects to objects that a schema describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zope.event import notify
from zope.interface import implementer
from zope.lifecycleevent import ObjectModifiedEvent

from zope.app.fssync.content.schema.adapter import Described
from zope.app.fssync.hosts.ofs.content.aspect import Aspect
from zope.app.fssync.hosts.ofs.content.aspect import Aspects
from zope.app.fssync.hosts.ofs.content.security import LocalRoles
from zope.app.fssync.hosts.ofs.content.security import Owner
from zope.app.fssync.hosts.ofs.content.security import PermissionSettings
from zope.app.fssync.hosts.ofs.content.security import ProxyRoles
from zope.app.fssync.hosts.ofs.content.security import Roles
from zope.app.fssync.hosts.ofs.parts import PartsSynchronizer
from zope.app.fssync.hosts.ofs.permissions import require
from zope.fssync.errors import SynchronizationError
from zope.fssync.inheritance import WrappedSynchronizer
from zope.fssync.interfaces import IPartMaker
from zope.fssync.interfaces import ISynchronizableExtras
from zope.fssync.messages import _
from zope.fssync.synchronizer import Extras

__all__ = ["SecuredExtras", "SecuredPartsSynchronizer", "kinds", "secured"]

#: The aspects with owner, roles and permissions.
SECURITY = (Owner, PermissionSettings, Roles, LocalRoles, ProxyRoles)


def kinds(obj: Any) -> tuple[type[Aspect], ...]:
    """Return the security aspects that an object can have."""
    return tuple(kind for kind in SECURITY if kind.belongs(obj))


def secured(synchronizer: Any, obj: Any) -> Any:
    """Return a synchronizer with the aspects, if it was made from a schema."""
    if not isinstance(synchronizer, Described):
        return synchronizer
    found = kinds(obj)
    return _Secured(synchronizer, obj, found) if found else synchronizer


@implementer(ISynchronizableExtras)
class SecuredExtras(Extras):
    """The extras of an object, and the aspects that it has or may have."""

    def __init__(
        self, extras: Mapping[str, Any], owner: Any, found: tuple[type[Aspect], ...]
    ) -> None:
        self.owner = owner
        self.kinds = {kind.name: kind for kind in found}
        super().__init__({**extras, **Aspects(found, owner)})


@implementer(IPartMaker)
class SecuredPartsSynchronizer(PartsSynchronizer):
    """Synchronize extras, some of which are aspects."""

    def make(self, key: str) -> Aspect:
        """See `IPartMaker`."""
        kind: type[Aspect] | None = self.context.kinds.get(key)
        if kind is None:
            raise SynchronizationError(
                _(
                    "objects of this type have no part ${key}",
                    mapping={"key": repr(key)},
                ),
                advice=_(
                    "There are: ${names}.",
                    mapping={"names": ", ".join(sorted(self.context.kinds))},
                ),
            )
        return kind(self.context.owner)

    def makes(self, key: str) -> bool:
        """See `IPartMaker`."""
        return key in self.context.kinds

    def __delitem__(self, key: str) -> None:
        if not self.makes(key):
            super().__delitem__(key)
            return
        aspect = self.make(key)
        require(aspect.permissions["write"], aspect.owner)
        aspect.remove()
        notify(ObjectModifiedEvent(aspect))


class _Secured(WrappedSynchronizer):
    """A synchronizer with additional aspects."""

    def __init__(self, inner: Any, obj: Any, found: tuple[type[Aspect], ...]) -> None:
        super().__init__(inner, obj)
        self._kinds = found

    def extras(self) -> SecuredExtras:
        """See `ISerializer`."""
        return SecuredExtras(self._inner.extras(), self._obj, self._kinds)

    def setextras(self, extras: Mapping[str, Any]) -> Any:
        """See `IDeserializer`: the aspects were changed before."""
        names = {kind.name for kind in self._kinds}
        others = {name: v for name, v in extras.items() if name not in names}
        return self._inner.setextras(others) if others else None
