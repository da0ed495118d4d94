"""How extras and annotations are told: by an item, a section, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from typing import Any
from typing import NamedTuple

from zope.fssync import itemtext
from zope.fssync import paths
from zope.fssync.description import partforms
from zope.fssync.description import pickletree
from zope.fssync.description.entries import BASE64
from zope.fssync.description.entries import DIRECTORY
from zope.fssync.description.entries import FORM
from zope.fssync.description.entries import KEPT_ASIDE
from zope.fssync.description.entries import TEXT
from zope.fssync.description.entries import VALUE
from zope.fssync.description.entries import attribute_items
from zope.fssync.description.entries import part_implied
from zope.fssync.description.entries import type_of
from zope.fssync.description.lines import Section
from zope.fssync.description.lines import TextItem
from zope.fssync.description.lines import section_path
from zope.fssync.description.marks import SIDES
from zope.fssync.description.marks import labels_of
from zope.fssync.description.marks import marked_lines
from zope.fssync.description.marks import take
from zope.fssync.description.marks import whose
from zope.fssync.description.model import ASIDE
from zope.fssync.description.model import Part
from zope.fssync.description.partforms import Known
from zope.fssync.errors import PathRefused
from zope.fssync.limits import DESCRIBED_SIZE
from zope.fssync.limits import REMEMBERED_PART
from zope.fssync.limits import REMEMBERED_PARTS
from zope.fssync.merge.merge3 import both_sides
from zope.fssync.messages import _
from zope.fssync.patterns import late
from zope.fssync.terminal import escape
from zope.fssync.xmlpickle.text import base64_lines

__all__ = [
    "UNENDED",
    "check_path",
    "conflicting_part",
    "marked_part",
    "shown_part",
    "text_of",
]

UNENDED = "no newline at the end"
# A line of text that would not survive as it is.
_fragile = late(
    r'\A"|\A\Z|\s\Z|[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]'
)


def check_path(path: str) -> None:
    """Refuse what is no path of a part; this is where names come in."""
    steps = list(paths.split_archive_path(path))
    while steps:
        special = steps.pop(0)
        if special not in (paths.EXTRA, paths.ANNOTATIONS) or not steps:
            break
        # The name of a part, and those of parts in it.
        while steps and steps[0] != paths.CONTROL:
            steps.pop(0)
        if not steps:
            return
        # Those of a part in a directory of parts: its name follows.
        steps.pop(0)
        if len(steps) < 3:
            break
    raise PathRefused(
        _(
            "this is no path of an extra or an annotation: '${path}'",
            mapping={"path": escape(path)},
        ),
        path=path,
    )


class _Shown(NamedTuple):
    """How a part is told: by an item, a section, or nothing; and the text of it."""

    said: TextItem | Section | None
    text: str


def shown_part(path: str, part: Part, python2: bool) -> _Shown:
    """Return how a part is told."""
    entry = tuple(sorted(part.entry.items()))
    is_long = isinstance(part.data, bytes) and len(part.data) > REMEMBERED_PART
    if is_long or not is_short(entry):
        return _show(path, part.data, python2, entry)
    return _remembered(path, part.data, python2, entry)


def is_short(entry: tuple[tuple[str, str], ...]) -> bool:
    """Return True if what is told of an entry may be remembered; a server sends it."""
    return sum(map(len, chain.from_iterable(entry))) <= REMEMBERED_PART


def _show(
    path: str, data: Any, python2: bool, entry: tuple[tuple[str, str], ...]
) -> _Shown:
    check_path(path)
    said = _said_of(path, data, python2, dict(entry))
    return _Shown(said, text_of(said))


_remembered = lru_cache(maxsize=REMEMBERED_PARTS)(_show)


def _said_of(
    path: str, data: Any, python2: bool, entry: Mapping[str, str]
) -> TextItem | Section | None:
    content = _content(path, data, python2)
    if content is None:
        return None
    of_value, told, items = content
    implied = part_implied(path, python2, data, of_value, entry.get("type"))
    if told is not None and told.key == VALUE and entry == implied:
        return partforms.value_item(path, partforms.value_of(told))
    said = list(attribute_items(entry, implied))
    if told is not None:
        said.append(told)
    return Section(
        path, {item.key: item for item in said}, {item.key: item for item in items}
    )


class _Content(NamedTuple):
    """The type that a content tells, and the attribute or the items that tell it."""

    type: str | None
    told: TextItem | None
    items: list[TextItem]


def _content(path: str, data: Any, python2: bool) -> _Content | None:
    """Return how a content is told; None if nothing has to be said."""
    if data is None or data is ASIDE:
        return _Content(
            None, TextItem(DIRECTORY if data is None else KEPT_ASIDE, ""), []
        )
    if len(data) > DESCRIBED_SIZE:
        # Nobody reads it line by line, and a form takes time.
        return _Content(None, _block(data), [])
    known = partforms.known(path) or Known()
    if known.form is not None:
        items = _items_of(known.form, data, python2)
        if items is not None:
            shown = [each for each in items if each.key not in known.form.server_only]
            # There is always a modification time; alone it is not worth a line.
            return _Content(None, None, shown) if shown or not items else None
    try:
        value = pickletree.loads(data, python2)
        of_value = type_of(value, python2)
        form = partforms.mapping_form(value)
        if form is not None:
            items = _items_of(form, data, python2)
            if items is not None:
                return _Content(of_value, TextItem(FORM, f"= {form.name}"), items)
        told = partforms.value_item(VALUE, value)
        if pickletree.dumps(partforms.value_of(told), python2) == data:
            return _Content(of_value, told, [])
    except ValueError:
        pass
    return _Content(None, _block(data), [])


def _items_of(form: Any, data: bytes, python2: bool) -> list[TextItem] | None:
    """Return the items of a part, if they are all there is to say of it."""
    try:
        items: list[TextItem] | None = form.items(data, python2)
        if items is None or form.content(items, python2) != data:
            return None
    except ValueError:
        return None
    return items


def _block(data: bytes) -> TextItem:
    """Return the item that tells a content as it is."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return TextItem(BASE64, "", tuple(base64_lines(data).split("\n")))
    *content, last = text.split("\n")
    rest = f"({UNENDED})" if last or not content else ""
    if rest:
        content.append(last)
    return TextItem(TEXT, rest, tuple(map(_guarded, content)))


