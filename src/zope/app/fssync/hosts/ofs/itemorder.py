"""The order of the items of plain folders: by name, or as somebody has arranged them.

A folder whose items are in the order of their names stays so when items come in,
so that this needs no record.
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

    Empty for folders of other kinds, which have an order of their own or none.
    """
    if IOrderedContainer.providedBy(folder):
        return []
    return [each["id"] for each in getattr(aq_base(folder), "_objects", ())]


def by_name(names: Iterable[str]) -> bool:
    """Are these in the order of their names?"""
    return all(one <= other for one, other in pairwise(names))


def arrange(folder: Any, wanted: Iterable[str]) -> None:
    """Let the items of a plain folder have an order; ``wanted`` has all ids."""
    objects = {each["id"]: each for each in folder._objects}
    folder._objects = tuple(objects[name] for name in wanted)


def put_last_by_name(folder: Any) -> None:
    """Move the item that came in last to where its name belongs."""
    if not getattr(aq_base(folder), "_objects", ()):
        # It keeps them elsewhere.
        return
    *others, last = folder._objects
    place = bisect(others, last["id"], key=_id)
    if place < len(others):
        folder._objects = (*others[:place], last, *others[place:])


@contextmanager
def kept_by_name(*folders: Any) -> Iterator[None]:
    """Let plain folders whose items are in the order of their names stay so."""
    before = [folder for folder in folders if by_name(ids(folder))]
    yield
    for folder in before:
        after = ids(folder)
        if not by_name(after):
            arrange(folder, sorted(after))
