"""Estimate the number of objects of a checkout before it is made.

Only directories are loaded.  For an item only its class is read, which is known
without loading it: withheld items are counted, too, and the objects of a class are
assumed to be all directories, or all files.
"""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic
from typing import Any

from zope.app.fssync.server.interfaces import IHost
from zope.fssync.limits import ANNOUNCED_TIME
from zope.fssync.sparse import Keys
from zope.fssync.sparse import Sparse
from zope.fssync.task.base import isdirectory

__all__ = ["announced"]


def announced(
    host: IHost,
    obj: Any,
    sparse: Sparse | None = None,
    patience: float = ANNOUNCED_TIME,
    access: Any = None,
) -> str | None:
    """Return the estimated number of objects in a checkout of an object.

    If counting takes longer than ``patience`` seconds, it stops and the number has a
    plus sign.  None if the number is not known.  ``access`` is that of the checkout, if
    there is one.
    """
    count = _Count(host, obj, sparse, patience, access)
    try:
        return count.below(obj)
    except count.fatal:
        raise
    except Exception:
        # A synchronizer failed: the checkout itself logs that, and skips the object.
        return None


class _Count:
    def __init__(
        self,
        host: Any,
        obj: Any,
        sparse: Sparse | None,
        patience: float,
        access: Any,
    ) -> None:
        self.fatal: tuple[type[BaseException], ...] = host.fatal
        # A separate one, so that its objects do not count as visited.
        self._access = host.access(reading=True) if access is None else access.twin()
        self._database = host.database(obj)
        self._sparse = sparse
        self._end = monotonic() + patience
        self._directories: dict[type, bool] = {}

    def below(self, obj: Any) -> str:
        found = 1
        waiting: list[tuple[Any, Any, Keys]] = [(obj, None, ())]
        while waiting:
            directory, owner, way = waiting.pop()
            for key, item in self._items(directory, owner):
                if monotonic() > self._end:
                    return f"{found}+"
                self._database.checkpoint()
                klass = self._database.class_of(item)
                is_directory = self._directories.get(klass)
                if is_directory is None:
                    is_directory = self._is_directory(item, directory, klass)
                where = (*way, str(key))
                if self._sparse and self._sparse.leaves_out(where, is_directory):
                    continue
                found += 1
                if is_directory:
                    waiting.append((item, directory, where))
        return str(found)

    def _items(self, obj: Any, owner: Any) -> Iterable[tuple[Any, Any]]:
        synchronizer = self._synchronizer(obj, owner)
        if synchronizer is None or not isdirectory(synchronizer):
            return ()
        found: Iterable[tuple[Any, Any]] = self._database.bare(synchronizer.iteritems())
        return found

    def _is_directory(self, obj: Any, owner: Any, klass: type) -> bool:
        synchronizer = self._synchronizer(obj, owner)
        if synchronizer is None:
            # This object is withheld; others of its class need not be.
            return False
        self._directories[klass] = isdirectory(synchronizer)
        return self._directories[klass]

    def _synchronizer(self, obj: Any, owner: Any) -> Any:
        found = self._access(obj, raise_error=False, context=owner)
        return self._database.bare(found)
