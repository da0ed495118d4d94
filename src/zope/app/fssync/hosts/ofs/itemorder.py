"""The order of the items of plain folders: by name, or arranged by a user.

A folder whose items are sorted by name stays sorted when items are added, so that its
order need not be recorded.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from operator import itemgetter
from typing import Any

from Acquisition import aq_base
from OFS.interfaces import IOrderedContainer

__all__ = ["arrange", "by_name", "ids", "kept_by_name", "put_last_by_name"]

_id = itemgetter("id")


def ids(folder: Any) -> list[str]:
    """Return the ids of the items of a plain folder in their order.

    Empty for other kinds of folders, which have an order of their own or none.
    """
    if IOrderedContainer.providedBy(folder):
        return []
    return [each["id"] for each in getattr(aq_base(folder), "_objects", ())]


def by_name(names: Iterable[str]) -> bool:
    """Return True if names are sorted."""
    return all(one <= other for one, other in pairwise(names))


def arrange(folder: Any, wanted: Iterable[str]) -> None:
    """Sort the items of a plain folder by ``wanted``, which has all ids."""
    objects = {each["id"]: each for each in folder._objects}
    folder._objects = tuple(objects[name] for name in wanted)


def put_last_by_name(folder: Any) -> None:
    """Move the last item of a sorted folder to its place by name."""
    if not getattr(aq_base(folder), "_objects", ()):
        # The folder keeps its items elsewhere.
        return
    *others, last = folder._objects
    place = bisect(others, last["id"], key=_id)
    if place < len(others):
        folder._objects = (*others[:place], last, *others[place:])


@contextmanager
def kept_by_name(*folders: Any) -> Iterator[None]:
    """Keep plain folders sorted whose items are sorted by name."""
    before = [folder for folder in folders if by_name(ids(folder))]
    yield
    for folder in before:
        after = ids(folder)
        if not by_name(after):
            arrange(folder, sorted(after))
