"""Archives of changes: which objects of a tree an archive speaks of.

An archive of changes has the layout of a full one, with directories on the way
to what changed; the entries of those are few.  Its member `@@Zope/Changes` says
what it is about, in lines of a mark, a blank and a path:

==== ==================================================================
tree the object and all below it are here
node the entry, the extras and the annotations of a directory are here
list the entries of a directory are here, all of them
gone there is no such object any more
same the body of the object is not here: it is as it was sent by the
     commit that this is the answer to, see `sent_path`
==== ==================================================================

It says nothing of all other objects: they are as they were.
"""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Iterable
from collections.abc import Iterator
from typing import TYPE_CHECKING

from zope.fssync import paths
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IRepository

__all__ = ["GONE", "LIST", "NODE", "SAME", "TREE", "Incomplete", "Scope", "sent_path"]

TREE = "tree"
NODE = "node"
LIST = "list"
GONE = "gone"
SAME = "same"


def sent_path(sent: IRepository, path: str) -> str:
    """Return the path of what a commit has sent, of which the answer has ``path``.

    Archives of servers decompose names, which those of clients need not.
    """
    return path if sent.exists(path) else paths.nfc(path)


_marks = frozenset([TREE, NODE, LIST, GONE, SAME])


class Incomplete(Exception):
    """The changes do not fit what is here: all of it has to be sent."""


class Scope:
    """The marks of an archive, by path."""

    #: Where they are in the archive.
    member = f"{paths.CONTROL}/Changes"

    def __init__(self, marks: Iterable[tuple[str, str]] = ()) -> None:
        # By path the marks, as one of few sets that all share.
        self._marks: dict[str, frozenset[str]] = {}
        self._shared: dict[frozenset[str], frozenset[str]] = {}
        # The paths, sorted: the ways to them as a set may be a hundred times as much.
        self._sorted: list[str] | None = None
        for mark, path in marks:
            self.add(mark, path)

    @classmethod
    def of(cls, repository: IRepository, limits: Limits = DEFAULT) -> Scope | None:
        """Return the scope of an archive, None for a full archive."""
        if not repository.exists(cls.member):
            return None
        stream = repository.readable(cls.member)
        try:
            data = stream.read(limits.entries_size + 1)
        finally:
            stream.close()
        if len(data) > limits.entries_size:
            raise LimitExceeded(
                f"{cls.member} of more than {limits.entries_size} bytes"
            )
        return cls.loads(data, limits)

    @classmethod
    def loads(cls, data: bytes, limits: Limits = DEFAULT) -> Scope:
        """Return the scope that ``data`` holds; raises `ArchiveDamaged`."""
        scope = cls()
        if data and not data.endswith(b"\n"):
            raise ArchiveDamaged(f"{cls.member} ends within a line")
        for number, data_line in enumerate(io.BytesIO(data), 1):
            if number > limits.marks:
                raise LimitExceeded(f"{cls.member} has more than {limits.marks} paths")
            try:
                line = data_line[:-1].decode("utf-8")
            except UnicodeDecodeError as error:
                raise ArchiveDamaged(f"{cls.member} is not UTF-8") from error
            mark, blank, path = line.partition(" ")
            if not blank or mark not in _marks:
                raise ArchiveDamaged(
                    f"{cls.member} has a line like '{escape(line[:80])}'"
                )
            paths.split_archive_path(path, limits)
            scope.add(mark, path)
        return scope

    def dumps(self) -> bytes:
        """Return the content of the member, the same for equal scopes."""
        lines = [f"{mark} {path}\n" for path, mark in sorted(self._pairs())]
        return "".join(lines).encode("utf-8")

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for path, marks in self._marks.items():
            for mark in marks:
                yield path, mark

    def __bool__(self) -> bool:
        return bool(self._marks)

    def add(self, mark: str, path: str) -> None:
        """Mark a path."""
        marks = self._marks.get(path, frozenset()) | {mark}
        self._marks[path] = self._shared.setdefault(marks, marks)
        self._sorted = None

    def has(self, mark: str, path: str) -> bool:
        """Return True if the path itself has this mark."""
        return mark in self._marks.get(path, ())

    def touches(self, path: str) -> bool:
        """Return True if the path or anything below it is marked."""
        if path in self._marks:
            return bool(path)
        if self._sorted is None:
            self._sorted = sorted(self._marks)
        start = f"{path}/"
        place = bisect_left(self._sorted, start)
        return place < len(self._sorted) and self._sorted[place].startswith(start)

    def marked(self, mark: str) -> list[str]:
        """Return the paths with a mark, sorted."""
        return sorted(path for path, marks in self._marks.items() if mark in marks)

    def covers(self, path: str) -> bool:
        """Return True if the object at the path is in a tree marked as a whole.

        So are extras and annotations with all that is in them.
        """
        if f"/{paths.CONTROL}/" in f"/{path}":
            return True
        while path:
            if TREE in self._marks.get(path, ()):
                return True
            path = path.rpartition("/")[0]
        return False
