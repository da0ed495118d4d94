"""The items of containers by their names, for folders of any kind."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

__all__ = ["ItemAccess"]


class ItemAccess:
    """Access the items of an object manager, which is the context."""

    context: Any

    def has(self, key: Any) -> bool:
        """Return whether there is an item of this name."""
        raise NotImplementedError

    def __getitem__(self, key: str) -> Any:
        if not self.has(key):
            raise KeyError(key)
        return self.context._getOb(key)

    def __setitem__(self, key: str, value: Any) -> None:
        raise NotImplementedError

    def traverseName(self, name: str) -> Any:
        """See `IDirectorySynchronizer`."""
        return self[name]

    def names(self) -> Iterator[str]:
        """Iterate over the names of the items."""
        return iter(self.context.objectIds())

    def iteritems(self) -> Iterator[tuple[str, Any]]:
        """See `IDirectorySerializer`."""
        for name in self.names():
            yield name, self.context._getOb(name)

    def update(self, items: Mapping[str, Any]) -> None:
        """Add several items."""
        for key, value in items.items():
            self[key] = value
