"""Conflicts of a working copy: which there are, of which kind, and their sides."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import TYPE_CHECKING
from typing import BinaryIO
from typing import NamedTuple

from zope.app.fssync.client.schedule import registered
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import fsutil
from zope.fssync.errors import Error
from zope.fssync.limits import DEFAULT
from zope.fssync.report import LastChange
from zope.fssync.report import conflict_detail
from zope.fssync.report import last_change
from zope.fssync.streams import chunks
from zope.fssync.terminal import escape
from zope.fssync.textmerge import is_merge_of

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree

__all__ = [
    "Conflict",
    "Sides",
    "check_markers",
    "conflicts",
    "conflicts_in",
    "has_markers",
    "kind_advice",
]

#: The lines around both versions, as the merge writes them.  The line between
#: them is left out: it also underlines titles.
_markers = (b"\n<<<<<<< ", b"\n>>>>>>> ")


class Conflict(NamedTuple):
    """A path in conflict; ``kind`` is one of the details of `zope.fssync.report`.

    ``last`` is the change on the server, if it is known.
    """

    path: str
    kind: str
    last: LastChange | None = None


def conflicts_in(target: str) -> list[Conflict]:
    """Return the conflicts of what a target stands for."""
    WorkingCopy.find(target)
    session = reading(target)
    return [each for path in session.told(target) for each in conflicts(session, path)]


def conflicts(session: Session, target: str) -> Iterator[Conflict]:
    """Yield the conflicts at and below ``target``."""
    entry = session.metadata.getentry(target)
    if "conflict" in entry:
        yield Conflict(target, conflict_detail(entry), last_change(entry))
    for path in registered(session, target):
        yield from conflicts(session, path)


class Sides:
    """The sides of a file in conflict: each is a path, None if it is not known."""

    def __init__(self, session: Session, path: str) -> None:
        self._files = session.files
        self.path = path
        self.exists = session.files.isfile(path)
        self.kind = conflict_detail(session.metadata.getentry(path))
        #: What the file was before others' changes were merged into it.
        self.mine = self._there(fsutil.getmine(path)) or self._there(path)
        self.theirs = self._there(fsutil.getoriginal(path))
        self.base = self._there(fsutil.getbefore(path))

    def _there(self, path: str) -> str | None:
        return path if self._files.isfile(path) else None

    def content(self, path: str | None) -> bytes:
        """Return the content of a side, nothing for one that is not known."""
        if path is None:
            return b""
        with self._files.open(path) as stream:
            found: bytes = stream.read()
        return found

    def is_merged(self) -> bool:
        """Return True if the file was not edited after the merge."""
        if self.mine is None or self.mine == self.path or not self.exists:
            return False
        sides = (self.mine, self.base, self.theirs, self.path)
        if any(path and self._files.size(path) > DEFAULT.merge_size for path in sides):
            return False
        return is_merge_of(
            *map(self.content, (self.path, self.mine, self.base, self.theirs))
        )


def check_markers(
    files: CompactTree, paths: Iterable[str], can_force: bool = True
) -> None:
    """Raise `Error` if one of the files holds conflict markers."""
    marked = [path for path in paths if _is_marked(files, path)]
    if not marked:
        return
    found = list(map(files.shown, marked))
    more = f" and {len(found) - 1} more" if found[1:] else ""
    # A description with markers says nothing that could be committed.
    can_force = can_force and found == marked
    forced = "; 'zsync resolve --force' keeps the markers" if can_force else ""
    raise Error(
        f"conflict markers are left in '{found[0]}'{more}",
        path=found[0],
        advice=f"Nothing was resolved. Edit the file, then resolve it{forced}.",
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
