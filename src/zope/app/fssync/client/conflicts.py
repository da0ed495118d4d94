"""Conflict markers: find them in files whose conflicts are to be resolved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from zope.fssync.errors import Error
from zope.fssync.fileinterfaces import IFileTree
from zope.fssync.files import chunks
from zope.fssync.terminal import escape

__all__ = ["check_markers", "has_markers", "kind_advice"]

#: The lines around both versions, as the merge writes them.  The line between
#: them is left out: it also underlines titles.
_markers = (b"\n<<<<<<< ", b"\n>>>>>>> ")


def check_markers(files: IFileTree, paths: Iterable[str]) -> None:
    """Raise `Error` if one of the files holds conflict markers."""
    found = [path for path in paths if _is_marked(files, path)]
    if not found:
        return
    more = f" and {len(found) - 1} more" if found[1:] else ""
    raise Error(
        f"conflict markers are left in '{found[0]}'{more}",
        path=found[0],
        advice="Nothing was resolved. Edit the file, then resolve it; 'zsync resolve "
        "--force' keeps the markers.",
    )


def kind_advice(path: str) -> str:
    """Return what to do where both sides have a thing of another kind."""
    return (
        f"'zsync revert {escape(path)}' gives yours another name; then 'zsync update' "
        "brings the server's."
    )


def _is_marked(files: IFileTree, path: str) -> bool:
    if not files.isfile(path):
        return False
    with files.open(path) as stream:
        return has_markers(stream)


def has_markers(stream: BinaryIO) -> bool:
    """Return True if a line begins as a conflict marker does."""
    rest = b"\n"
    for chunk in chunks(stream):
        data = rest + chunk
        if any(marker in data for marker in _markers):
            return True
        rest = data[-len(_markers[0]) :]
    return False
