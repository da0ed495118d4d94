"""Listing: the entries of an object and of what is directly in it, without content."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from typing import Any

from zope.fssync import paths
from zope.fssync.task.base import isdirectory
from zope.fssync.task.checkout import Checkout
from zope.fssync.task.checkout import Item

__all__ = ["KIND", "MODIFIED", "PARTS", "Listing"]

#: Attributes of entries in a listing: ``file`` or ``directory``, and when the record
#: of the object was last written.
KIND, MODIFIED = "kind", "modified"

#: The names of annotations and extras, where they were asked for.
PARTS = "parts"


class Listing(Checkout):
    """A checkout that ends with the entries of the top object's items.

    What ``explained`` returns for the top object is in its entry as well, and as
    ``parts`` the names of its annotations and extras.
    """

    def __init__(
        self,
        *args: Any,
        explained: Callable[[Any], Mapping[str, str]] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self._explained = explained

    def _dump(self, synchronizer: Any, path: str, obj: Any) -> Iterator[None]:
        if "/" not in path and isdirectory(synchronizer):
            yield from super()._dump(synchronizer, path, obj)

    def _dump_special(self, item: Item, path: str, what: str) -> bool:
        return False

    def _entry(self, item: Item, identity: Any) -> dict[str, str]:
        entry = super()._entry(item, identity)
        entry[KIND] = "directory" if isdirectory(item.synchronizer) else "file"
        written = getattr(self.bare(item.obj), "_p_mtime", None)
        if isinstance(written, (int, float)):
            moment = datetime.fromtimestamp(written, UTC)
            entry[MODIFIED] = moment.isoformat(timespec="seconds")
        if self._explained is not None and "/" not in item.path:
            entry.update(self._explained(item.obj))
            entry[PARTS] = ", ".join(self._parts(item))
        return entry

    def _parts(self, item: Item) -> Iterator[str]:
        """Yield the names of the parts that the caller may read."""
        for what in (paths.ANNOTATIONS, paths.EXTRA):
            is_extra = what == paths.EXTRA
            serializer = item.synchronizer
            mapping = serializer.extras() if is_extra else serializer.annotations()
            if not mapping:
                continue
            found = self.lookup(mapping, context=item.obj, raise_error=False)
            if found is None:
                self.withheld.append(what)
            elif isdirectory(found):
                with self.in_parts(found):
                    items = self._items(self.items(found), what, item.obj)
                yield from (f"{what}/{each.name}" for each in items)
            else:
                yield what
