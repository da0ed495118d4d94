"""Reads descriptions."""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

from zope.fssync import itemtext
from zope.fssync.description import partforms
from zope.fssync.description import pickletree
from zope.fssync.description.entries import BASE64
from zope.fssync.description.entries import DIRECTORY
from zope.fssync.description.entries import FORM
from zope.fssync.description.entries import KEPT_ASIDE
from zope.fssync.description.entries import OURS
from zope.fssync.description.entries import PYTHON
from zope.fssync.description.entries import TEXT
from zope.fssync.description.entries import VALUE
from zope.fssync.description.entries import entry_of
from zope.fssync.description.entries import implied_by
from zope.fssync.description.entries import item_at
from zope.fssync.description.entries import part_implied
from zope.fssync.description.entries import said_by
from zope.fssync.description.entries import type_of
from zope.fssync.description.lines import Damage
from zope.fssync.description.lines import Section
from zope.fssync.description.lines import TextItem
from zope.fssync.description.lines import damaged
from zope.fssync.description.lines import load_sections
from zope.fssync.description.marks import SIDES
from zope.fssync.description.marks import labels_of
from zope.fssync.description.marks import take
from zope.fssync.description.model import ASIDE
from zope.fssync.description.model import Description
from zope.fssync.description.model import Part
from zope.fssync.description.partforms import Known
from zope.fssync.description.parts import UNENDED
from zope.fssync.description.parts import check_path
from zope.fssync.description.parts import marked_part
from zope.fssync.description.parts import shown_part
from zope.fssync.errors import PathRefused
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.messages import _
from zope.fssync.messages import reason_of
from zope.fssync.terminal import escape

__all__ = ["load"]


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
        error.msg = _(
            "${reason}, in the description ${path}",
            mapping={"reason": error.msg, "path": escape(path)},
        )
        raise


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
            part = marked_part(*sides, labels) if name in conflicts else None
            if part is None:
                break
            parts[name] = part
    else:
        if mine.entry == theirs.entry:
            return Description(mine.entry, parts)
    # These conflicts are none of zsync.
    load_sections(text, path, limits)
    raise AssertionError("markers without a conflict")


