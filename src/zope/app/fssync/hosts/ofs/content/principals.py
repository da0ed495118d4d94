"""Synchronize plugins with users, groups and roles as files that list them.

::

    ann (user)
        login: ann@example.org
    editors (group)
        title: Editors
        member: ann
    Editor (role)
        title: Edits texts
        principal: editors

Passwords are left out unless the site records them.  A user who is
added without one cannot log in; existing users keep their passwords.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import ClassVar
from typing import NamedTuple

from Acquisition import aq_base
from zope.interface import provider

from zope.app.fssync.hosts.ofs.content.cache import CacheSettings
from zope.app.fssync.hosts.ofs.content.pluggable import MANAGE_USERS
from zope.app.fssync.hosts.ofs.content.pluggable import PluginSettings
from zope.app.fssync.hosts.ofs.content.pluggable import new_plugin
from zope.app.fssync.hosts.ofs.content.properties import Properties
from zope.app.fssync.hosts.ofs.content.secrets import recorded
from zope.app.fssync.hosts.ofs.content.secrets import stored
from zope.app.fssync.hosts.ofs.content.secrets import text
from zope.app.fssync.hosts.ofs.content.synchronizer import SECURITY
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync import itemtext
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IMaker
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

__all__ = ["GroupsSynchronizer", "RolesSynchronizer", "UsersSynchronizer"]

#: The values of one user, group or role in a file, by name.
Facts = dict[str, list[str]]

MANAGE_GROUPS = "Manage Groups"

#: Matches passwords as old releases of the product stored them.
_old_digest = re.compile("[0-9a-f]{40}").fullmatch


class PrincipalsSynchronizer(FileBody):
    """Base: a file of items of one kind, whose facts have the names ``known``."""

    aspects = (
        *SECURITY,
        Properties,
        PluginSettings,
    )
    # Attributes of a derived class may be passwords.
    inherited = False
    kind: ClassVar[str]
    known: ClassVar[tuple[str, ...]]

    make = staticmethod(new_plugin)

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(itemtext.dumps(self._items()))

    def _items(self) -> Iterator[Item]:
        for name, facts in sorted(self.told().items()):
            lines = (f"{key}: {value}" for key in self.known for value in facts[key])
            yield Item(name, lines=tuple(lines), kind=self.kind)

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        self.replace({item.key: self._facts(item) for item in itemtext.read(readable)})

    def _facts(self, item: Item) -> Facts:
        if item.kind != self.kind or item.value is not None:
            raise SynchronizationError(
                _(
                    "${key} is no ${kind}",
                    mapping={"key": repr(item.key), "kind": self.kind},
                )
            )
        facts: Facts = {key: [] for key in self.known}
        for line in item.lines:
            key, colon, value = line.partition(": ")
            if not colon or key not in facts:
                raise SynchronizationError(
                    _(
                        "${line} of ${key} is none of: ${names}",
                        mapping={
                            "line": repr(line),
                            "key": repr(item.key),
                            "names": ", ".join(self.known),
                        },
                    )
                )
            facts[key].append(value)
        return facts

    def told(self) -> dict[str, Facts]:
        """Return the facts of all items."""
        raise NotImplementedError

    def replace(self, wanted: Mapping[str, Facts]) -> None:
        """Change all items to the wanted facts."""
        raise NotImplementedError


@provider(IMaker, IExclusive)
class UsersSynchronizer(
    PrincipalsSynchronizer, read=MANAGE_USERS, write=MANAGE_USERS, add=MANAGE_USERS
):
    """Synchronize a ZODB User Manager."""

    aspects = (
        *PrincipalsSynchronizer.aspects,
        CacheSettings,
    )
    body = frozenset(("_login_to_userid", "_user_passwords", "_userid_to_login"))
    kind = "user"
    known = ("login", "password")

    def told(self) -> dict[str, Facts]:
        """See `PrincipalsSynchronizer`."""
        base = aq_base(self.context)
        with_passwords = recorded(self.context, "password")
        return {
            name: {
                "login": _unless(base._userid_to_login.get(name, name), name),
                "password": [text(password)] if with_passwords else [],
            }
            for name, password in base._user_passwords.items()
        }

    def replace(self, wanted: Mapping[str, Facts]) -> None:
        """See `PrincipalsSynchronizer`."""
        manager = self.context
        current = set(manager.listUserIds())
        for name in current:
            if name not in wanted:
                manager.removeUser(name)
        for name, facts in wanted.items():
            login = _last(facts["login"], name)
            try:
                if name not in current:
                    # A random password that nobody knows.
                    manager.addUser(name, login, secrets.token_urlsafe(32))
                elif manager.getLoginForUserId(name) != login:
                    manager.updateUser(name, login)
            except (KeyError, ValueError):
                raise SynchronizationError(
                    _(
                        "the login ${login} of ${name} is that of another user",
                        mapping={"login": repr(login), "name": repr(name)},
                    )
                ) from None
            self._set_password(name, facts["password"])

    def _set_password(self, name: str, told: list[str]) -> None:
        passwords = aq_base(self.context)._user_passwords
        if not told or told[-1] == text(passwords[name]):
            return
        if _old_digest(told[-1]):
            # Zope would take the hash for the password itself.
            passwords[name] = told[-1]
        else:
            self.context.updateUserPassword(name, stored(told[-1]))


@provider(IMaker, IExclusive)
class GroupsSynchronizer(
    PrincipalsSynchronizer, read=MANAGE_GROUPS, write=MANAGE_GROUPS, add=MANAGE_GROUPS
):
    """Synchronize a ZODB Group Manager."""

    body = frozenset(("_groups", "_principal_groups"))
    kind = "group"
    known = ("title", "description", "member")

    def told(self) -> dict[str, Facts]:
        """See `PrincipalsSynchronizer`."""
        base = aq_base(self.context)
        return _described(base._groups, base._principal_groups, "member")

    def replace(self, wanted: Mapping[str, Facts]) -> None:
        """See `PrincipalsSynchronizer`."""
        manager = self.context
        verbs = Verbs(
            manager.addGroup,
            manager.updateGroup,
            manager.removeGroup,
            manager.addPrincipalToGroup,
            manager.removePrincipalFromGroup,
        )
        _replace(self.told, wanted, "member", verbs)


@provider(IMaker, IExclusive)
class RolesSynchronizer(
    PrincipalsSynchronizer, read=MANAGE_USERS, write=MANAGE_USERS, add=MANAGE_USERS
):
    """Synchronize a ZODB Role Manager."""

    body = frozenset(("_principal_roles", "_roles"))
    kind = "role"
    known = ("title", "description", "principal")

    def told(self) -> dict[str, Facts]:
        """See `PrincipalsSynchronizer`."""
        base = aq_base(self.context)
        return _described(base._roles, base._principal_roles, "principal")

    def replace(self, wanted: Mapping[str, Facts]) -> None:
        """See `PrincipalsSynchronizer`."""
        manager = self.context

        def update(name: str, title: str, description: str) -> None:
            manager.updateRole(name, title, description)
            # The BTree does not notice changes of its values.
            manager._roles[name] = manager._roles[name]

        verbs = Verbs(
            manager.addRole,
            update,
            manager.removeRole,
            lambda principal, name: manager.assignRoleToPrincipal(name, principal),
            lambda principal, name: manager.removeRoleFromPrincipal(name, principal),
        )
        _replace(self.told, wanted, "principal", verbs)


class Verbs(NamedTuple):
    """The functions of a plugin that change groups or roles, and their members."""

    add: Callable[[str, str, str], object]
    update: Callable[[str, str, str], object]
    remove: Callable[[str], object]
    put_in: Callable[[str, str], object]
    take_out: Callable[[str, str], object]


def _replace(
    told: Callable[[], dict[str, Facts]],
    wanted: Mapping[str, Facts],
    who: str,
    verbs: Verbs,
) -> None:
    """Change groups or roles to the wanted facts."""
    before = told()
    for name in before.keys() - wanted.keys():
        verbs.remove(name)
    for name, facts in wanted.items():
        title, description = _last(facts["title"]), _last(facts["description"])
        current = before.get(name)
        if current is None:
            verbs.add(name, title, description)
        elif _differ(current, facts):
            verbs.update(name, title, description)
    # A new group can have members already: the plugin keeps those of removed ones.
    now = told()
    for name, facts in wanted.items():
        for principal in _more(now[name][who], facts[who]):
            verbs.take_out(principal, name)
        for principal in _more(facts[who], now[name][who]):
            verbs.put_in(principal, name)


def _described(
    items: Mapping[str, Mapping[str, Any]],
    assigned: Mapping[str, Iterable[str]],
    who: str,
) -> dict[str, Facts]:
    """Return the facts of groups or roles, with their members."""
    found: dict[str, Facts] = {
        name: {
            "title": _unless(info.get("title"), ""),
            "description": _unless(info.get("description"), ""),
            who: [],
        }
        for name, info in items.items()
    }
    for principal, names in assigned.items():
        for name in names:
            if name in found:
                found[name][who].append(principal)
    return found


def _differ(one: Facts, two: Facts) -> bool:
    return any(one[key] != two[key] for key in ("title", "description"))


def _more(one: list[str], two: list[str]) -> list[str]:
    known = set(two)
    return [each for each in one if each not in known]


def _unless(value: Any, default: str) -> list[str]:
    return [str(value)] if value and value != default else []


def _last(values: list[str], default: str = "") -> str:
    return values[-1] if values else default
