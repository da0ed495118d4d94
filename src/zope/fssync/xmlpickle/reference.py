"""Keeps references to objects outside of a pickle while it is written anew."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["PersistentReferences", "StandIn"]

_identity = id


class StandIn:
    """Takes the place of an object outside of a pickle."""

    __slots__ = ("id",)

    def __init__(self, id: str) -> None:
        self.id = id

    def __repr__(self) -> str:
        return f"<object at {self.id!r}>"


class PersistentReferences:
    """Loads references, and knows them again when their objects are written."""

    def __init__(self, load: Callable[[str], object] | None = None) -> None:
        self._load = load or StandIn
        self._objects: dict[str, object] = {}
        self._ids: dict[int, str] = {}

    def load(self, id: str) -> object:
        if id not in self._objects:
            obj = self._objects[id] = self._load(id)
            self._ids.setdefault(_identity(obj), id)
        return self._objects[id]

    def id(self, obj: object) -> str | None:
        return self._ids.get(_identity(obj))
