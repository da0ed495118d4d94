"""Tells who may do what in an instance that tests run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from AccessControl.Permission import getPermissions
from AccessControl.PermissionRole import rolesForPermissionOn
from AccessControl.users import nobody
from Acquisition import aq_base

__all__ = ["Rights"]


class Rights:
    """A view: for each object below, what everybody may do, and what it may itself."""

    context: Any
    request: Any

    def show(self) -> str:
        """Publish the view."""
        root = self.request.PARENTS[-1]
        users = [root.acl_users.getUser(n) for n in root.acl_users.getUserNames()]
        users = [user.__of__(root.acl_users) for user in users] + [nobody]
        titles = [each[0] for each in getPermissions()]
        self.request.response.setHeader("Content-Type", "application/json")
        found = {}
        for path, obj in _objects(self.context, ""):
            may = [
                f"{user.getUserName()}: {title}"
                for roles, permissions in _by_roles(titles, obj).items()
                for user in users
                if user.allowed(obj, list(roles))
                for title in permissions
            ]
            has = [f"role {role}" for role in getattr(obj, "_proxy_roles", ())]
            has.append(f"owner {obj.getOwnerTuple()}")
            if has[:-1]:
                # What has roles of its own does what its source says.
                has.append(f"source {getattr(aq_base(obj), 'raw', None)}")
            if "acl_users" in path:
                has.append(f"serial {aq_base(obj)._p_serial!r}")
            # An object that was replaced is another one.
            found[path] = [repr(aq_base(obj)._p_oid), sorted(may), has]
        names = sorted(root.acl_users.getUserNames())
        return json.dumps({"objects": found, "users": names})


def _by_roles(titles: list[str], obj: Any) -> dict[tuple[str, ...], list[str]]:
    """Return the permissions, by the roles that have them for an object.

    It is what `has_permission` asks, for all users at once.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for title in titles:
        roles = rolesForPermissionOn(title, obj)
        named = (roles,) if isinstance(roles, str) else tuple(roles)
        found.setdefault(named, []).append(title)
    return found


def _objects(obj: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, obj
    for name in getattr(aq_base(obj), "objectIds", tuple)():
        yield from _objects(obj._getOb(name), f"{path}/{name}")
