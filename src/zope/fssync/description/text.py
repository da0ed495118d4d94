"""Descriptions of objects as text, and back.

What goes without saying is not in the text, and neither is what a server alone decides.
All else comes back byte for byte: a part is shown in a form for people only where
reading that gives the same bytes, and otherwise as the text it is, or in base64.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from typing import NamedTuple

from zope.fssync import itemtext
from zope.fssync import paths
from zope.fssync.description import partforms
from zope.fssync.description import pickletree
from zope.fssync.description.lines import Damage
from zope.fssync.description.lines import Section
from zope.fssync.description.lines import TextItem
from zope.fssync.description.lines import damaged
from zope.fssync.description.lines import load_sections
from zope.fssync.description.lines import section_path
from zope.fssync.description.marks import SIDES
from zope.fssync.description.marks import labels_of
from zope.fssync.description.marks import marked_lines
from zope.fssync.description.marks import take
from zope.fssync.description.model import ASIDE
from zope.fssync.description.model import Description
from zope.fssync.description.model import Part
from zope.fssync.description.partforms import Known
from zope.fssync.description.pickletree import Global
from zope.fssync.description.pickletree import Instance
from zope.fssync.description.pickletree import Native
from zope.fssync.description.valueforms import NEWOBJ
from zope.fssync.errors import PathRefused
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import DESCRIBED_SIZE
from zope.fssync.limits import REMEMBERED_PART
from zope.fssync.limits import REMEMBERED_PARTS
from zope.fssync.limits import Limits
from zope.fssync.merge.merge3 import both_sides
from zope.fssync.terminal import escape
from zope.fssync.xmlpickle.text import base64_lines

__all__ = ["FORM", "OURS", "VALUE", "dump", "load", "position"]

#: Attributes of entries in the order of writing; others follow, sorted.
_ORDER = ("type", "factory", "key", "keytype", "binary", "provides")

#: Attributes that are none of the object: they say where it is, or what happened to it.
_NOT_SAID = frozenset(
    ("name", "id", "flag", "conflict", "withheld", "base", "moved", "moved-to")
)

_is_attribute = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*").fullmatch

# How the content of a part is told.
FORM, VALUE, TEXT, BASE64 = "form", "value", "text", "base64"
DIRECTORY, KEPT_ASIDE = "directory", "aside"
PYTHON = "python"
OURS = frozenset((FORM, VALUE, TEXT, BASE64, DIRECTORY, KEPT_ASIDE, PYTHON))
#: Before the name of an attribute that is one of these.
_ESCAPE = "entry."

_UNENDED = "no newline at the end"
_ABSENT = "none"

# A line of text that would not survive as it is.
_fragile = re.compile(
    r'\A"|\A\Z|\s\Z|[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]'
).search


class _Names(NamedTuple):
    """The names of types that Python 2 calls otherwise."""

    key: str
    part_key: str
    module: str
    text: str


_TODAY = _Names("builtins.str", "builtins.str", "builtins", "str")
_PYTHON2 = _Names("__builtin__.unicode", "__builtin__.str", "__builtin__", "unicode")


def dump(
    description: Description, *, conflicts: Collection[str] = frozenset()
) -> bytes:
    """Return the text of a description, the same for the same state.

    Of ``conflicts``, paths of parts that were merged and hold the markers of it, both
    sides are shown as `merge` does.
    """
    python2 = _is_python2(description)
    top = [_top(tuple(sorted(description.entry.items())), python2)]
    sections = [""]
    for path in sorted(description.parts):
        part = description.parts[path]
        shown = _conflicting(path, part, python2) if path in conflicts else None
        shown = shown or _shown(path, part, python2)
        texts = top if isinstance(shown.said, TextItem) else sections
        texts.append(shown.text)
    sections[0] = "".join(top)
    return "\n".join(filter(None, sections)).encode("utf-8")


def _both(
    text: bytes,
    labels: tuple[str, str],
    base: Description | None,
    path: str,
    conflicts: Collection[str],
    limits: Limits,
) -> Description:
    """Return the description of a text with both sides of conflicts."""
    mine, theirs = (
        load(take(text, side), base, path=path, limits=limits) for side in SIDES
    )
    parts = dict(mine.parts)
    for name in parts.keys() | theirs.parts.keys():
        sides = mine.parts.get(name), theirs.parts.get(name)
        if sides[0] != sides[1]:
            part = _marked(*sides, labels) if name in conflicts else None
            if part is None:
                break
            parts[name] = part
    else:
        if mine.entry == theirs.entry:
            return Description(mine.entry, parts)
    # These conflicts are none of zsync.
    load_sections(text, path, limits)
    raise AssertionError("markers without a conflict")


def _marked(
    mine: Part | None, theirs: Part | None, labels: tuple[str, str]
) -> Part | None:
    """Return a part with both sides of a conflict, None where that cannot be."""
    if mine is None or theirs is None or mine.entry != theirs.entry:
        return None
    if not isinstance(mine.data, bytes) or not isinstance(theirs.data, bytes):
        return None
    return mine._replace(data=both_sides(mine.data, theirs.data, *labels))


def _conflicting(path: str, part: Part, python2: bool) -> _Shown | None:
    """Return how a part in conflict is told, None where it has no items."""
    if not isinstance(part.data, bytes):
        return None
    labels = labels_of(part.data)
    if labels is None:
        return None
    here, there = (part._replace(data=take(part.data, side)) for side in SIDES)
    if _marked(here, there, labels) != part:
        return None
    mine, theirs = (_shown(path, side, python2).said for side in (here, there))
    if isinstance(mine, Section) and isinstance(theirs, Section):
        lines = "\n".join(_differing(mine, theirs, labels))
        return _Shown(mine, f"{lines}\n")
    return None


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


@lru_cache(maxsize=REMEMBERED_PARTS)
def _top(entry: tuple[tuple[str, str], ...], python2: bool) -> str:
    """Return the lines about the object itself."""
    told = dict(entry)
    said = {item.key: item for item in _attributes(told, _implied(told, python2))}
    dialect = {PYTHON: TextItem(PYTHON, "= 2")} if python2 else {}
    return _text(Section("", dialect, said))


def _text(said: TextItem | Section | None) -> str:
    return "" if said is None else "".join(f"{line}\n" for line in said.written())


def load(
    text: bytes,
    base: Description | None = None,
    *,
    path: str = "text",
    conflicts: Collection[str] = frozenset(),
    limits: Limits = DEFAULT,
) -> Description:
    """Return the description that a text stands for.

    What is not in a text, since a server decides it, is that of ``base``; a part whose
    lines did not change is that of ``base``, to the byte.  ``path`` names the file in
    errors: `MetadataDamaged` with the number of the line, `ConflictsRemain`,
    `PathRefused` for a part that is none, `LimitExceeded`.  An empty text says nothing:
    it stands for ``base``.  Parts of ``conflicts`` may be in conflict.
    """
    marked = labels_of(text) if conflicts else None
    if marked is not None:
        return _both(text, marked, base, path, conflicts, limits)
    sections = load_sections(text, path, limits)
    if not text.strip():
        return base or Description({}, {})
    top = sections.pop("")
    try:
        return _Reader(top, sections, base).description()
    except Damage as error:
        raise damaged(error, path) from None
    except PathRefused as error:
        error.msg = f"{error.msg}, in the description {escape(path)}"
        raise


def _is_python2(description: Description) -> bool:
    entries = [description.entry, *(part.entry for part in description.parts.values())]
    return any(each.get("keytype", "").startswith("__builtin__.") for each in entries)


# Entries


def _implied(entry: Mapping[str, str], python2: bool) -> dict[str, str]:
    """Return what goes without saying of an entry with such a type."""
    implied = {"keytype": (_PYTHON2 if python2 else _TODAY).key}
    if "type" in entry:
        implied["factory"] = entry["type"]
    return implied


def _part_implied(
    path: str, python2: bool, data: Any, of_value: str | None, said: str | None
) -> dict[str, str]:
    """Return what goes without saying of the entry of a part.

    ``of_value`` is the type that its content tells, ``said`` the type that it has.
    """
    implied = {"keytype": (_PYTHON2 if python2 else _TODAY).part_key}
    known = partforms.known(path) or Known()
    if (type_name := known.type or of_value) is not None:
        implied["type"] = type_name
    has_factory = known.has_factory
    if has_factory is None:
        has_factory = type(data) is bytes and not data.startswith(pickletree.HEAD)
    if has_factory and said is not None:
        implied["factory"] = said
    return implied


def _attributes(
    entry: Mapping[str, str], implied: Mapping[str, str]
) -> Iterator[TextItem]:
    """Yield what is to be said of an entry."""
    names = sorted(entry.keys() | implied.keys(), key=position)
    for name in names:
        value = entry.get(name)
        if value == implied.get(name):
            continue
        text = _ABSENT if value is None else itemtext.written_text(value)
        if value == _ABSENT:
            text = itemtext.quote(value)
        key = _ESCAPE + name if name in OURS or name.startswith(_ESCAPE) else name
        yield TextItem(key, f"= {text}")


def position(name: str) -> tuple[int, str]:
    """Return what to sort attributes of an object by."""
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER)), name


def _said(items: Iterable[TextItem]) -> dict[str, str | None]:
    """Return what a text says of an entry."""
    found: dict[str, str | None] = {}
    for item in items:
        name = item.key.removeprefix(_ESCAPE)
        if not _is_attribute(name) or name in _NOT_SAID:
            raise Damage(
                f"'{escape(item.key)}' is no attribute of an object", item.number
            )
        read = _item(item)
        if read.value is None or read.kind:
            raise Damage(f"'{escape(item.key)}' has no value", item.number)
        is_absent = item.rest.lstrip("= ") == _ABSENT
        found[name] = None if is_absent else read.value
    return found


def _item(item: TextItem) -> Any:
    try:
        return partforms.item_of(item)
    except partforms.ItemError as error:
        raise Damage(str(error), item.number) from None


def _entry(
    implied: Mapping[str, str], said: Mapping[str, str | None]
) -> dict[str, str]:
    entry = {**implied, **said}
    return {name: value for name, value in entry.items() if value is not None}


# Parts


def _check_path(path: str) -> None:
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
        f"this is no path of an extra or an annotation: '{escape(path)}'",
        path=path,
    )


class _Shown(NamedTuple):
    """How a part is told: by an item, a section, or nothing; and the text of it."""

    said: TextItem | Section | None
    text: str


def _shown(path: str, part: Part, python2: bool) -> _Shown:
    """Return how a part is told."""
    entry = tuple(sorted(part.entry.items()))
    if isinstance(part.data, bytes) and len(part.data) > REMEMBERED_PART:
        return _show(path, part.data, python2, entry)
    return _remembered(path, part.data, python2, entry)


def _show(
    path: str, data: Any, python2: bool, entry: tuple[tuple[str, str], ...]
) -> _Shown:
    _check_path(path)
    said = _said_of(path, data, python2, dict(entry))
    return _Shown(said, _text(said))


_remembered = lru_cache(maxsize=REMEMBERED_PARTS)(_show)


def _said_of(
    path: str, data: Any, python2: bool, entry: Mapping[str, str]
) -> TextItem | Section | None:
    content = _content(path, data, python2)
    if content is None:
        return None
    of_value, told, items = content
    implied = _part_implied(path, python2, data, of_value, entry.get("type"))
    if told is not None and told.key == VALUE and entry == implied:
        return partforms.value_item(path, partforms.value_of(told))
    said = list(_attributes(entry, implied))
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
        of_value = _type_of(value, python2)
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


def _type_of(value: Any, python2: bool) -> str:
    """Return the type that the entry of a value names."""
    names = _PYTHON2 if python2 else _TODAY
    if type(value) is Instance:
        kind = value.function
        if kind == NEWOBJ and type(value.arguments[0]) is Global:
            kind = value.arguments[0]
        module = names.module if kind.module == "builtins" else kind.module
        return f"{module}.{kind.name}"
    if type(value) is Native:
        return f"{names.module}.str"
    if type(value) is str:
        return f"{names.module}.{names.text}"
    name = "str" if python2 and type(value) is bytes else type(value).__name__
    return f"{names.module}.{_NAMES.get(name, name)}"


_NAMES = {"Table": "dict"}


def _block(data: bytes) -> TextItem:
    """Return the item that tells a content as it is."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return TextItem(BASE64, "", tuple(base64_lines(data).split("\n")))
    *content, last = text.split("\n")
    rest = f"({_UNENDED})" if last or not content else ""
    if rest:
        content.append(last)
    return TextItem(TEXT, rest, tuple(map(_guarded, content)))


