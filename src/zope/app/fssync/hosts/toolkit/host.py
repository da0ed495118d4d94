"""The Zope Toolkit as a host: security proxies, and permissions by its policy.

A caller gets a security proxy around the synchronizer of the bare object, or None.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from types import MethodType
from typing import Any
from typing import NamedTuple

from ZODB.POSException import POSKeyError
from zope.authentication.interfaces import IAuthentication
from zope.authentication.interfaces import PrincipalLookupError
from zope.component import getSiteManager
from zope.component import getUtilitiesFor
from zope.component import getUtility
from zope.component.interfaces import IFactory
from zope.container.constraints import checkObject
from zope.container.contained import ContainedProxyBase
from zope.container.contained import getProxiedObject
from zope.container.interfaces import IReadContainer
from zope.interface import implementer
from zope.interface import providedBy
from zope.location.interfaces import IContained
from zope.location.interfaces import IRoot
from zope.proxy import removeAllProxies
from zope.security.checker import Checker
from zope.security.checker import CheckerPublic
from zope.security.checker import ProxyFactory
from zope.security.checker import _available_by_default
from zope.security.checker import _callableChecker
from zope.security.checker import getCheckerForInstancesOf
from zope.security.checker import selectChecker
from zope.security.interfaces import Forbidden
from zope.security.interfaces import IChecker
from zope.security.interfaces import Unauthorized
from zope.security.management import checkPermission
from zope.security.management import queryInteraction
from zope.security.proxy import Proxy
from zope.security.proxy import getChecker
from zope.security.proxy import removeSecurityProxy
from zope.traversing.api import getName
from zope.traversing.api import getParent

from zope.app.fssync.content.container import REFUSALS
from zope.app.fssync.hosts.toolkit.detached import Detached
from zope.app.fssync.hosts.toolkit.location import SecurityContext
from zope.app.fssync.hosts.toolkit.location import inner_of
from zope.app.fssync.hosts.toolkit.location import name_of
from zope.app.fssync.hosts.toolkit.location import parent_of
from zope.app.fssync.hosts.toolkit.moving import move
from zope.app.fssync.hosts.toolkit.past import reading_past
from zope.app.fssync.hosts.toolkit.policy import grants
from zope.app.fssync.hosts.toolkit.policy import inherits
from zope.app.fssync.hosts.toolkit.tracer import ToolkitTracer
from zope.app.fssync.hosts.toolkit.wrappers import proxied
from zope.app.fssync.hosts.toolkit.wrappers import release_names
from zope.app.fssync.hosts.toolkit.wrappers import share_specifications
from zope.app.fssync.server.host import BaseAccess
from zope.app.fssync.server.host import BaseHost
from zope.app.fssync.server.registration import READING
from zope.app.fssync.server.registration import WRITING
from zope.app.fssync.server.registration import Registration
from zope.app.fssync.server.registration import permission_id
from zope.app.fssync.server.registration import registration
from zope.fssync.errors import NameRefused
from zope.fssync.inheritance import inheriting
from zope.fssync.interfaces import IEntryId
from zope.fssync.registry import names
from zope.fssync.registry.synchronizers import find
from zope.fssync.registry.synchronizers import registered_names
from zope.fssync.synchronizer import dottedname

__all__ = ["Access", "ToolkitHost"]

release_names()
share_specifications()

#: The permission to write with an adapter that declares none: that of pickles.
NOBODY_SAID = "zope.ManageSite"


class Kind(NamedTuple):
    """The registration for objects of one class that provide the same interfaces.

    ``checker`` checks the use of synchronizers whose class declares no permissions;
    ``base`` is the class that they were written for, see `Found`; ``make`` makes one.
    """

    registration: Registration
    base: type | None
    checker: Any
    make: Callable[[Any], Any]


class Access(BaseAccess):
    """See `IAccess`.

    Permissions are those of the registered factories, checked in the place of
    each object.  When objects are only read, decisions are remembered.
    """

    stored = staticmethod(removeSecurityProxy)
    inner = staticmethod(inner_of)

    def __init__(self, reading: bool = False) -> None:
        super().__init__(reading)
        self._places: dict[int, tuple[Any, Rights]] = {}
        self._kinds: dict[tuple[type, Any], Kind | None] = {}
        self._checkers: dict[type, Any] = {}

    def twin(self) -> Access:
        """See `IAccess`."""
        found = Access(self._reading)
        if self._reading:
            found._places, found._kinds = self._places, self._kinds
            found._checkers = self._checkers
        return found

    def kind(self, obj: Any) -> Kind | None:
        """See `BaseAccess`."""
        provided = providedBy(obj)
        key = obj.__class__, provided
        if self._reading and key in self._kinds:
            return self._kinds[key]
        found = find(obj, *key)
        kind = None
        if found is not None:
            registered = registration(found.factory)
            make = registered.maker()
            registered = completed(registered)
            kind = Kind(registered, found.base, checker(registered), make)
        self._kinds[key] = kind
        return kind

    def permitted(self, kind: Kind, obj: Any, context: Any) -> Rights | None:
        """See `BaseAccess`."""
        if kind.registration.permission is None and not kind.registration.trusted:
            return PUBLIC
        rights = self._rights(obj, context)
        return rights if rights.allow(kind.registration.permission) else None

    def synchronizer(self, kind: Kind, obj: Any, permitted: Rights) -> Any:
        """See `BaseAccess`: a public one gets the object in a security proxy."""
        if permitted is PUBLIC:
            return kind.make(ProxyFactory(obj))
        return kind.make(removeAllProxies(obj))

    def guarded(
        self, kind: Kind, synchronizer: Any, obj: Any, permitted: Rights
    ) -> Any:
        """See `BaseAccess`."""
        whole = synchronizer
        if kind.base is not None:
            whole = inheriting(
                synchronizer,
                inner_of(removeAllProxies(obj)),
                kind.base,
                ProxyFactory(obj) if permitted is PUBLIC else None,
            )
        checker = None
        if permitted is not PUBLIC:
            checker = kind.checker or self._checker(synchronizer)
        if checker is None:
            return whole
        return ProxyFactory(whole, PlacedChecker(checker, permitted))

    def allows(self, permission: str, obj: Any) -> bool:
        """See `IAccess`."""
        return self._rights(obj, None).allow(permission)

    def required(self, obj: Any) -> dict[str, str]:
        """See `IAccess`."""
        kind = self.kind(self.inner(self.stored(obj)))
        if kind is None:
            return {}
        registered = kind.registration
        said = {"read": registered.permission, "write": registered.write}
        if registered.write is None:
            named = getattr(_declared(registered), "get_permissions", {})
            writing = (named[name] for name in sorted(WRITING) if name in named)
            said["write"] = next(writing, None)
        return {
            what: permission_id(permission)
            for what, permission in said.items()
            if permission is not None
        }

    def _checker(self, synchronizer: Any) -> Any:
        klass = type(synchronizer)
        if klass not in self._checkers:
            self._checkers[klass] = selectChecker(synchronizer)
        return self._checkers[klass]

    def _rights(self, obj: Any, context: Any) -> Rights:
        obj = removeSecurityProxy(obj)
        context = removeSecurityProxy(context)
        if context is not None and removeSecurityProxy(parent_of(obj)) is not context:
            # An object may claim a place in which the caller has more rights.
            obj = context
        known = self._places.get(id(obj))
        if known is None:
            if len(self._places) >= self.size:
                self._places.clear()
            known = self._places[id(obj)] = (obj, self._rights_at(obj))
        return known[1]

    def _rights_at(self, obj: Any) -> Rights:
        rights = Rights(obj, self._reading)
        if self._reading and inherits(queryInteraction(), rights.place):
            parent = removeSecurityProxy(parent_of(obj))
            if parent is not None:
                above = self._rights(parent, None)
                rights.above = above.above or above
        return rights


class Rights:
    """The permissions of the caller in one place.

    ``above`` are the rights in the place above, if they are the same.
    """

    def __init__(self, obj: Any, remember: bool) -> None:
        self.place = (
            SecurityContext(obj) if isinstance(obj, ContainedProxyBase) else obj
        )
        self.above: Rights | None = None
        self._decisions: dict[Any, bool] | None = {} if remember else None

    def allow(self, permission: Any) -> bool:
        """Return whether the caller has a permission here."""
        if self.above is not None:
            return self.above.allow(permission)
        if self._decisions is None:
            return bool(checkPermission(permission, self.place))
        decision = self._decisions.get(permission)
        if decision is None:
            decision = bool(checkPermission(permission, self.place))
            self._decisions[permission] = decision
        return decision


#: The rights that everybody has to call a public factory.
PUBLIC = Rights(None, False)


@implementer(IChecker)
class PlacedChecker:
    """Check access to a synchronizer with the rights on its object.

    A synchronizer has no place of its own in which rights could be granted.
    """

    def __init__(self, checker: Any, rights: Rights) -> None:
        self._checker = checker
        self._rights = rights

    def proxy(self, value: Any) -> Any:
        """See `IChecker`."""
        # Called for each value: most are methods, and few are wrapped.
        if type(value) is MethodType:
            return Proxy(value, _callableChecker)
        if isinstance(value, ContainedProxyBase):
            return proxied(value, self._checker.proxy)
        return self._checker.proxy(value)

    def check(self, obj: Any, name: str) -> None:
        """See `IChecker`."""
        self._checker.check(self._rights.place, name)

    def check_getattr(self, obj: Any, name: str) -> None:
        """See `IChecker`."""
        checker = self._checker
        if name in _available_by_default:
            return
        if type(checker) is Checker:
            permission = checker.get_permissions.get(name)
            if permission is CheckerPublic:
                return
            if permission is not None and self._rights.allow(permission):
                return
        self._checker.check_getattr(self._rights.place, name)

    def check_setattr(self, obj: Any, name: str) -> None:
        """See `IChecker`."""
        self._checker.check_setattr(self._rights.place, name)


def completed(registered: Registration) -> Registration:
    """Return a registration with the permissions that its adapter lacks."""
    if not registered.adapter or not (registered.trusted or registered.permission):
        return registered
    declared = _declared(registered)
    if registered.permission is None:
        permissions = getattr(declared, "get_permissions", {})
        permission = permissions.get("metadata", NOBODY_SAID)
        registered = registered._replace(permission=permission)
    if registered.write is None and declared is None:
        registered = registered._replace(write=NOBODY_SAID)
    return registered


def _declared(registered: Registration) -> Any:
    factory = registered.factory
    return getCheckerForInstancesOf(factory) if isinstance(factory, type) else None


def checker(registered: Registration) -> Any:
    """Return the checker for synchronizers, None if their class has one.

    It is made from the permissions of the registration.
    """
    if registered.write is None:
        return None
    reading = dict.fromkeys(READING, registered.permission)
    return Checker({**dict.fromkeys(WRITING, registered.write), **reading})


def identity(obj: Any) -> str | None:
    """Return the id of an object in its entry."""
    obj = removeSecurityProxy(obj)
    if not isinstance(obj, ContainedProxyBase):
        found: str | None = IEntryId(obj, None)
        return found
    provided = providedBy(getProxiedObject(obj))
    adapter = getSiteManager().adapters.lookup1(provided, IEntryId)
    return None if adapter is None else adapter(SecurityContext(obj))


class ToolkitHost(BaseHost):
    """See `IHost`."""

    denials = (*BaseHost.denials, Unauthorized, Forbidden)
    accessor = Access
    tracer = ToolkitTracer
    bare = staticmethod(removeSecurityProxy)

    def detached(self, obj: Any) -> Detached | None:
        obj = removeSecurityProxy(obj)
        participations = list(getattr(queryInteraction(), "participations", ()))
        if len(participations) != 1 or getattr(obj, "_p_jar", None) is None:
            return None
        return Detached(obj, participations[0])

    def move(self, obj: Any, source: Any, key: Any, target: Any, name: Any) -> bool:
        """See `ITaskHooks`: uses the movers and renamers of zope.copypastemove."""
        for synchronizer, use in ((source, "__delitem__"), (target, "__setitem__")):
            checker = getChecker(synchronizer)
            if checker is None:
                # The synchronizer works on a proxied object, which checks.
                return False
            checker.check(removeSecurityProxy(synchronizer), use)
        return move(*map(removeSecurityProxy, (obj, source, key, target, name)))

    def factories(self, obj: Any) -> Iterator[tuple[str, str]]:
        """See `IHost`: classes with a factory, and those of contained objects."""
        for _, factory in getUtilitiesFor(IFactory):
            factory = removeSecurityProxy(factory)
            klass = getattr(factory, "_callable", None)
            if isinstance(klass, type):
                yield dottedname(klass), str(factory.title or "")
        for name in registered_names():
            if _is_contained(name):
                yield name, ""

    def may_add(self, synchronizer: Any, obj: Any, made: Any) -> bool:
        """See `IHost`: asks the checker for adding, and the container's constraints."""
        container = removeSecurityProxy(obj)
        guarded = synchronizer
        if getChecker(synchronizer) is None:
            # The synchronizer works on a proxied object, which checks.
            guarded = ProxyFactory(container)
        try:
            checker = getChecker(guarded)
            if checker is not None:
                checker.check(removeSecurityProxy(guarded), "__setitem__")
            checkObject(container, "new", made)
        except (*self.denials, *REFUSALS):
            return False
        return True

    def name(self, obj: Any) -> str:
        return str(getName(removeSecurityProxy(obj)))

    def parent(self, obj: Any) -> Any:
        found = getParent(inner := removeSecurityProxy(obj))
        return found if inner is obj else proxied(found)

    def contained(self, obj: Any) -> bool:
        obj = removeSecurityProxy(obj)
        while (parent := removeSecurityProxy(parent_of(obj))) is not None:
            name = str(name_of(obj))
            # Objects in namespaces are no items of a container.
            if IReadContainer.providedBy(parent) and not name.startswith("++"):
                found = removeAllProxies(parent.get(name))
                if found is not removeAllProxies(obj):
                    return False
            obj = parent
        return bool(IRoot.providedBy(obj))

    def identity(self, obj: Any) -> str | None:
        return identity(obj)

    def old(self, obj: Any, connection: Any) -> Any:
        """See `IHost`."""
        try:
            found = connection.get(removeSecurityProxy(obj)._p_oid)
            found._p_activate()
        except POSKeyError:
            return None
        return found

    def reading_past(self, today: Any) -> Any:
        """See `IHost`."""
        return reading_past(today)

    def rights(self) -> list[Any] | None:
        """See `BaseHost`."""
        interaction = queryInteraction()
        participations: list[Any] = list(getattr(interaction, "participations", ()))
        if len(participations) != 1 or participations[0].principal is None:
            return None
        principal = participations[0].principal
        try:
            groups = _groups(principal)
        except PrincipalLookupError:
            return None
        policy = grants(interaction)
        if policy is None:
            return None
        return [policy, principal.id, sorted(groups)]


def _is_contained(name: str) -> bool:
    """Return True if the class of that name implements `IContained`."""
    try:
        klass = names.factory(name)
    except NameRefused:
        return False
    return isinstance(klass, type) and IContained.implementedBy(klass)


def _groups(principal: Any) -> set[str]:
    """Return the ids of all groups of a principal, also indirect ones."""
    found: set[str] = set()
    waiting: list[str] = list(_own_groups(principal))
    while waiting:
        group = waiting.pop()
        if group not in found:
            found.add(group)
            waiting += _own_groups(getUtility(IAuthentication).getPrincipal(group))
    return found


def _own_groups(principal: Any) -> Iterable[str]:
    return getattr(principal, "groups", ())
