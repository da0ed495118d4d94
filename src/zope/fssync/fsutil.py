"""The paths of the parts of an object in the file system, and `Error`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from zope.fssync import files
from zope.fssync import paths
from zope.fssync.errors import Error

__all__ = [
    "Error",
    "encode",
    "ensuredir",
    "free_name",
    "getannotations",
    "getbefore",
    "getextra",
    "getmine",
    "getoriginal",
    "getowner",
    "getspecial",
    "has_parts_of_parts",
    "ignored",
    "located",
    "nczope",
    "normalize",
    "split",
    "unwanted",
]

#: Last components that name no file.
unwanted = ("", os.curdir, os.pardir)

_ignored_names = frozenset([".cvsignore", "CVS", "RCS", "SCCS", ".svn"])

#: The control directory as the platform compares names.
nczope = os.path.normcase(paths.CONTROL)


def free_name(name: str, is_taken: Callable[[str], bool]) -> str:
    """``name``, or what is nearest to it and not yet taken."""
    stem, suffix = os.path.splitext(name)
    number = 0
    while is_taken(name):
        number += 1
        name = f"{stem}-{number}{suffix}"
    return name


def getoriginal(path: str) -> str:
    """The path of the pristine copy of the file ``path``."""
    return getspecial(path, paths.ORIGINAL)


def getmine(path: str) -> str:
    """The path of what the file ``path``, in conflict now, was before a merge."""
    return getspecial(path, paths.MINE)


def getbefore(path: str) -> str:
    """The path of what the original of ``path``, in conflict now, was before that."""
    return getspecial(path, paths.BEFORE)


def getextra(path: str) -> str:
    """The path of the directory with the extra attributes of ``path``."""
    return getspecial(path, paths.EXTRA)


def getannotations(path: str) -> str:
    """The path of the directory with the annotations of ``path``."""
    return getspecial(path, paths.ANNOTATIONS)


def has_parts_of_parts(files: Any, special: str) -> bool:
    """Return whether an extra or an annotation in ``special`` has some of its own."""
    return any(
        files.kind(os.path.join(special, paths.CONTROL, what)) == "dir"
        for what in (paths.EXTRA, paths.ANNOTATIONS)
    )


def getspecial(path: str, what: str) -> str:
    """The path of ``what`` (Original, Extra, Annotations) of ``path``."""
    head, tail = os.path.split(path)
    if tail in unwanted:
        head, tail = split(path)
    return os.path.join(head, paths.CONTROL, what, tail)


def getowner(path: str) -> str | None:
    """The path of what the directory ``path`` holds the extras or annotations of.

    None where it is no such directory.
    """
    rest, name = os.path.split(os.path.normpath(path))
    rest, what = os.path.split(rest)
    directory, control = os.path.split(rest)
    if control != paths.CONTROL or what not in (paths.EXTRA, paths.ANNOTATIONS):
        return None
    return os.path.join(directory, name)


def ispart(path: str) -> bool:
    """Return True for the path of an extra or an annotation of an object."""
    return getowner(os.path.dirname(path)) is not None


def split(path: str) -> tuple[str, str]:
    """Split a path into a directory, never empty, and a real name.

    Raises `Error` for the root of the file system, which has no name.
    """
    head, tail = os.path.split(path)
    if tail in unwanted:
        head, tail = os.path.split(os.path.normpath(path))
    if tail in unwanted:
        head, tail = os.path.split(os.path.realpath(path))
    if tail in unwanted:
        raise Error(f"path '{path}' is the filesystem root", path=path)
    return head or os.curdir, tail


def located(path: str) -> str:
    """Return the absolute path; a link at its end stays one."""
    head, tail = split(path)
    return os.path.join(os.path.realpath(head), tail)


def ensuredir(path: str) -> None:
    """Make a directory and its parents unless they exist."""
    files.make_directories(path)


def normalize(name: str) -> str:
    """A file name in the composed form, where the platform decomposes."""
    return paths.nfc(name) if sys.platform == "darwin" else name


def encode(path: str | bytes, encoding: str | None = None) -> bytes:
    """Return a path as bytes, by default in the encoding of file names."""
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    return path.encode(encoding) if encoding else os.fsencode(path)


def ignored(name: str) -> bool:
    """Return whether an unregistered file of this name need not be mentioned.

    Editor backups and what other version control systems leave behind.
    """
    return name.endswith("~") or name.startswith(".#") or name in _ignored_names
