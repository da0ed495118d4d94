"""Merges of extras and annotations that are pickles, key by key.

Lines of XML are merged badly: what was added at one place by both sides is in conflict,
whatever it is.  So the keys are merged, of the Dublin Core and of mappings.
"""

from __future__ import annotations

from typing import Any
from typing import NamedTuple

from zope.fssync.description import partforms
from zope.fssync.description import pickletree
from zope.fssync.description.lines import TextItem

__all__ = ["Keyed", "merge_keys"]

Items = dict[str, TextItem]


class Keyed(NamedTuple):
    """Both sides of a merge: what they are where all else is merged.

    They are equal where nothing is in conflict.
    """

    mine: bytes
    theirs: bytes


def merge_keys(local: bytes, original: bytes, remote: bytes) -> Keyed | None:
    """Merge what two sides made of a part, None where it has no keys.

    The original of one that both sides added is empty, and has no keys either.
    """
    contents = (original, local, remote)
    made = contents if original else contents[1:]
    if not all(each.startswith(pickletree.HEAD) for each in made):
        return None
    for form in partforms.pickled_forms():
        for python2 in (False, True):
            sides = [_items(form, each, python2) if each else {} for each in contents]
            found = [side for side in sides if side is not None]
            if len(found) == len(sides):
                return _merge(form, python2, *found)
    return None


def _items(form: Any, content: bytes, python2: bool) -> Items | None:
    """Return the items of a content, None where they are not all of it."""
    try:
        items = form.items(content, python2)
        if items is None or form.content(items, python2) != content:
            return None
    except ValueError:
        return None
    return {item.key: item for item in items}


def _merge(form: Any, python2: bool, base: Items, mine: Items, theirs: Items) -> Keyed:
    sides: tuple[list[TextItem], list[TextItem]] = ([], [])
    for key in sorted(base.keys() | mine.keys() | theirs.keys()):
        before, ours, others = base.get(key), mine.get(key), theirs.get(key)
        if ours == others or others == before:
            others = ours
        elif ours == before or key in form.server_only:
            ours = others
        for side, item in zip(sides, (ours, others), strict=True):
            if item is not None:
                side.append(item)
    first, second = (form.content(side, python2) for side in sides)
    return Keyed(first, second)
