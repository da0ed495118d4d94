"""Zope as a host: paths by acquisition, and permissions by AccessControl.

A synchronizer names its permissions by `IGuarded`.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from AccessControl import getSecurityManager
from AccessControl.Permission import getPermissions
from AccessControl.Permissions import change_permissions
from AccessControl.Permissions import delete_objects
from AccessControl.unauthorized import Unauthorized
from Acquisition import aq_acquire
from Acquisition import aq_base
from Acquisition import aq_chain
from Acquisition import aq_inner
from Acquisition import aq_parent
from OFS.CopySupport import CopyError
from OFS.interfaces import IApplication
from OFS.interfaces import IObjectManager
from zExceptions import BadRequest
from zExceptions import Forbidden
from zExceptions import ResourceLockedError
from ZODB.POSException import POSKeyError
from zope.component import queryUtility
from zope.interface import providedBy
from ZPublisher.BaseRequest import RequestContainer

from zope.app.fssync.hosts.ofs import grants
from zope.app.fssync.hosts.ofs.content.interfaces import ISecretsPolicy
from zope.app.fssync.hosts.ofs.content.secrets import keeps_passwords
from zope.app.fssync.hosts.ofs.content.secrets import recorded
from zope.app.fssync.hosts.ofs.content.secured import secured
from zope.app.fssync.hosts.ofs.detached import Detached
from zope.app.fssync.hosts.ofs.detached import detached
from zope.app.fssync.hosts.ofs.interfaces import IGuarded
from zope.app.fssync.hosts.ofs.moving import move
from zope.app.fssync.hosts.ofs.permissions import ANYTHING
from zope.app.fssync.hosts.ofs.permissions import allowed
from zope.app.fssync.hosts.ofs.permissions import placed
from zope.app.fssync.hosts.ofs.permissions import reading_past
from zope.app.fssync.hosts.ofs.permissions import require
from zope.app.fssync.hosts.ofs.permissions import title
from zope.app.fssync.hosts.ofs.products import adding_permissions
from zope.app.fssync.hosts.ofs.tracer import ZopeTracer
from zope.app.fssync.hosts.ofs.users import rights
from zope.app.fssync.server.host import BaseAccess
from zope.app.fssync.server.host import BaseHost
from zope.app.fssync.server.making import offered
from zope.app.fssync.server.registration import Registration
from zope.app.fssync.server.registration import permission_id
from zope.app.fssync.server.registration import registration
from zope.fssync.inheritance import inheriting
from zope.fssync.interfaces import IDirectorySerializer
from zope.fssync.interfaces import ISerializer
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.registry.synchronizers import find
from zope.fssync.synchronizer import dottedname

__all__ = ["Access", "Guard", "ZopeHost", "permission_for"]

#: The names by which synchronizers are read.
_reading = frozenset(
    name
    for interface in (ISerializer, IStreamedSerializer, IDirectorySerializer)
    for name in interface.names(all=True)
) | {"traverseName"}


class Access(BaseAccess):
    """See `IAccess`: permissions are those in the place of each object."""

    stored = staticmethod(aq_base)

    def __init__(self, reading: bool = False) -> None:
        super().__init__(reading)
        #: Decisions by permission, object and container, while nothing changes.
        self._decisions: dict[tuple[Any, ...], bool] | None = {} if reading else None
        self._above_is_known = False

    def kind(self, obj: Any) -> Kind | None:
        """See `BaseAccess`."""
        found = find(obj)
        if found is None:
            return None
        return Kind(registration(found.factory), found.base)

    def permitted(self, kind: Kind, obj: Any, context: Any) -> Guard | None:
        """See `BaseAccess`."""
        place = placed(obj, context)
        self._note_computed_roles(place)
        synchronizer = kind.registration.make(_surrounded(obj, place))
        permissions = permissions_of(kind.registration, synchronizer)
        if not self._allowed(permission_for("read", permissions), place):
            return None
        return Guard(synchronizer, place, self, permissions)

    def synchronizer(self, kind: Kind, obj: Any, permitted: Guard) -> Any:
        """See `BaseAccess`."""
        return permitted._synchronizer

    def guarded(
        self, kind: Kind, synchronizer: Any, obj: Any, permitted: Guard
    ) -> Guard:
        """See `BaseAccess`."""
        whole = inheriting(synchronizer, aq_base(obj), kind.base)
        whole = secured(whole, permitted._place)
        if whole is not synchronizer:
            return Guard(whole, permitted._place, self, permitted._permissions)
        return permitted

    def is_self_contained(self, synchronizer: Any) -> bool:
        """See `BaseAccess`: synchronizers may read settings of the folders above, too.

        If one of those changes, the tracer marks everything below.
        """
        declared = super().is_self_contained(synchronizer)
        return declared or bool(IGuarded.providedBy(synchronizer))

    def may_pickle(self, synchronizer: Any, obj: Any, permitted: Guard) -> bool:
        """See `BaseAccess`."""
        place = permitted._place
        if not _is_open(_surrounded(obj, place)):
            self.closed = True
            return False
        return super().may_pickle(synchronizer, place, permitted)

    def _note_computed_roles(self, place: Any) -> None:
        """Note objects that compute local roles, which may depend on anything."""
        # The folders above were examined before this object.
        concerned = [place] if self._above_is_known else aq_chain(place)
        self._above_is_known = True
        for each in concerned:
            if callable(getattr(aq_base(each), "__ac_local_roles__", None)):
                self.self_contained = False

    def _allowed(self, permission: str | None, place: Any) -> bool:
        oid = getattr(aq_base(place), "_p_oid", None)
        if self._decisions is None or oid is None or permission is None:
            return allowed(permission, place)
        above = getattr(aq_base(aq_parent(place)), "_p_oid", None)
        key = (permission, oid, above)
        known = self._decisions.get(key)
        if known is None:
            if len(self._decisions) >= self.size:
                self._decisions.clear()
            known = self._decisions[key] = allowed(permission, place)
        return known

    def required(self, obj: Any) -> dict[str, str]:
        """See `IAccess`."""
        kind = self.kind(obj)
        if kind is None:
            return {}
        registered = kind.registration
        synchronizer = registered.make(obj)
        said = permissions_of(registered, synchronizer)
        found = {what: permission_for(what, said) for what in ("read", "write")}
        return {what: title for what, title in found.items() if title is not None}

    def allows(self, permission: str, obj: Any) -> bool:
        """See `IAccess`."""
        return allowed(title(permission), placed(obj))

    def settle(self, obj: Any, context: Any) -> None:
        """See `IAccess`."""
        grants.settle(obj, placed(context))


def _surrounded(obj: Any, place: Any) -> Any:
    """Return an object in its acquisition context, if ``place`` is its own place."""
    return place if aq_base(place) is aq_base(obj) else obj


def _is_open(obj: Any) -> bool:
    """Return True if the caller may read all parts of a pickled object."""
    if keeps_passwords(obj) and not recorded(obj, "password"):
        return False
    if grants.given(obj) and not allowed(change_permissions, obj):
        return False
    if not IObjectManager.providedBy(obj):
        return True
    return all(
        allowed(ANYTHING, item) and _is_open(item) for item in obj.objectValues()
    )


class Kind(NamedTuple):
    """The registration for a class of objects; ``base`` is as in `Found`."""

    registration: Registration
    base: type | None


def permissions_of(
    registered: Registration, synchronizer: Any
) -> Mapping[str, str | None]:
    """Return the permissions for the use of a synchronizer, as in `IGuarded`.

    Those of its registration override its own.
    """
    own = synchronizer.permissions if IGuarded.providedBy(synchronizer) else {}
    if registered.permission is None and registered.write is None:
        found: Mapping[str, str | None] = own
        return found
    said = {
        "read": registered.permission,
        "write": registered.write,
        "add": registered.write,
    }
    return {
        **own,
        **{k: title(permission_id(p)) for k, p in said.items() if p is not None},
    }


def permission_for(what: str, permissions: Mapping[str, str | None]) -> str | None:
    """Return the permission that a synchronizer requires, see `IGuarded`."""
    return permissions.get(what, delete_objects if what == "delete" else ANYTHING)


class Guard:
    """A synchronizer that checks the permissions of the caller in a place."""

    def __init__(
        self,
        synchronizer: Any,
        place: Any,
        access: Access,
        permissions: Mapping[str, str | None],
    ) -> None:
        self._synchronizer = synchronizer
        self._place = place
        self._access = access
        self._permissions = permissions

    @property
    def __providedBy__(self) -> Any:
        return providedBy(self._synchronizer)

    def __getattr__(self, name: str) -> Any:
        # The permission to read was checked before the guard was created.
        if name not in _reading and name != "setextras":
            require(permission_for("write", self._permissions), self._place)
        return getattr(self._synchronizer, name)

    @property
    def place(self) -> Any:
        """The object in its place."""
        return self._place

    def forget_items(self) -> None:
        """Make the synchronizer read its items again."""
        forget = getattr(self._synchronizer, "forget_items", None)
        if forget is not None:
            forget()

    def __getitem__(self, key: Any) -> Any:
        return self._synchronizer[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self.require_for("add", value)
        self._synchronizer[key] = value

    def __delitem__(self, key: Any) -> None:
        self.require_for("delete", self._synchronizer[key])
        del self._synchronizer[key]

    def require_for(self, what: str, item: Any) -> None:
        """Require the permission for an item in its container."""
        if not IObjectManager.providedBy(self._place):
            require(permission_for("write", self._permissions), self._place)
            return
        below = self._access(item, context=self._place)
        if below is None:
            raise Unauthorized("you may neither add nor remove a withheld object")
        require(permission_for(what, below._permissions), self._place)
        if what == "add":
            # A derived class may be offered to others than its base is.
            for permission in adding_permissions(aq_base(item).__class__):
                require(permission, self._place)


def _same(obj: Any, other: Any) -> bool:
    """Return True if two objects are the same without their wrappers."""
    obj, other = aq_base(obj), aq_base(other)
    if obj is other:
        return True
    # Some objects are created on each access.
    oids = [getattr(each, "_p_oid", None) for each in (obj, other)]
    return type(obj) is type(other) and oids[0] == oids[1]


class ZopeHost(BaseHost):
    """See `IHost`."""

    denials = (*BaseHost.denials, Unauthorized, Forbidden)
    refusals = (*BaseHost.refusals, BadRequest, CopyError, ResourceLockedError)
    accessor = Access
    tracer = ZopeTracer

    def detached(self, obj: Any) -> Detached | None:
        return detached(obj)

    def bare(self, obj: Any) -> Any:
        return aq_inner(obj)

    def move(self, obj: Any, source: Any, key: Any, target: Any, name: Any) -> bool:
        """See `ITaskHooks`: moves as the management screens, with their permissions."""
        source.require_for("delete", obj)
        target.require_for("add", obj)
        containers = (source.place, target.place)
        if not move(containers[0], str(key), containers[1], str(name)):
            return False
        source.forget_items()
        target.forget_items()
        return True

    def factories(self, obj: Any) -> Iterator[tuple[str, str]]:
        """See `IHost`: what the management screens offer, and `fssync:offer`."""
        if getattr(aq_base(obj), "filtered_meta_types", None) is None:
            return
        for product in obj.filtered_meta_types():
            klass = product.get("instance")
            if isinstance(klass, type):
                yield dottedname(klass), str(product["name"])
        yield from offered()

    def may_add(self, synchronizer: Any, obj: Any, made: Any) -> bool:
        """See `IHost`."""
        try:
            synchronizer.require_for("add", made)
        except self.denials:
            return False
        return True

    def name(self, obj: Any) -> str:
        return "" if IApplication.providedBy(obj) else str(obj.getId())

    def parent(self, obj: Any) -> Any:
        if IApplication.providedBy(obj):
            return None
        return aq_parent(aq_inner(obj))

    def contained(self, obj: Any) -> bool:
        while not IApplication.providedBy(obj):
            if not hasattr(aq_base(obj), "getId"):
                # A published page, as a view.
                return False
            parent = aq_parent(obj)
            # The object was acquired: its container is not on the path.
            if parent is None or not _same(parent, aq_parent(aq_inner(obj))):
                return False
            if IObjectManager.providedBy(parent) and not _same(
                parent._getOb(self.name(obj), None), obj
            ):
                return False
            obj = parent
        return True

    def identity(self, obj: Any) -> str | None:
        if not hasattr(aq_base(obj), "getPhysicalPath"):
            return None
        path = aq_inner(obj).getPhysicalPath()
        return None if path[0] else "/".join(path) or "/"

    def old(self, obj: Any, connection: Any) -> Any:
        """See `IHost`: looks at the same path, and for an object moved since."""
        try:
            app = connection.root()["Application"]
        except KeyError:
            # It was before there was anything.
            return None
        request = aq_acquire(obj, "REQUEST", default=None)
        found = app = app.__of__(RequestContainer(REQUEST=request))
        oid = aq_base(obj)._p_oid
        for name in aq_inner(obj).getPhysicalPath()[1:]:
            if not IObjectManager.providedBy(found) or name not in found.objectIds():
                break
            found = found._getOb(name)
        if aq_base(found)._p_oid == oid:
            return found
        try:
            moved = connection.get(oid)
            moved._p_activate()
        except POSKeyError:
            return None
        return moved.__of__(app)

    def reading_past(self, today: Any) -> Any:
        """See `IHost`."""
        return reading_past(today)

    def rights(self) -> list[Any] | None:
        """See `BaseHost`."""
        manager = getSecurityManager()
        known = self.user_rights(manager.getUser())
        if known is None:
            return None
        policies = (manager, queryUtility(ISecretsPolicy))
        classes = [dottedname(each.__class__) for each in policies]
        return [classes, repr(getPermissions()), known]

    def user_rights(self, user: Any) -> list[Any] | None:
        """Return the data on which the rights of a user depend, None if unknown."""
        return rights(user)
