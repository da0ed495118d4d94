"""List the paths that a shell completes: registered ones, and those in conflict.

A shell waits for this while the user types, so that names are read from `Entries.xml`
without the modules of a command.  Errors are not reported.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from zope.app.fssync.client.workingcopy.place import find_place
from zope.fssync import paths
from zope.fssync.descriptionnames import description_name
from zope.fssync.errors import Error
from zope.fssync.files import Tree
from zope.fssync.files import open_regular
from zope.fssync.limits import DEFAULT

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.index import Index
    from zope.app.fssync.client.workingcopy.place import Place

__all__ = ["KINDS", "offered"]

#: The text that marks an entry in conflict.
_MARK = b"conflict="

_PARTS = (paths.EXTRA, paths.ANNOTATIONS)


def offered(kind: str, word: str) -> list[str]:
    """Return the paths that begin with ``word``; directories end with a slash."""
    typed = os.path.expanduser(word)
    head, tail = os.path.split(typed)
    try:
        paths = KINDS[kind](head, tail)
        # Line ends and control sequences are not passed to the shell.
        return sorted(path for path in paths if path.isprintable())
    except (Error, OSError, ValueError):
        return []


def _tracked(head: str, tail: str) -> Iterator[str]:
    for name, _ in _entries(head):
        path = os.path.join(head, name)
        if name.startswith(tail):
            yield os.path.join(path, "") if os.path.isdir(path) else path
        if tail.startswith("@@"):
            yield from _descriptions(head, tail, name)


def _descriptions(head: str, tail: str, name: str) -> Iterator[str]:
    """Yield the description of an object beside it, in layout 3."""
    described = description_name(name)
    path = os.path.join(head, described)
    if described.startswith(tail) and Tree().isfile(path):
        yield path


def _conflicts(head: str, tail: str) -> Iterator[str]:
    settled = _Settled()
    todo = [head]
    while todo:
        directory = todo.pop()
        place = _place(directory)
        named: set[str] = set()
        if os.path.isdir(place.control) and not settled.has(place):
            named = {name for name, marked in _entries(directory, _MARK) if marked}
            named.update(_with_parts_in_conflict(place.control))
        for name in named:
            path = os.path.join(directory, name)
            if path.startswith(os.path.join(head, tail)):
                yield os.path.join(path, "") if os.path.isdir(path) else path
        with os.scandir(directory or os.curdir) as found:
            todo += [
                os.path.join(directory, entry.name)
                for entry in found
                if entry.name not in (paths.CONTROL, paths.DATA)
                and entry.is_dir(follow_symlinks=False)
            ]


class _Settled:
    """Knows directories in which nothing is in conflict, by the stat cache."""

    def __init__(self) -> None:
        self._index: Index | None = None

    def has(self, place: Place) -> bool:
        """Return True if the control data is that of when nothing was in conflict."""
        if place.home is None:
            return False
        # Imported late: registered paths are completed without it.
        from zope.app.fssync.client.workingcopy.index import Index
        from zope.app.fssync.client.workingcopy.statscan import control_signatures

        if self._index is None:
            self._index = Index(place.home)
        inside = os.path.relpath(place.directory, place.home)
        # There is one if all objects are as the server sent them.
        outline = self._index.outline(inside)
        if not isinstance(outline, list):
            return False
        known: object = outline[0] if outline else None
        return known == control_signatures(place.control, inside == os.curdir)


def _with_parts_in_conflict(control: str) -> Iterator[str]:
    """Yield the objects with an extra or an annotation in conflict."""
    # Imported late: registered paths are completed without it.
    from zope.app.fssync.client.workingcopy.pristine import Base

    for special in (os.path.join(control, what) for what in _PARTS):
        for name in Tree().listdir(special) if os.path.isdir(special) else ():
            if _is_marked(_entries(os.path.join(special, name), _MARK)):
                yield name
    # Equal entries of many objects are parsed once.
    known: dict[str, bool] = {}
    base = Base(Tree(), control)
    for packed, member in base.index.items():
        what, *within = packed.split("/")
        if what not in _PARTS or within[1:] != [paths.CONTROL, paths.ENTRIES]:
            continue
        if member.digest not in known:
            # Parse the text itself: to load the entries takes longer.
            with base.open(packed) as stream:
                data = stream.read(DEFAULT.entries_size)
            known[member.digest] = _is_marked(_parsed(data, _MARK))
        if known[member.digest]:
            yield within[0]


def _is_marked(entries: list[tuple[str, bool]]) -> bool:
    return any(in_conflict for _, in_conflict in entries)


def _place(directory: str) -> Place:
    """Return the place of the control data of a directory."""
    return find_place(Tree(), os.path.realpath(directory or os.curdir), {})


#: The kinds of paths that can be completed.
KINDS = {"tracked": _tracked, "conflicts": _conflicts}


def _entries(directory: str, wanted: bytes = b"") -> list[tuple[str, bool]]:
    """Return the names in a directory, each with True if it is in conflict.

    The list is empty if the file with the entries does not contain ``wanted``.
    """
    try:
        with open_regular(
            os.path.join(_place(directory).control, paths.ENTRIES)
        ) as stream:
            data = stream.read(DEFAULT.entries_size)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return _parsed(data, wanted)


def _parsed(data: bytes, wanted: bytes) -> list[tuple[str, bool]]:
    """Return the names in the text of entries; see `_entries`."""
    if wanted not in data:
        return []
    from xml.parsers import expat

    found: list[tuple[str, bool]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = attributes.get("name", "")
        if tag == "entry" and name and "/" not in name:
            found.append((name, "conflict" in attributes))

    def doctype(*declaration: object) -> None:
        raise ValueError("entities may have no end")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return []
    return found
