"""What descriptions say of entries, and what goes without saying."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from zope.fssync import itemtext
from zope.fssync.description import partforms
from zope.fssync.description import pickletree
from zope.fssync.description.lines import Damage
from zope.fssync.description.lines import TextItem
from zope.fssync.description.model import Description
from zope.fssync.description.partforms import Known
from zope.fssync.description.pickletree import Global
from zope.fssync.description.pickletree import Instance
from zope.fssync.description.pickletree import Native
from zope.fssync.description.valueforms import NEWOBJ
from zope.fssync.messages import _
from zope.fssync.messages import reason_of
from zope.fssync.patterns import late
from zope.fssync.terminal import escape

__all__ = [
    "BASE64",
    "DIRECTORY",
    "FORM",
    "KEPT_ASIDE",
    "OURS",
    "PYTHON",
    "TEXT",
    "VALUE",
    "attribute_items",
    "entry_of",
    "implied_by",
    "is_python2",
    "item_at",
    "part_implied",
    "position",
    "said_by",
    "type_of",
]

#: Attributes of entries in the order of writing; others follow, sorted.
_ORDER = ("type", "factory", "key", "keytype", "binary", "provides")

#: Attributes that are none of the object: they say where it is, or what happened to it.
_NOT_SAID = frozenset(
    ("name", "id", "flag", "conflict", "withheld", "base", "moved", "moved-to")
)

_is_attribute = late(r"[A-Za-z_][A-Za-z0-9_.-]*")

# How the content of a part is told.
FORM, VALUE, TEXT, BASE64 = "form", "value", "text", "base64"
DIRECTORY, KEPT_ASIDE = "directory", "aside"
PYTHON = "python"
OURS = frozenset((FORM, VALUE, TEXT, BASE64, DIRECTORY, KEPT_ASIDE, PYTHON))
#: Before the name of an attribute that is one of these.
_ESCAPE = "entry."

_ABSENT = "none"


class _Names(NamedTuple):
    """The names of types that Python 2 calls otherwise."""

    key: str
    part_key: str
    module: str
    text: str


_TODAY = _Names("builtins.str", "builtins.str", "builtins", "str")
_PYTHON2 = _Names("__builtin__.unicode", "__builtin__.str", "__builtin__", "unicode")


def is_python2(description: Description) -> bool:
    entries = [description.entry, *(part.entry for part in description.parts.values())]
    return any(each.get("keytype", "").startswith("__builtin__.") for each in entries)


def implied_by(entry: Mapping[str, str], python2: bool) -> dict[str, str]:
    """Return what goes without saying of an entry with such a type."""
    implied = {"keytype": (_PYTHON2 if python2 else _TODAY).key}
    if "type" in entry:
        implied["factory"] = entry["type"]
    return implied


def part_implied(
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


def attribute_items(
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


def said_by(items: Iterable[TextItem]) -> dict[str, str | None]:
    """Return what a text says of an entry."""
    found: dict[str, str | None] = {}
    for item in items:
        name = item.key.removeprefix(_ESCAPE)
        if not _is_attribute.fullmatch(name) or name in _NOT_SAID:
            raise Damage(
                _(
                    "'${key}' is no attribute of an object",
                    mapping={"key": escape(item.key)},
                ),
                item.number,
            )
        read = item_at(item)
        if read.value is None or read.kind:
            raise Damage(
                _("'${key}' has no value", mapping={"key": escape(item.key)}),
                item.number,
            )
        is_absent = item.rest.lstrip("= ") == _ABSENT
        found[name] = None if is_absent else read.value
    return found


def item_at(item: TextItem) -> Any:
    try:
        return partforms.item_of(item)
    except partforms.ItemError as error:
        raise Damage(reason_of(error), item.number) from None


def entry_of(
    implied: Mapping[str, str], said: Mapping[str, str | None]
) -> dict[str, str]:
    entry = {**implied, **said}
    return {name: value for name, value in entry.items() if value is not None}


def type_of(value: Any, python2: bool) -> str:
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
