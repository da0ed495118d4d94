"""Synchronize groups and member data as files that list them.

Member data are JSON, a line for each property that differs from the default of the
member data tool::

    ann (member)
        email: "ann@example.org"
        fullname: "Ann"

Times of logins are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from Acquisition import aq_base
from DateTime import DateTime
from DateTime.interfaces import DateTimeError
from Products.PlonePAS.sheet import validateValue
from zope.interface import provider

from zope.app.fssync.hosts.ofs.content import principals
from zope.app.fssync.hosts.ofs.content.pluggable import MANAGE_USERS
from zope.app.fssync.hosts.ofs.content.pluggable import PluginSettings
from zope.app.fssync.hosts.ofs.content.pluggable import new_plugin
from zope.app.fssync.hosts.ofs.content.properties import Properties
from zope.app.fssync.hosts.ofs.content.synchronizer import SECURITY
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync import itemtext
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IMaker
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

__all__ = ["GroupsSynchronizer", "MemberDataSynchronizer"]

#: Properties that users do not set.
COMPUTED = frozenset(("isGroup", "last_login_time", "login_time"))


@provider(IMaker, IExclusive)
class GroupsSynchronizer(principals.GroupsSynchronizer):
    """Synchronize the groups of Plone, with their members."""

    body = principals.GroupsSynchronizer.body | {"_group_principal_map"}


@provider(IMaker, IExclusive)
class MemberDataSynchronizer(
    FileBody, read=MANAGE_USERS, write=MANAGE_USERS, add=MANAGE_USERS
):
    """Synchronize the properties of users and groups."""

    aspects = (*SECURITY, Properties, PluginSettings)
    body = frozenset(("_storage",))

    make = staticmethod(new_plugin)

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(itemtext.dumps(self._items()))

    def _items(self) -> Iterator[Item]:
        for name, data in sorted(aq_base(self.context)._storage.items()):
            is_group = bool(data.get("isGroup"))
            defaults = self.context._getDefaultValues(is_group)
            lines = tuple(
                f"{key}: {_text(value)}"
                for key, value in sorted(data.items())
                if key not in COMPUTED and value != defaults.get(key)
            )
            yield Item(name, lines=lines, kind="group" if is_group else "member")

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        wanted = {item.key: item for item in itemtext.read(readable)}
        storage = aq_base(self.context)._storage
        current = {item.key: item for item in self._items()}
        for name in current.keys() - wanted.keys():
            del storage[name]
        for name, item in wanted.items():
            if item != current.get(name):
                storage[name] = self._data(item, storage.get(name, {}))

    def _data(self, item: Item, old: dict[str, Any]) -> dict[str, Any]:
        if item.kind not in ("group", "member") or item.value is not None:
            raise SynchronizationError(
                _("${key} is neither member nor group", mapping={"key": repr(item.key)})
            )
        is_group = item.kind == "group"
        types = dict(self.context._getSchema(is_group))
        found = {key: value for key, value in old.items() if key in COMPUTED}
        found = {**self.context._getDefaultValues(is_group), **found}
        for line in item.lines:
            key, _sep, text = line.partition(": ")
            if key not in types or key in COMPUTED:
                raise SynchronizationError(
                    _(
                        "${key} of ${member} is no property of member data",
                        mapping={"key": repr(key), "member": repr(item.key)},
                    ),
                    advice=_(
                        "There are: ${names}.",
                        mapping={"names": ", ".join(sorted(types))},
                    ),
                )
            found[key] = _value(types[key], text, f"{key} of {item.key}")
        return {**found, "isGroup": is_group}


def _text(value: Any) -> str:
    if isinstance(value, DateTime):
        value = value.ISO8601()
    return json.dumps(value, ensure_ascii=False)


def _value(kind: str, text: str, about: str) -> Any:
    try:
        value = json.loads(text)
        if kind == "date":
            value = DateTime(value)
    except (ValueError, TypeError, RecursionError, DateTimeError) as error:
        raise SynchronizationError(
            _("${about}: ${reason}", mapping={"about": about, "reason": error})
        ) from error
    if isinstance(value, list):
        value = tuple(value)
    if not validateValue(kind, value):
        raise SynchronizationError(
            _(
                "${about}: ${text} is no ${kind}",
                mapping={"about": about, "text": text, "kind": kind},
            )
        )
    return value
