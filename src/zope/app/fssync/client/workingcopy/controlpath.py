"""Paths in control directories, and the names that are packed.

A name is the path from the control directory of a directory, with slashes.  Extras and
annotations have control directories of their own, below it.
"""

from __future__ import annotations

import os
from functools import lru_cache

from zope.fssync import paths
from zope.fssync.limits import REMEMBERED_NAMES

__all__ = ["SPECIALS", "located", "packed_holder", "part_of"]

SPECIALS = (paths.EXTRA, paths.ANNOTATIONS)

_marker = f"{os.sep}{paths.CONTROL}{os.sep}"
_inner = f"/{paths.CONTROL}/"


@lru_cache(maxsize=REMEMBERED_NAMES)
def located(path: str) -> tuple[str, str] | None:
    """Return the directory whose control directory ``path`` is in, and the name there.

    The name is empty for the control directory itself.  None for other paths.
    """
    # With something at both ends the control directory is found everywhere.
    directory, marker, name = f"{os.sep}{path}{os.sep}".partition(_marker)
    if not marker:
        return None
    top = path[: path.startswith(os.sep)]
    return directory[1:] or top, name[:-1].replace(os.sep, "/")


@lru_cache(maxsize=REMEMBERED_NAMES)
def packed_holder(name: str) -> str | None:
    """Return the directory on the disk that a packed name belongs to.

    None if this is not a packed name.
    """
    parts = name.split("/")
    if paths.CONTROL not in parts:
        return "" if parts[0] in (paths.ORIGINAL, paths.RECEIVED) else None
    last = len(parts) - 1 - parts[::-1].index(paths.CONTROL)
    if parts[last + 1 : last + 2] in ([], [paths.ENTRIES], [paths.ORIGINAL]):
        return "/".join(parts[:last])
    return None


@lru_cache(maxsize=REMEMBERED_NAMES)
def part_of(name: str) -> tuple[str, str] | None:
    """Return the object and the key of what a description holds; None for all else."""
    what, *rest = name.split("/")
    if what not in SPECIALS or not rest or rest[-1] == paths.CONTROL:
        return None
    inner = name.rpartition(_inner)[2]
    if inner != name and inner.split("/")[0] not in SPECIALS:
        return None
    return rest[0], "/".join([what, *rest[1:]])
