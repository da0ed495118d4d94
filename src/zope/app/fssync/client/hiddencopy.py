"""Working copies that commands make for themselves, in the user's state directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from os.path import join

from zope.app.fssync.client.workingcopy.lock import Lock
from zope.fssync.files import Tree
from zope.fssync.files import make_directories
from zope.fssync.patterns import late

__all__ = [
    "agree",
    "directory_for",
    "ignore_line",
    "left_places",
    "locked_place",
    "make_place",
    "remove_empty_above",
    "remove_place",
]

_name = late(r"[0-9a-f]{8,16}")

#: The end of the name of the lock beside a directory.
_LOCK = ".lock"


def directory_for(verb: str) -> str:
    """Return the directory for the working copies of a verb."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return join(base, "zsync", verb)


def make_place(path: str) -> None:
    """Make a directory that only its owner can look into."""
    make_directories(os.path.dirname(path))
    os.mkdir(path, 0o700)


@contextmanager
def locked_place(path: str, verb: str) -> Iterator[None]:
    """Lock a directory, which need not exist, against other commands."""
    make_directories(os.path.dirname(path))
    try:
        with Lock(f"{path}{_LOCK}", verb):
            yield
    finally:
        remove_empty_above(path)


def left_places(verb: str) -> list[str]:
    """Return the directories that commands made, and that are not removed."""
    base, tree = directory_for(verb), Tree()
    names = tree.listdir(base) if tree.isdir(base) else []
    found = {name.removesuffix(_LOCK) for name in names}
    # Leave alone what others have put there.
    return [join(base, name) for name in sorted(found) if _name.fullmatch(name)]


def remove_place(path: str) -> None:
    """Remove a directory that was made, and those above it that are empty."""
    tree = Tree()
    if tree.exists(path):
        tree.rmtree(path)
    remove_empty_above(path)


def remove_empty_above(path: str) -> None:
    """Remove the directories above a place that are empty."""
    tree = Tree()
    above = os.path.dirname(path)
    if tree.exists(above) and tree.rmdir(above):
        tree.rmdir(os.path.dirname(above))


def ignore_line(line: str) -> None:
    """Ignore a line of the report: the command has messages of its own."""


def agree(question: str) -> bool:
    """Agree to the deletions of the server."""
    return True
