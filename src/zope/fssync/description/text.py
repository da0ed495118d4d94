"""Descriptions of objects as text, and back.

What goes without saying is not in the text, and neither is what a server alone decides.
All else comes back byte for byte: a part is shown in a form for people only where
reading that gives the same bytes, and otherwise as the text it is, or in base64.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from zope.fssync.description.entries import PYTHON
from zope.fssync.description.entries import attribute_items
from zope.fssync.description.entries import implied_by
from zope.fssync.description.entries import is_python2
from zope.fssync.description.lines import Section
from zope.fssync.description.lines import TextItem
from zope.fssync.description.model import Description
from zope.fssync.description.parts import conflicting_part
from zope.fssync.description.parts import is_short
from zope.fssync.description.parts import shown_part
from zope.fssync.description.parts import text_of
from zope.fssync.limits import REMEMBERED_PARTS

__all__ = ["dump"]


def dump(
    description: Description, *, conflicts: Collection[str] = frozenset()
) -> bytes:
    """Return the text of a description, the same for the same state.

    Of ``conflicts``, paths of parts that were merged and hold the markers of it, both
    sides are shown as `merge` does.
    """
    python2 = is_python2(description)
    entry = tuple(sorted(description.entry.items()))
    top = [(_remembered if is_short(entry) else _top)(entry, python2)]
    sections = [""]
    for path in sorted(description.parts):
        part = description.parts[path]
        shown = conflicting_part(path, part, python2) if path in conflicts else None
        shown = shown or shown_part(path, part, python2)
        texts = top if isinstance(shown.said, TextItem) else sections
        texts.append(shown.text)
    sections[0] = "".join(top)
    return "\n".join(filter(None, sections)).encode("utf-8")


def _top(entry: tuple[tuple[str, str], ...], python2: bool) -> str:
    """Return the lines about the object itself."""
    told = dict(entry)
    said = {item.key: item for item in attribute_items(told, implied_by(told, python2))}
    dialect = {PYTHON: TextItem(PYTHON, "= 2")} if python2 else {}
    return text_of(Section("", dialect, said))


_remembered = lru_cache(maxsize=REMEMBERED_PARTS)(_top)
