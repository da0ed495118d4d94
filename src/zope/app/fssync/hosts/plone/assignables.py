"""The cache of behaviors that plone.dexterity keeps with a request.

It is by the ids of objects in the database, which an object of an old state shares with
that of today: found once more when the connection to the old state is closed, it cannot
be loaded.
"""

from __future__ import annotations

from typing import Any

from plone.dexterity.content import ASSIGNABLE_CACHE_KEY
from zope.component.hooks import getSite
from zope.globalrequest import getRequest

__all__ = ["Assignables", "remember_today_only"]


class Assignables(dict[Any, Any]):
    """Keeps what belongs to objects of one connection."""

    def __init__(self, connection: Any, known: dict[Any, Any]) -> None:
        super().__init__()
        self._connection = connection
        for oid, assignable in known.items():
            self[oid] = assignable

    def __setitem__(self, oid: Any, assignable: Any) -> None:
        context = getattr(assignable, "context", None)
        if getattr(context, "_p_jar", None) is self._connection:
            super().__setitem__(oid, assignable)


def remember_today_only() -> None:
    """Have the cache of the request keep nothing of old states."""
    request, connection = getRequest(), getattr(getSite(), "_p_jar", None)
    if request is None or connection is None:
        return
    known = getattr(request, ASSIGNABLE_CACHE_KEY, {})
    if not isinstance(known, Assignables):
        setattr(request, ASSIGNABLE_CACHE_KEY, Assignables(connection, known))
