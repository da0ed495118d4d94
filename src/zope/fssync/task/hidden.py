"""Hidden: which of the paths that a caller knows are withheld from him.

It says nothing of other paths, and looks only where those paths lead.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from zope.fssync import paths
from zope.fssync.task.base import isdirectory
from zope.fssync.task.checkout import Checkout

__all__ = ["Hidden"]


class Hidden(Checkout):
    """A checkout of which only `hidden` is of interest.

    ``wanted`` are paths as in a checkout, in any normal form.
    """

    def __init__(self, *args: Any, wanted: Iterable[str], **hooks: Any) -> None:
        super().__init__(*args, **hooks)
        self._wanted = {paths.nfc(path): path for path in wanted}
        self._ways = {
            "/".join(parts[:length])
            for parts in (path.split("/") for path in self._wanted)
            for length in range(1, len(parts) + 1)
        }

    def _dump(self, synchronizer: Any, path: str, obj: Any) -> Iterator[None]:
        """Go on where a wanted path leads through; content does not matter."""
        if paths.nfc(path) in self._ways and isdirectory(synchronizer):
            yield from super()._dump(synchronizer, path, obj)

    def _dump_entries(self, path: str, entries: Any) -> None:
        """Nothing is written."""

    def hidden(self) -> list[str]:
        """Return the wanted paths that are withheld, or lie below what is."""
        withheld = {paths.nfc(path) for path in self.withheld}
        return sorted(
            path
            for form, path in self._wanted.items()
            if any(form == each or form.startswith(f"{each}/") for each in withheld)
        )
