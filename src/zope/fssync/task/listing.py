"""Listing: the entries of an object and of what is directly in it, without content."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from typing import Any

from zope.fssync.task.base import isdirectory
from zope.fssync.task.checkout import Checkout
from zope.fssync.task.checkout import Item

__all__ = ["KIND", "MODIFIED", "Listing"]

#: Attributes of entries in a listing: ``file`` or ``directory``, and when the record
#: of the object was last written.
KIND, MODIFIED = "kind", "modified"


class Listing(Checkout):
    """A checkout that ends with the entries of the top object's items."""

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
        return entry