def _guarded(line: str) -> str:
    return itemtext.quote(line) if _fragile.search(line) else line


def text_of(said: TextItem | Section | None) -> str:
    return "" if said is None else "".join(f"{line}\n" for line in said.written())


# Conflicts


def marked_part(
    mine: Part | None, theirs: Part | None, labels: tuple[str, str]
) -> Part | None:
    """Return a part with both sides of a conflict, None where that cannot be."""
    if mine is None or theirs is None or mine.entry != theirs.entry:
        return None
    if not isinstance(mine.data, bytes) or not isinstance(theirs.data, bytes):
        return None
    return mine._replace(data=both_sides(mine.data, theirs.data, *labels))


def conflicting_part(path: str, part: Part, python2: bool) -> _Shown | None:
    """Return how a part in conflict is told, None where it is as the text it is."""
    if not isinstance(part.data, bytes):
        return None
    labels = labels_of(part.data)
    if labels is None:
        return None
    here, there = (part._replace(data=take(part.data, side)) for side in SIDES)
    if marked_part(here, there, labels) != part:
        return None
    mine, theirs = (shown_part(path, side, python2).said for side in (here, there))
    sides = whose(labels[0]), whose(labels[1])
    if isinstance(mine, Section) and isinstance(theirs, Section):
        lines = _differing(mine, theirs, sides)
    elif isinstance(mine, TextItem) and isinstance(theirs, TextItem):
        lines = marked_lines(mine.written(), theirs.written(), sides)
    else:
        return None
    return _Shown(mine, "".join(f"{line}\n" for line in lines))


def _differing(
    mine: Section, theirs: Section, labels: tuple[str, str]
) -> Iterator[str]:
    """Yield the lines of two sections, with markers where they differ."""
    yield f"[{section_path(mine.path)}]"
    for is_attribute in (True, False):
        ours, others = (
            each.attributes if is_attribute else each.items for each in (mine, theirs)
        )
        for key in dict.fromkeys((*ours, *others)):
            mine_lines, their_lines = (
                tuple(side[key].written(is_attribute)) if key in side else ()
                for side in (ours, others)
            )
            if mine_lines == their_lines:
                yield from mine_lines
            else:
                yield from marked_lines(mine_lines, their_lines, labels)
