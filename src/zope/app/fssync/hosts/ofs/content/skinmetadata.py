"""Read files ``NAME.metadata`` beside the sources of a skin, as Products.CMFCore does.

Their settings are applied to the object ``NAME`` if the same commit creates it, as
headers of sources are.  Afterwards settings have files of their own, and this one is an
ordinary file.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from configparser import Error as MalformedError
from configparser import RawConfigParser
from functools import partial
from typing import Any
from typing import NamedTuple

from Acquisition import aq_base
from Acquisition import aq_parent
from ZODB.utils import z64

from zope.app.fssync.hosts.ofs.content.described import synchronizer_class
from zope.app.fssync.hosts.ofs.permissions import require
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.limits import SKIN_METADATA_SIZE
from zope.fssync.messages import _

__all__ = ["SUFFIX", "Metadata", "parse", "settling"]

SUFFIX = ".metadata"

#: Sections for form controllers, which have no meaning outside of a skin.
OTHERS = frozenset(("actions", "methods", "validators"))


class Metadata(NamedTuple):
    """The content of a metadata file; ``parts`` are items by the names of aspects."""

    title: str | None
    parts: Mapping[str, tuple[Item, ...]]


def parse(data: bytes) -> Metadata | None:
    """Return the content of a metadata file, None for any other file."""
    parser = RawConfigParser(default_section="", delimiters="=", strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(data.decode("utf-8"))
    except (UnicodeDecodeError, MalformedError):
        return None
    sections = {name: dict(parser.items(name)) for name in parser.sections()}
    if not sections or not sections.keys() <= {"default", "security", *OTHERS}:
        return None
    default = sections.get("default", {})
    parts = {
        "cache": tuple(Item("manager", name) for name in _words(default.get("cache"))),
        "permissions": tuple(
            _permission(*each) for each in sections.get("security", {}).items()
        ),
        "proxy-roles": tuple(Item(role) for role in _words(default.get("proxy"))),
    }
    return Metadata(default.get("title"), {k: v for k, v in parts.items() if v})


def settling(obj: Any, data: bytes) -> Callable[[], Any] | None:
    """Return a function for a new file ``obj``, to call when everything is loaded.

    None if it is no metadata file.
    """
    name: str = obj.getId()
    if not name.endswith(SUFFIX) or len(data) > SKIN_METADATA_SIZE:
        return None
    metadata = parse(data)
    if metadata is None:
        return None
    return partial(_settle, aq_parent(obj), name.removesuffix(SUFFIX), metadata)


def _settle(folder: Any, name: str, metadata: Metadata) -> Callable[[], Any] | None:
    if name not in folder.objectIds():
        return None
    target = folder._getOb(name)
    aq_base(target)._p_activate()
    if aq_base(target)._p_serial != z64:
        # The object existed before.
        return None
    if metadata.title is not None:
        aq_base(target).title = metadata.title
    kinds = {kind.name: kind for kind in synchronizer_class(target).aspects}
    calls = []
    for part, items in metadata.parts.items():
        kind = kinds.get(part)
        if kind is None:
            raise SynchronizationError(
                _(
                    "${name} cannot have ${part}",
                    mapping={"name": repr(name), "part": part},
                )
            )
        require(kind.permissions["write"], target)
        calls.append(kind(target).replace(_merged(kind(target).items(), items)))
    return partial(_call, [call for call in calls if call is not None])


def _merged(present: Iterable[Item], wanted: Iterable[Item]) -> list[Item]:
    return list({item.key: item for item in (*present, *wanted)}.values())


def _call(calls: Iterable[Callable[[], Any]]) -> None:
    for each in calls:
        each()


def _words(text: str | None) -> list[str]:
    return [word.strip() for word in (text or "").split(",") if word.strip()]


def _permission(title: str, said: str) -> Item:
    acquired, colon, roles = said.partition(":")
    if not colon or acquired.strip() not in ("0", "1"):
        raise SynchronizationError(
            _(
                "the permission ${title} needs 0 or 1, a colon, and roles",
                mapping={"title": repr(title)},
            )
        )
    kind = "acquired too" if acquired.strip() == "1" else ""
    return Item(title, lines=tuple(_words(roles)), kind=kind)