def _guarded(line: str) -> str:
    return itemtext.quote(line) if _fragile(line) else line


def _unblocked(item: TextItem) -> bytes:
    """Return the content that a block stands for."""
    if item.key == BASE64:
        try:
            return a2b_base64("".join(item.lines).encode("ascii"))
        except (Base64Error, UnicodeEncodeError) as error:
            raise Damage(f"no base64: {error}", item.number) from None
    try:
        content = [
            itemtext.read_text(line.strip()) if line.startswith('"') else line
            for line in item.lines
        ]
        text = "\n".join(content).encode("utf-8")
    except (itemtext.Malformed, UnicodeEncodeError) as error:
        raise Damage(str(error), item.number) from None
    return text if item.rest == f"({_UNENDED})" or not content else text + b"\n"


class _Reader:
    """Makes a description of sections."""

    def __init__(
        self, top: Section, sections: dict[str, Section], base: Description | None
    ) -> None:
        self.top = top
        self.sections = sections
        self.base = base or Description({}, {})
        self.python2 = PYTHON in top.attributes
        for item in top.attributes.values():
            if item.key != PYTHON or _item(item).value != "2":
                raise Damage(f"what is '@{escape(item.key)}'?", item.number)

    def description(self) -> Description:
        items = self.top.items.values()
        said = _said(item for item in items if "/" not in item.key)
        types = {"type": said["type"]} if said.get("type") is not None else {}
        entry = _entry(_implied(types, self.python2), said)  # type: ignore[arg-type]
        parts: dict[str, Part] = {}
        for item in items:
            if "/" in item.key:
                _check_path(item.key)
                parts[item.key] = self.part(item.key, item)
        for path, section in self.sections.items():
            _check_path(path)
            if path in parts:
                raise Damage(f"'{escape(path)}' is there twice", section.number)
            parts[path] = self.part(path, section)
        for path, part in self.base.parts.items():
            # What the text does not mention, since only the server decides it.
            if path not in parts and not _shown(path, part, self.python2).text:
                parts[path] = part
        self.check_directories(parts)
        return Description(entry, {path: parts[path] for path in sorted(parts)})

    def check_directories(self, parts: Mapping[str, Part]) -> None:
        """Refuse parts below a part that is a file."""
        for path in parts:
            above = path.rpartition("/")[0]
            while above:
                if above in parts and parts[above].data is not None:
                    section = self.sections.get(path, self.top)
                    raise Damage(f"'{escape(above)}' is no directory", section.number)
                above = above.rpartition("/")[0]

    def part(self, path: str, told: TextItem | Section) -> Part:
        """Return the part that an item or a section tells of."""
        base = self.base.parts.get(path)
        if base is not None and _is_same(told, _shown(path, base, self.python2).said):
            return base
        if isinstance(told, TextItem):
            type_name, pickle = self.pickle(told)
            return self.made(path, pickle, type_name, {})
        attributes = told.attributes.values()
        ours = [item for item in attributes if item.key in OURS]
        if len(ours) > 1:
            raise Damage(f"'@{ours[1].key}' beside '@{ours[0].key}'", ours[1].number)
        of_value, data = self.content(path, told, ours[0] if ours else None, base)
        said = _said(item for item in attributes if item.key not in OURS)
        return self.made(path, data, of_value, said)

    def made(
        self,
        path: str,
        data: Any,
        of_value: str | None,
        said: Mapping[str, str | None],
    ) -> Part:
        """Return a part with what is said of its entry, and what need not be."""
        implied = _part_implied(path, self.python2, data, of_value, None)
        type_name = said.get("type", implied.get("type"))
        implied = _part_implied(path, self.python2, data, of_value, type_name)
        return Part(_entry(implied, said), data)

    def content(
        self, path: str, section: Section, how: TextItem | None, base: Part | None
    ) -> tuple[str | None, Any]:
        """Return the type that the content of a part tells, and the content."""
        known = partforms.known(path)
        of_value: str | None = None
        if how is not None and how.key == FORM:
            form = partforms.named_form(str(_item(how).value))
            if form is None:
                raise Damage(
                    "a form that this zsync does not know: "
                    f"'{escape(str(_item(how).value))}'",
                    how.number,
                )
            known = Known(form)
            if isinstance(form, partforms.MappingForm):
                of_value = form.type_name(self.python2)
        elif how is not None:
            for item in section.items.values():
                raise Damage(f"'{escape(item.key)}' beside '@{how.key}'", item.number)
            return self.told(how)
        if known is None or known.form is None:
            raise Damage(f"'{escape(path)}' has no content", section.number)
        return of_value, self.formed(known.form, section, base)

    def told(self, how: TextItem) -> tuple[str | None, Any]:
        """Return the content that stands in an attribute."""
        if how.key in (DIRECTORY, KEPT_ASIDE):
            return None, None if how.key == DIRECTORY else ASIDE
        if how.key == VALUE:
            return self.pickle(how)
        if how.key not in (TEXT, BASE64):
            raise Damage(f"what is '@{escape(how.key)}'?", how.number)
        return None, _unblocked(how)

    def formed(self, form: Any, section: Section, base: Part | None) -> bytes:
        """Return the content that the items of a section stand for."""
        items = list(section.items.values())
        for item in items:
            if item.key in form.server_only:
                raise Damage(f"'{escape(item.key)}' is set by the server", item.number)
        if form.server_only and base is not None and type(base.data) is bytes:
            before = form.items(base.data, self.python2) or []
            items += [item for item in before if item.key in form.server_only]
        if not form.is_ordered:
            items.sort()
        try:
            content: bytes = form.content(items, self.python2)
        except partforms.ItemError as error:
            raise Damage(str(error), error.item.number) from None
        except ValueError as error:
            raise Damage(str(error), section.number) from None
        return content

    def pickle(self, item: TextItem) -> tuple[str, bytes]:
        """Return the type and the pickle of the value of an item."""
        try:
            value = partforms.value_of(item)
            return _type_of(value, self.python2), pickletree.dumps(value, self.python2)
        except ValueError as error:
            raise Damage(str(error), item.number) from None


def _is_same(told: TextItem | Section | None, shown: TextItem | Section | None) -> bool:
    """Do these say the same, wherever they stand?"""
    if type(told) is not type(shown) or told is None or shown is None:
        return False
    if isinstance(told, TextItem):
        return told[:3] == shown[:3]
    assert isinstance(shown, Section)
    return _plain(told) == _plain(shown)


def _plain(section: Section) -> tuple[Any, ...]:
    return (
        section.path,
        sorted(item[:3] for item in section.attributes.values()),
        [item[:3] for item in section.items.values()],
    )
