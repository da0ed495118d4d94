"""The names of files that describe objects, beside the files of these objects."""

from __future__ import annotations

import os
from functools import lru_cache

from zope.fssync import paths
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import REMEMBERED_NAMES

__all__ = ["aside_name", "description_name", "is_description", "local_name"]

_prefix, _suffix, _aside = "@@", ".meta", ".parts"


@lru_cache(maxsize=REMEMBERED_NAMES)
def description_name(name: str) -> str:
    """Return the name of the file that describes an object.

    It lies beside it; that of a directory, whose ``name`` is empty, in it.
    """
    return _of(name, _suffix)


@lru_cache(maxsize=REMEMBERED_NAMES)
def aside_name(name: str) -> str:
    """Return the name of the directory with what a description cannot hold."""
    return _of(name, _aside)


def _of(name: str, suffix: str) -> str:
    made = f"{_prefix}{name}{suffix}"
    if len(os.fsencode(made)) <= DEFAULT.name_size:
        return made
    # Imported here: few names are that long.
    from hashlib import sha256

    digest = sha256(os.fsencode(name)).hexdigest()[:12]
    # One character takes four bytes at most.
    room = (DEFAULT.name_size - 30) // 4
    return f"{_prefix}{name[:room]}~x{digest}{suffix}"


def local_name(name: str, key: str) -> str:
    """Return the name of the file for the object ``key``; see `paths.file_name`."""
    name = name if name == key else paths.file_name(name, key)
    return f"_{name}" if is_description(name) else name


def is_description(name: str) -> bool:
    """Return True if a name is one of those above, in any case."""
    return name.startswith(_prefix) and name.lower().endswith((_suffix, _aside))
