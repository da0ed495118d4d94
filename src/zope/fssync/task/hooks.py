"""Hooks of tasks that have neither a database nor permissions."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from zope.fssync.interfaces import IEntryId
from zope.fssync.interfaces import ITaskHooks

__all__ = ["NullHooks"]


@implementer(ITaskHooks)
class NullHooks:
    """See `ITaskHooks`: does nothing, permits everything, collects all failures."""

    fatal: tuple[type[BaseException], ...] = ()
    fatal_reading: tuple[type[BaseException], ...] = (Exception,)

    def checkpoint(self) -> None:
        """See `ITaskHooks`."""

    def pause(self) -> None:
        """See `ITaskHooks`."""

    def bare(self, obj: Any) -> Any:
        """See `ITaskHooks`."""
        return obj

    def class_of(self, obj: Any) -> type:
        """See `ITaskHooks`."""
        found: type = obj.__class__
        return found

    def identity(self, obj: Any) -> Any:
        """See `ITaskHooks`."""
        return IEntryId(obj, None)

    def adopt(self, container: Any, obj: Any) -> None:
        """See `ITaskHooks`."""

    def move(self, obj: Any, source: Any, key: Any, target: Any, name: Any) -> bool:
        """See `ITaskHooks`."""
        return False

    def rely(self, obj: Any, whole: bool = False) -> None:
        """See `ITaskHooks`."""

    def protect(self, owner: Any, kind: str, what: Any) -> None:
        """See `ITaskHooks`."""

    def check(self, obj: Any, path: str) -> None:
        """See `ITaskHooks`."""

    def doom(self) -> None:
        """See `ITaskHooks`."""
