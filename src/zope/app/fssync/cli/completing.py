"""The paths that a shell offers: registered ones, and those in conflict.

A shell waits for this at each press of a key, so it reads the names out of
`Entries.xml` without what a command loads.  It says nothing of what is wrong.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from zope.fssync.errors import Error
from zope.fssync.files import open_regular
from zope.fssync.limits import DEFAULT

__all__ = ["KINDS", "offered"]

_CONTROL = "@@Zope"


def offered(kind: str, word: str) -> list[str]:
    """Return the paths that begin with ``word``; directories end with a slash."""
    typed = os.path.expanduser(word)
    head, tail = os.path.split(typed)
    try:
        paths = KINDS[kind](head, tail)
        # A line is a path, and no terminal is steered.
        return sorted(path for path in paths if path.isprintable())
    except (Error, OSError, ValueError):
        return []


def _tracked(head: str, tail: str) -> Iterator[str]:
    for name, _ in _entries(head):
        if name.startswith(tail):
            path = os.path.join(head, name)
            yield os.path.join(path, "") if os.path.isdir(path) else path


def _conflicts(head: str, tail: str) -> Iterator[str]:
    todo = [head]
    while todo:
        directory = todo.pop()
        for name, in_conflict in _entries(directory, b"conflict="):
            path = os.path.join(directory, name)
            if in_conflict and path.startswith(os.path.join(head, tail)):
                yield path
        with os.scandir(directory or os.curdir) as found:
            todo += [
                os.path.join(directory, entry.name)
                for entry in found
                if entry.name != _CONTROL and entry.is_dir(follow_symlinks=False)
            ]


#: What can be offered.
KINDS = {"tracked": _tracked, "conflicts": _conflicts}


def _entries(directory: str, wanted: bytes = b"") -> list[tuple[str, bool]]:
    """Return the names in a directory, each with whether it is in conflict.

    Nothing is returned of a file in which ``wanted`` is not.
    """
    try:
        with open_regular(os.path.join(directory, _CONTROL, "Entries.xml")) as stream:
            data = stream.read(DEFAULT.entries_size)
    except (FileNotFoundError, NotADirectoryError):
        return []
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
