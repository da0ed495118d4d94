"""Three-way merge of descriptions, key by key.

Where both sides changed the same key, both values stand between the marks that merges
of texts have::

    <<<<<<< mine
    Title = One title
    =======
    Title = Another title
    >>>>>>> theirs
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from zope.fssync import itemtext
from zope.fssync.description import partforms
from zope.fssync.description.entries import FORM
from zope.fssync.description.entries import OURS
from zope.fssync.description.entries import VALUE
from zope.fssync.description.entries import position
from zope.fssync.description.lines import Section
from zope.fssync.description.lines import TextItem
from zope.fssync.description.lines import load_sections
from zope.fssync.description.lines import section_path
from zope.fssync.description.marks import SIDES
from zope.fssync.description.marks import conflicts
from zope.fssync.description.marks import marked_lines

__all__ = ["Merged", "merge"]

Lines = tuple[str, ...]


class Merged(NamedTuple):
    """The text of a merge, and the keys that are in conflict, with their parts."""

    text: bytes
    conflicts: tuple[str, ...]


def merge(
    base: bytes,
    mine: bytes,
    theirs: bytes,
    *,
    labels: tuple[str, str] = SIDES,
    path: str = "text",
) -> Merged:
    """Merge what two sides made of a description.

    Raises what `load` raises for lines that make no sense, or that are in conflict.
    """
    if mine == theirs or theirs == base:
        return Merged(mine, ())
    if mine == base:
        return Merged(theirs, ())
    sides = [load_sections(text, path) for text in (base, mine, theirs)]
    return _Merge(labels).merged(*map(_units, sides))


class _Units(NamedTuple):
    """A description in parts: what is said of the object, and what of each part."""

    top: Section
    parts: dict[str, TextItem | Section]


def _units(sections: Mapping[str, Section]) -> _Units:
    top = sections[""]
    items = {key: item for key, item in top.items.items() if "/" not in key}
    parts: dict[str, TextItem | Section] = {
        key: item for key, item in top.items.items() if "/" in key
    }
    parts.update((path, each) for path, each in sections.items() if path)
    return _Units(top._replace(items=items), parts)


_NOTHING = Section("", {}, {})


class _Merge:
    """Merges two sides, which have labels."""

    def __init__(self, labels: tuple[str, str]) -> None:
        self.labels = labels

    def merged(self, base: _Units, mine: _Units, theirs: _Units) -> Merged:
        top = list(self.section(base.top, mine.top, theirs.top))
        texts = []
        for path in sorted(base.parts.keys() | mine.parts.keys() | theirs.parts.keys()):
            units = [each.parts.get(path) for each in (base, mine, theirs)]
            chosen = _choose(*map(_state, units))
            unit = None if chosen is None else units[chosen]
            if isinstance(unit, TextItem):
                top += unit.written()
            elif unit is not None:
                texts.append(list(unit.written()))
            elif chosen is None:
                lines = list(self.part(path, units))
                if isinstance(units[1], TextItem) and isinstance(units[2], TextItem):
                    top += lines
                else:
                    texts.append(lines)
        written = ("".join(f"{line}\n" for line in lines) for lines in (top, *texts))
        text = "\n".join(filter(None, written)).encode("utf-8")
        return Merged(text, conflicts(text))

    def part(
        self, path: str, units: Sequence[TextItem | Section | None]
    ) -> Iterable[str]:
        """Yield the lines of a part that both sides changed."""
        base, mine, theirs = units
        if isinstance(mine, Section) and isinstance(theirs, Section):
            told = _told(mine)
            if not isinstance(base, Section) or _told(base) != told:
                base = _NOTHING
            if _told(theirs) == told:
                return self.section(base, mine, theirs)
        if not (isinstance(mine, TextItem) and isinstance(theirs, TextItem)):
            mine, theirs = _as_section(path, mine), _as_section(path, theirs)
        return self.marked(_written(mine), _written(theirs))

    def section(self, base: Section, mine: Section, theirs: Section) -> Iterator[str]:
        """Yield the lines of a section that both sides have."""
        path = mine.path
        if path:
            yield f"[{section_path(path)}]"
        sides = [each.attributes for each in (base, mine, theirs)]
        keys = sorted({key for side in sides for key in side}, key=position)
        # What tells the content comes last.
        yield from self.items(sorted(keys, key=OURS.__contains__), sides, "@")
        contents = [each.items for each in (base, mine, theirs)]
        if not _is_ordered(mine):
            names = sorted({key for side in contents for key in side})
            ordered = sorted(names, key=position) if not path else names
        else:
            order = _merged_order(*map(list, contents))
            if order is None:
                lines = [_item_lines(side.values()) for side in contents]
                yield from self.marked(lines[1], lines[2])
                return
            ordered = order
        yield from self.items(ordered, contents, "")

    def items(
        self,
        keys: Iterable[str],
        sides: Sequence[Mapping[str, TextItem]],
        prefix: str,
    ) -> Iterator[str]:
        """Yield the lines of items, or of attributes."""
        for key in keys:
            found = [side.get(key) for side in sides]
            chosen = _choose(*map(_state, found))
            texts = [
                () if item is None else tuple(item.written(bool(prefix)))
                for item in found
            ]
            if chosen is not None:
                yield from texts[chosen]
            else:
                yield from self.marked(texts[1], texts[2])

    def marked(self, mine: Lines, theirs: Lines) -> Iterator[str]:
        """Yield the lines of both sides between marks."""
        return marked_lines(mine, theirs, self.labels)


State = tuple[object, ...] | None


def _state(unit: TextItem | Section | None) -> State:
    """Return what is said, wherever it stands."""
    return None if unit is None else _written(unit)


def _written(unit: TextItem | Section | None) -> Lines:
    return () if unit is None else tuple(unit.written())


def _choose(base: State, mine: State, theirs: State) -> int | None:
    """Return which of three to take, None where both sides differ from the base."""
    if mine == theirs or theirs == base:
        return 1
    return 2 if mine == base else None


def _told(section: Section) -> object:
    """Return how a section tells its content."""
    ours = [key for key in section.attributes if key in OURS]
    if ours == [FORM]:
        return section.attributes[FORM].rest
    return ours


def _as_section(path: str, unit: TextItem | Section | None) -> Section | None:
    if isinstance(unit, TextItem):
        return Section(path, {VALUE: unit._replace(key=VALUE)}, {})
    return unit


def _item_lines(items: Iterable[TextItem]) -> Lines:
    return tuple(line for item in items for line in item.written())


def _is_ordered(section: Section) -> bool:
    if FORM in section.attributes:
        name = itemtext.item_of(FORM, section.attributes[FORM].rest).value or ""
        return bool(getattr(partforms.named_form(name), "is_ordered", False))
    known = partforms.known(section.path)
    return known is not None and known.form is not None and known.form.is_ordered


def _merged_order(
    base: list[str], mine: list[str], theirs: list[str]
) -> list[str] | None:
    """Return the keys of both sides in order; None if both changed the order.

    What only one side has follows what it follows there.
    """
    common = set(base) & set(mine) & set(theirs)
    orders = [[key for key in side if key in common] for side in (base, mine, theirs)]
    chosen = _choose(*map(tuple, orders))
    if chosen is None:
        return None
    first, second = (mine, theirs) if chosen == 1 else (theirs, mine)
    known = set(first)
    # By a key: those that follow it, and are not in the first list.
    following: dict[str, list[str]] = {}
    last = ""
    for key in second:
        if key in known:
            last = key
        else:
            following.setdefault(last, []).append(key)
    ordered = following.get("", [])
    for key in first:
        ordered.append(key)
        ordered += following.get(key, ())
    # Lists that are sorted stay sorted.
    if all(list(side) == sorted(side) for side in (base, mine, theirs)):
        ordered.sort()
    return ordered
