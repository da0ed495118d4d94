"""Check the permissions to write protected parts of objects.

The directive ``fssync:protect`` declares annotations and interfaces; for an instance of
a class in a pickle it is the permission of the factory of its synchronizer, for a new
object that of the utility that makes it.
"""

from __future__ import annotations

from typing import Any

from zope.component import queryUtility
from zope.interface import Interface
from zope.interface import implementedBy
from zope.security.checker import CheckerPublic

from zope.app.fssync.server.registration import registration
from zope.fssync import markers
from zope.fssync.errors import Withheld
from zope.fssync.messages import _
from zope.fssync.synchronizer import dottedname

__all__ = ["IAnnotationPermission", "IInterfacePermission", "Protection"]


class IAnnotationPermission(Interface):
    """A permission id; the name of the utility is the key of an annotation."""


class IInterfacePermission(Interface):
    """A permission id; the name of the utility is the interface's dotted name."""


class Protection:
    """The hook `ITaskHooks.protect`, for one `IAccess`."""

    def __init__(self, access: Any) -> None:
        self._access = access

    def __call__(self, owner: Any, kind: str, what: Any) -> None:
        """See `ITaskHooks`; raises `Withheld`."""
        getattr(self, f"_check_{kind}")(owner, what)

    def _check_annotation(self, owner: Any, key: str) -> None:
        permission = queryUtility(IAnnotationPermission, name=key)
        self._require(
            permission, owner, _("change the annotation ${key}", mapping={"key": key})
        )

    def _check_interface(self, owner: Any, interface: Any) -> None:
        # The caller iterates over `flattened`, which includes the bases.
        what = _(
            "let objects provide ${interface}",
            mapping={"interface": dottedname(interface)},
        )
        self._require(_permission_for(interface), owner, what)

    def _check_declaration(self, owner: Any, what: Any) -> None:
        kind, *interfaces = what
        implemented = implementedBy(kind)
        for interface in (i for spec in interfaces for i in spec.interfaces()):
            new = [i for i in interface.__iro__ if not implemented.isOrExtends(i)]
            if new and not any(map(_permission_for, new)):
                markers.check(implemented, interface)
            for each in new:
                self._check_interface(owner, each)

    def _check_class(self, owner: Any, factory: Any) -> None:
        permission = registration(factory).permission
        self._require(permission, owner, _("send a pickle with such a part"))

    def _check_factory(self, owner: Any, factory: Any) -> None:
        self._check_use(owner, factory, "__call__")

    def _check_generator(self, owner: Any, generator: Any) -> None:
        self._check_use(owner, generator, "create")

    def _check_use(self, owner: Any, utility: Any, name: str) -> None:
        checker = getattr(utility, "__Security_checker__", None)
        if checker is not None:
            permission = checker.permission_id(name)
            self._require(permission, owner, "make such an object")

    def _check_instance(self, owner: Any, obj: Any) -> None:
        self._access.settle(obj, owner)

    def _require(self, permission: Any, owner: Any, what: str) -> None:
        if permission is None or permission is CheckerPublic:
            return
        if not self._access.allows(permission, owner):
            raise Withheld(
                _(
                    "you may not ${what}: that needs the permission ${permission}",
                    mapping={"what": what, "permission": permission},
                ),
            )


def _permission_for(interface: Any) -> Any:
    return queryUtility(IInterfacePermission, name=dottedname(interface))
