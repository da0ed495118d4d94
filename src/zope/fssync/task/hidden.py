"""Hidden: which of the paths that a caller knows are withheld from them.

It reveals nothing about other paths, and reads no object that no path leads to.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Set
from typing import Any

from zope.fssync import paths
from zope.fssync.task.base import isdirectory
from zope.fssync.task.checkout import Checkout
from zope.fssync.task.checkout import Item

__all__ = ["Hidden"]


class Hidden(Checkout):
    """A checkout for the result of `hidden`.

    ``wanted`` are paths as in a checkout, in any normal form.
    """

    def __init__(self, *args: Any, wanted: Iterable[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self._wanted = {paths.nfc(path): path for path in wanted}
        # A set of all their prefixes may be a hundred times as large.
        self._sorted = sorted(self._wanted)

    def _dump(self, synchronizer: Any, path: str, obj: Any) -> Iterator[None]:
        """Follow the wanted paths; content is read only to see whether it fails."""
        form = paths.nfc(path)
        if form in self._wanted or (
            isdirectory(synchronizer) and self._leads_to_some(f"{form}/")
        ):
            yield from super()._dump(synchronizer, path, obj)

    def _dump_body(self, synchronizer: Any, path: str) -> Iterator[None]:
        synchronizer.dump(_Nowhere())
        yield

    def _leads_to_some(self, start: str) -> bool:
        place = bisect_left(self._sorted, start)
        return place < len(self._sorted) and self._sorted[place].startswith(start)

    def _dump_special(self, item: Any, path: str, what: str) -> bool:
        target = self.repository.join(path, paths.CONTROL, what, item.name)
        wanted = self._leads_to_some(paths.nfc(target))
        return wanted and super()._dump_special(item, path, what)

    def _entries(self, items: list[Item], identity: Any) -> dict[str, dict[str, str]]:
        """Make the entries of wanted objects only: most of the cost is here."""
        wanted = [item for item in items if paths.nfc(item.path) in self._wanted]
        made = super()._entries(wanted, identity)
        failed = {item.name for item in wanted} - made.keys()
        return {item.name: {} for item in items if item.name not in failed}

    def _dump_entries(self, path: str, entries: Any) -> None:
        """Nothing is written."""

    def hidden(self) -> list[str]:
        """Return the wanted paths that are withheld, or lie below what is."""
        withheld = {paths.nfc(path) for path in (*self.withheld, *self.broken)}
        return sorted(
            path for form, path in self._wanted.items() if _is_in(form, withheld)
        )


class _Nowhere:
    def write(self, data: bytes) -> None:
        """Drop what is written, if it is bytes."""
        memoryview(data)


def _is_in(path: str, places: Set[str]) -> bool:
    """Return whether a path is one of these places, or below one."""
    while path:
        if path in places:
            return True
        path = path.rpartition("/")[0]
    return False
