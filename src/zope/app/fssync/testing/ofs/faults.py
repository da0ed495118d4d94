"""Objects whose changes fail, as their names say, in an instance that tests run."""

from __future__ import annotations

from collections import Counter
from typing import Any

from OFS.interfaces import IItem
from ZODB.POSException import ConflictError
from ZODB.POSException import StorageError
from zope.component import adapter
from zope.lifecycleevent.interfaces import IObjectModifiedEvent

__all__ = ["fail"]

changes: Counter[str] = Counter()


@adapter(IItem, IObjectModifiedEvent)
def fail(obj: Any, event: Any) -> None:
    """Fail for ``conflict-N`` N times, for ``lost`` and ``mistake`` always."""
    kind, _, times = obj.getId().partition("-")
    changes[obj.getId()] += 1
    if kind == "conflict" and changes[obj.getId()] <= int(times):
        raise ConflictError(object=obj)
    if kind == "lost":
        raise StorageError("a secret of the server")
    if kind == "mistake":
        raise ZeroDivisionError("a secret of the server")