def unblocked(item: TextItem) -> bytes:
    """Return the content that a block stands for."""
    if item.key == BASE64:
        try:
            return a2b_base64("".join(item.lines).encode("ascii"))
        except (Base64Error, UnicodeEncodeError) as error:
            raise Damage(
                _("no base64: ${reason}", mapping={"reason": error}), item.number
            ) from None
    try:
        content = [
            itemtext.read_text(line.strip()) if line.startswith('"') else line
            for line in item.lines
        ]
        text = "\n".join(content).encode("utf-8")
    except (itemtext.Malformed, UnicodeEncodeError) as error:
        raise Damage(reason_of(error), item.number) from None
    return text if item.rest == f"({UNENDED})" or not content else text + b"\n"


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
            if item.key != PYTHON or item_at(item).value != "2":
                raise Damage(
                    _("what is '@${key}'?", mapping={"key": escape(item.key)}),
                    item.number,
                )

    def description(self) -> Description:
        items = self.top.items.values()
        said = said_by(item for item in items if "/" not in item.key)
        types = {"type": said["type"]} if said.get("type") is not None else {}
        entry = entry_of(implied_by(types, self.python2), said)  # type: ignore[arg-type]
        parts: dict[str, Part] = {}
        for item in items:
            if "/" in item.key:
                check_path(item.key)
                parts[item.key] = self.part(item.key, item)
        for path, section in self.sections.items():
            check_path(path)
            if path in parts:
                raise Damage(
                    _("'${path}' is there twice", mapping={"path": escape(path)}),
                    section.number,
                )
            parts[path] = self.part(path, section)
        for path, part in self.base.parts.items():
            # What the text does not mention, since only the server decides it.
            if path not in parts and not shown_part(path, part, self.python2).text:
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
                    raise Damage(
                        _(
                            "'${above}' is no directory",
                            mapping={"above": escape(above)},
                        ),
                        section.number,
                    )
                above = above.rpartition("/")[0]

    def part(self, path: str, told: TextItem | Section) -> Part:
        """Return the part that an item or a section tells of."""
        base = self.base.parts.get(path)
        if base is not None and _is_same(
            told, shown_part(path, base, self.python2).said
        ):
            return base
        if isinstance(told, TextItem):
            type_name, pickle = self.pickle(told)
            return self.made(path, pickle, type_name, {})
        attributes = told.attributes.values()
        ours = [item for item in attributes if item.key in OURS]
        if len(ours) > 1:
            raise Damage(
                _(
                    "'@${key}' beside '@${other}'",
                    mapping={"key": ours[1].key, "other": ours[0].key},
                ),
                ours[1].number,
            )
        of_value, data = self.content(path, told, ours[0] if ours else None, base)
        said = said_by(item for item in attributes if item.key not in OURS)
        return self.made(path, data, of_value, said)

    def made(
        self,
        path: str,
        data: Any,
        of_value: str | None,
        said: Mapping[str, str | None],
    ) -> Part:
        """Return a part with what is said of its entry, and what need not be."""
        implied = part_implied(path, self.python2, data, of_value, None)
        type_name = said.get("type", implied.get("type"))
        implied = part_implied(path, self.python2, data, of_value, type_name)
        return Part(entry_of(implied, said), data)

    def content(
        self, path: str, section: Section, how: TextItem | None, base: Part | None
    ) -> tuple[str | None, Any]:
        """Return the type that the content of a part tells, and the content."""
        known = partforms.known(path)
        of_value: str | None = None
        if how is not None and how.key == FORM:
            form = partforms.named_form(str(item_at(how).value))
            if form is None:
                raise Damage(
                    _(
                        "a form that this zsync does not know: '${value}'",
                        mapping={"value": escape(str(item_at(how).value))},
                    ),
                    how.number,
                )
            known = Known(form)
            if isinstance(form, partforms.MappingForm):
                of_value = form.type_name(self.python2)
        elif how is not None:
            for item in section.items.values():
                raise Damage(
                    _(
                        "'${key}' beside '@${other}'",
                        mapping={"key": escape(item.key), "other": how.key},
                    ),
                    item.number,
                )
            return self.told(how)
        if known is None or known.form is None:
            raise Damage(
                _("'${path}' has no content", mapping={"path": escape(path)}),
                section.number,
            )
        return of_value, self.formed(known.form, section, base)

    def told(self, how: TextItem) -> tuple[str | None, Any]:
        """Return the content that stands in an attribute."""
        if how.key in (DIRECTORY, KEPT_ASIDE):
            return None, None if how.key == DIRECTORY else ASIDE
        if how.key == VALUE:
            return self.pickle(how)
        if how.key not in (TEXT, BASE64):
            raise Damage(
                _("what is '@${key}'?", mapping={"key": escape(how.key)}), how.number
            )
        return None, unblocked(how)

    def formed(self, form: Any, section: Section, base: Part | None) -> bytes:
        """Return the content that the items of a section stand for."""
        items = list(section.items.values())
        for item in items:
            if item.key in form.server_only:
                raise Damage(
                    _(
                        "'${key}' is set by the server",
                        mapping={"key": escape(item.key)},
                    ),
                    item.number,
                )
        if form.server_only and base is not None and type(base.data) is bytes:
            before = form.items(base.data, self.python2) or []
            items += [item for item in before if item.key in form.server_only]
        if not form.is_ordered:
            items.sort()
        try:
            content: bytes = form.content(items, self.python2)
        except partforms.ItemError as error:
            raise Damage(reason_of(error), error.item.number) from None
        except ValueError as error:
            raise Damage(reason_of(error), section.number) from None
        return content

    def pickle(self, item: TextItem) -> tuple[str, bytes]:
        """Return the type and the pickle of the value of an item."""
        try:
            value = partforms.value_of(item)
            return type_of(value, self.python2), pickletree.dumps(value, self.python2)
        except ValueError as error:
            raise Damage(reason_of(error), item.number) from None


def _is_same(told: TextItem | Section | None, shown: TextItem | Section | None) -> bool:
    """Return True if these are equal, except for their line numbers."""
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
