"""Owner, roles and permissions of an object, each an aspect.

Each requires a permission of its own, and is changed through AccessControl.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from AccessControl.interfaces import IOwned
from AccessControl.interfaces import IRoleManager
from AccessControl.owner import UnownableOwner
from AccessControl.Permission import Permission
from AccessControl.Permission import getPermissionIdentifier
from AccessControl.Permission import getPermissions
from Acquisition import aq_base
from Acquisition import aq_get
from Acquisition import aq_inner
from Acquisition import aq_parent

from zope.app.fssync.hosts.ofs.content.aspect import TextAspect
from zope.app.fssync.hosts.ofs.content.aspect import state
from zope.app.fssync.hosts.ofs.content.permissions import CHANGE_OWNER
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

_unknown_permission = re.compile(r"_\w+_Permission").fullmatch

__all__ = ["LocalRoles", "Owner", "PermissionSettings", "ProxyRoles", "Roles"]

OwnerTuple = tuple[list[str], str]


def container(obj: Any) -> Any:
    """Return the container of an object, None for the root."""
    found = aq_parent(aq_inner(obj))
    # During a request the root is in the request.
    return found if hasattr(aq_base(found), "getPhysicalPath") else None


def owner_tuple(obj: Any) -> OwnerTuple | None:
    """Return the path of a user folder and the id of a user, as acquired."""
    found = aq_get(obj, "_owner", None, 1) if obj is not None else None
    return None if found is None or found is UnownableOwner else found


def own_owner(obj: Any) -> OwnerTuple | None:
    """Return the owner of an object, None if its container has the same one."""
    if state(obj).get("_owner") is None:
        return None
    found = owner_tuple(obj)
    if found is None or _plain(found) == _plain(owner_tuple(container(obj))):
        return None
    return found


def _plain(owner: OwnerTuple | None) -> tuple[list[str], str] | None:
    return None if owner is None else (list(owner[0]), owner[1])


def local_roles(obj: Any) -> dict[str, list[str]]:
    """Return the local roles of an object itself, by user."""
    found = getattr(aq_base(obj), "__ac_local_roles__", None) or {}
    if callable(found):
        return {}
    return {user: list(roles) for user, roles in found.items()}


class Owner(TextAspect, write=CHANGE_OWNER):
    """The owner of an object, if it differs from that of the container."""

    name = "owner"
    covers = frozenset(("_owner",))

    @classmethod
    def belongs(cls, obj: Any) -> bool:
        """See `Aspect`."""
        return bool(IOwned.providedBy(obj))

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        owner = own_owner(self.owner)
        if owner is not None:
            yield Item("user", owner[1])
            yield Item("folder", "/".join(owner[0]))

    def replace(self, items: list[Item]) -> None:
        """See `TextAspect`."""
        found = {item.key: item.value for item in items}
        obj = aq_base(self.owner)
        implied = _implied(self.owner)
        trivial = local_roles(self.owner) == implied
        if not found:
            if "_owner" in state(self.owner):
                del obj._owner
        else:
            user, folder = found.get("user"), found.get("folder")
            if not user or not folder or len(found) != 2:
                raise SynchronizationError(_("an owner is a user and a folder"))
            obj._owner = (folder.split("/"), user)
        if trivial:
            # As in new objects: the owner has the local role Owner.
            _set_local_roles(self.owner, _implied(self.owner))


def known_roles(
    obj: Any, wanted: Iterable[Iterable[str]], before: Iterable[Iterable[str]]
) -> Callable[[], None] | None:
    """Return a function that refuses new roles which are not defined, or None.

    Call it when everything is loaded: a folder may define them in the same commit.
    """
    new = {role for roles in wanted for role in roles}
    new.difference_update(role for roles in before for role in roles)
    if not new:
        return None

    def check() -> None:
        for role in sorted(new.difference(obj.valid_roles())):
            raise SynchronizationError(
                _("there is no role ${role}", mapping={"role": repr(role)}),
                advice=_("Define it in the file roles of a folder above."),
            )

    return check


def _implied(obj: Any) -> dict[str, list[str]]:
    """Return the local roles that an owner implies."""
    owner = own_owner(obj)
    return {} if owner is None else {owner[1]: ["Owner"]}


def _redundant(obj: Any) -> bool:
    """Return True if the owner has the local roles from a container anyway."""
    owner = owner_tuple(obj)
    if owner is None or local_roles(obj) != {owner[1]: ["Owner"]}:
        return False
    if own_owner(obj) is not None:
        return False
    above = container(obj)
    while above is not None:
        if "Owner" in local_roles(above).get(owner[1], ()):
            return True
        above = container(above)
    return False


def _set_local_roles(obj: Any, roles: Mapping[str, Iterable[str]]) -> None:
    current = local_roles(obj)
    gone = [user for user in current if user not in roles]
    if gone:
        obj.manage_delLocalRoles(gone)
    for user, wanted in roles.items():
        if current.get(user) != list(wanted):
            obj.manage_setLocalRoles(user, list(wanted))


class LocalRoles(TextAspect, write="Change permissions", read="Change permissions"):
    """The roles that users have in one place.

    The role Owner of the owner is left out.  The name sorts after "owner", so that this
    part is loaded after that one.
    """

    name = "roles-local"
    covers = frozenset(("__ac_local_roles__",))

    @classmethod
    def belongs(cls, obj: Any) -> bool:
        """See `Aspect`."""
        return bool(IRoleManager.providedBy(obj))

    @property
    def present(self) -> bool:
        """See `IAspect`."""
        if callable(getattr(aq_base(self.owner), "__ac_local_roles__", None)):
            return False
        roles = local_roles(self.owner)
        return roles != _implied(self.owner) and not _redundant(self.owner)

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        for user, roles in sorted(local_roles(self.owner).items()):
            yield Item(user, lines=tuple(sorted(roles)))

    def replace(self, items: list[Item]) -> Callable[[], None] | None:
        """See `TextAspect`."""
        roles = {item.key: item.lines for item in items}
        if not all(roles.values()):
            raise SynchronizationError(_("a user without a role"))
        before = local_roles(self.owner)
        _set_local_roles(self.owner, roles)
        return known_roles(self.owner, roles.values(), before.values())


class Roles(TextAspect, write="Change permissions", read="Change permissions"):
    """The roles that are defined in one place."""

    name = "roles"
    covers = frozenset(("__ac_roles__",))

    @classmethod
    def belongs(cls, obj: Any) -> bool:
        """See `Aspect`."""
        return bool(IRoleManager.providedBy(obj))

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        for role in sorted(self._defined()):
            yield Item(role)

    def _defined(self) -> set[str]:
        standard = getattr(type(aq_base(self.owner)), "__ac_roles__", ())
        return set(state(self.owner).get("__ac_roles__", ())) - set(standard)

    def replace(self, items: list[Item]) -> None:
        """See `TextAspect`."""
        wanted = {item.key for item in items}
        current = self._defined()
        if wanted == current:
            return
        if "" in wanted:
            raise SynchronizationError(_("a role without a name"))
        kept = self.owner.__ac_roles__
        new = wanted.difference(kept)
        # Zope's own methods search all roles for each role.
        self.owner.__ac_roles__ = (
            *(role for role in kept if role not in current or role in wanted),
            *sorted(new),
        )


class PermissionSettings(
    TextAspect, write="Change permissions", read="Change permissions"
):
    """The roles for the permissions that an object itself sets."""

    name = "permissions"

    @classmethod
    def belongs(cls, obj: Any) -> bool:
        """See `Aspect`."""
        return bool(IRoleManager.providedBy(obj))

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        for title, roles in sorted(self._settings().items()):
            kind = "acquired too" if isinstance(roles, list) else ""
            yield Item(title, lines=tuple(sorted(roles)), kind=kind)

    def _settings(self) -> dict[str, Any]:
        found = {
            name: roles
            for name, roles in state(self.owner).items()
            if is_permission(name, roles)
        }
        if not found:
            return found
        titles = {getPermissionIdentifier(p[0]): p[0] for p in getPermissions()}
        return {
            # The product that defined a permission may be missing.
            titles.get(name, name): roles
            for name, roles in found.items()
        }

    def replace(self, items: list[Item]) -> Callable[[], None] | None:
        """See `TextAspect`."""
        current = self._settings()
        wanted: dict[str, Any] = {}
        for item in items:
            if item.kind not in ("", "acquired too") or item.value is not None:
                raise SynchronizationError(
                    _(
                        "${key} is no permission with roles",
                        mapping={"key": repr(item.key)},
                    )
                )
            wanted[item.key] = list(item.lines) if item.kind else tuple(item.lines)
        for title in current:
            if title not in wanted:
                self._set(title, [])
        for title, roles in wanted.items():
            if _normal(current.get(title, [])) != _normal(roles):
                self._set(title, roles)
        return known_roles(self.owner, wanted.values(), current.values())

    def _set(self, title: str, roles: Any) -> None:
        known = {p[0] for p in getPermissions()}
        if title in known:
            name = getPermissionIdentifier(title)
        elif _unknown_permission(title):
            name = title
        else:
            raise SynchronizationError(
                _("there is no permission ${title}", mapping={"title": repr(title)})
            )
        methods = {p[0]: p[1] for p in self.owner.ac_inherited_permissions(1)}
        setting = Permission(title, methods.get(title, ()), self.owner)
        setting._p = name
        setting.setRoles(roles)


def _normal(roles: Any) -> tuple[type, list[str]]:
    return type(roles), sorted(roles)


def is_permission(name: str, roles: Any) -> bool:
    """Return True if an attribute is the setting of a permission."""
    return (
        name.startswith("_")
        and name.endswith("_Permission")
        and isinstance(roles, list | tuple)
        and all(isinstance(role, str) for role in roles)
    )


class ProxyRoles(TextAspect, write="Change proxy roles"):
    """The proxy roles of a script or a template."""

    name = "proxy-roles"
    covers = frozenset(("_proxy_roles",))

    @classmethod
    def belongs(cls, obj: Any) -> bool:
        """See `Aspect`."""
        return hasattr(aq_base(obj), "manage_proxy")

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        for role in sorted(getattr(aq_base(self.owner), "_proxy_roles", None) or ()):
            yield Item(role)

    def replace(self, items: list[Item]) -> Callable[[], None] | None:
        """See `TextAspect`."""
        before = getattr(aq_base(self.owner), "_proxy_roles", None) or ()
        wanted = tuple(item.key for item in items)
        # Zope's method refuses roles that the caller does not have.
        self.owner.manage_proxy(wanted)
        return known_roles(self.owner, [wanted], [before])
