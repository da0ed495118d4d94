"""Synchronize user folders as files that list users with roles and domains.

::

    encrypt passwords (setting) = yes
    ann (user)
        role: Editor
        domain: *.example.org

Passwords are left out unless the site records them.  A user who is
added without one cannot log in; existing users keep their passwords.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from Acquisition import aq_base
from zope.interface import provider

from zope.app.fssync.hosts.ofs.content.secrets import recorded
from zope.app.fssync.hosts.ofs.content.secrets import stored
from zope.app.fssync.hosts.ofs.content.secrets import text
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync import itemtext
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

__all__ = ["UserFolderSynchronizer"]

#: Settings by name: the attribute and its kind.
SETTINGS: Mapping[str, tuple[str, type]] = {
    "encrypt passwords": ("encrypt_passwords", bool),
    "longest list": ("maxlistusers", int),
    "users by domain": ("_domain_auth_mode", bool),
}
YES = {"yes": True, "no": False}


class Account(NamedTuple):
    """A user; the password is None if it is not written."""

    roles: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    password: str | None = None


@provider(IExclusive)
class UserFolderSynchronizer(
    FileBody, read="Manage users", write="Manage users", add="Add User Folders"
):
    """Synchronize a User Folder."""

    # Attributes of a derived class may be passwords.
    inherited = False

    body = frozenset(
        ("data", "_ofs_migrated", "title", *(name for name, _ in SETTINGS.values()))
    )

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(itemtext.dumps(self._items()))

    def _items(self) -> Iterator[Item]:
        base = aq_base(self.context)
        for name, (attribute, kind) in SETTINGS.items():
            value = getattr(base, attribute, 0)
            told = ("yes" if value else "no") if kind is bool else str(value)
            yield Item(name, told, kind="setting")
        with_passwords = recorded(self.context, "password")
        for name, user in sorted(base.data.items()):
            lines = [f"role: {role}" for role in sorted(user.roles or ())]
            lines += [f"domain: {domain}" for domain in user.domains or ()]
            if with_passwords:
                lines.append(f"password: {text(user._getPassword())}")
            yield Item(name, lines=tuple(lines), kind="user")

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        accounts: dict[str, Account] = {}
        for item in itemtext.read(readable):
            if item.kind == "setting":
                self._set(item)
            elif item.kind == "user" and item.value is None and item.key:
                accounts[item.key] = _account(item)
            else:
                raise SynchronizationError(
                    _(
                        "${key} is neither user nor setting",
                        mapping={"key": repr(item.key)},
                    )
                )
        self._replace(accounts)

    def _set(self, item: Item) -> None:
        if item.key not in SETTINGS:
            raise SynchronizationError(
                _("there is no setting ${key}", mapping={"key": repr(item.key)})
            )
        attribute, kind = SETTINGS[item.key]
        told = item.value or ""
        try:
            value: Any = YES[told] if kind is bool else int(told)
        except (KeyError, ValueError):
            raise SynchronizationError(
                _(
                    "the setting ${key} cannot be ${told}",
                    mapping={"key": repr(item.key), "told": repr(told)},
                )
            ) from None
        if getattr(aq_base(self.context), attribute, 0) != value:
            setattr(self.context, attribute, value)

    def _replace(self, accounts: Mapping[str, Account]) -> None:
        folder = self.context
        current = set(folder.getUserNames())
        gone = sorted(current - accounts.keys())
        if gone:
            folder._doDelUsers(gone)
        for name, account in accounts.items():
            if account.domains and not folder.domainSpecValidate(account.domains):
                raise SynchronizationError(
                    _("bad domains of the user ${name}", mapping={"name": repr(name)})
                )
            roles, domains = list(account.roles), list(account.domains)
            password = stored(account.password)
            if name not in current:
                # A random password that nobody knows.
                known = secrets.token_urlsafe(32) if password is None else password
                folder._doAddUser(name, known, roles, domains)
            elif not _same(aq_base(folder).data[name], account):
                folder._doChangeUser(name, password, roles, domains)


def _account(item: Item) -> Account:
    found: dict[str, list[str]] = {"role": [], "domain": [], "password": []}
    for line in item.lines:
        what, colon, value = line.partition(": ")
        if not colon or what not in found:
            raise SynchronizationError(
                _(
                    "${line} of ${key} is no role, domain or password",
                    mapping={"line": repr(line), "key": repr(item.key)},
                )
            )
        found[what].append(value)
    password = found["password"][-1] if found["password"] else None
    return Account(tuple(found["role"]), tuple(found["domain"]), password)


def _same(user: Any, account: Account) -> bool:
    return (
        sorted(user.roles or ()) == sorted(account.roles)
        and tuple(user.domains or ()) == account.domains
        and account.password in (None, text(user._getPassword()))
    )
