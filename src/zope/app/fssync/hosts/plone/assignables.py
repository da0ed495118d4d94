"""Restrict the cache of behaviors that plone.dexterity keeps in a request.

Its keys are oids, which an object has in old states, too.  An object of an old state
must not be cached: it cannot be loaded after its connection is closed.
"""

from __future__ import annotations

from typing import Any

from plone.dexterity.content import ASSIGNABLE_CACHE_KEY
from zope.component.hooks import getSite
from zope.globalrequest import getRequest

__all__ = ["Assignables", "remember_today_only"]


class Assignables(dict[Any, Any]):
    """A cache that only accepts objects of one connection."""

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
    """Keep objects of old states out of the cache of the request."""
    request, connection = getRequest(), getattr(getSite(), "_p_jar", None)
    if request is None or connection is None:
        return
    known = getattr(request, ASSIGNABLE_CACHE_KEY, {})
    if not isinstance(known, Assignables):
        setattr(request, ASSIGNABLE_CACHE_KEY, Assignables(connection, known))
