"""Which objects of a working copy may differ from what the server last sent.

An object is told unless all of these are as the server sent them: its content,
its entry, its extras and annotations with theirs.  So every difference is told;
what is told may turn out not to differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from os.path import join

from zope.app.fssync.workingcopy.compact import CompactTree
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.files import same_content
from zope.fssync.metadata import Metadata

__all__ = ["changed"]


def changed(files: CompactTree, metadata: Metadata, target: str) -> Iterator[str]:
    """The paths of the objects that may differ, from ``target`` downwards.

    ``target`` is the path of any object, a file or a directory, with an entry.
    What is told are local paths of registered objects: ``target`` itself, or
    ``target`` with names joined to it.  A directory comes before what is in it
    and is told for its own entry, extras and annotations only, not for its
    children; what is flagged as added or removed, is missing, or is of another
    kind by now is told, and so is everything registered below it.

    Where nothing changed a file costs one lstat and nothing is read; without
    the index, in a working copy of 3.6.0 or where a person edited Entries.xml
    more may be told or read, but never less told.
    """
    entry = metadata.getentry(target)
    if not entry:
        return
    scan = _Scan(files, metadata)
    kind = files.kind(target)
    if scan.differs(target, kind):
        yield target
    if kind == "dir":
        yield from scan.below(target)


class _Scan:
    def __init__(self, files: CompactTree, metadata: Metadata) -> None:
        self.files = files
        self.metadata = metadata

    def below(self, directory: str) -> Iterator[str]:
        for name in self.metadata.getnames(directory):
            path = join(directory, name)
            kind = self.files.kind(path)
            if self.differs(path, kind):
                yield path
            if kind == "dir":
                yield from self.below(path)
        self.metadata.release(directory)

    def differs(self, path: str, kind: str | None) -> bool:
        entry = self.metadata.getentry(path)
        if entry.keys() & {"flag", "conflict"} or not self.metadata.is_received(path):
            return True
        if kind == "file":
            if not self._same(path):
                return True
        elif kind != "dir" or self.files.exists(fsutil.getoriginal(path)):
            return True
        return any(
            self._special_differs(fsutil.getspecial(path, what))
            for what in (paths.EXTRA, paths.ANNOTATIONS)
        )

    def _special_differs(self, special: str) -> bool:
        kind = self.files.kind(special)
        if kind is None:
            return self.files.had(special)
        differs = kind != "dir" or any(
            self._child_differs(join(special, name))
            for name in self.metadata.getnames(special)
        )
        self.metadata.release(special)
        return differs

    def _child_differs(self, path: str) -> bool:
        return "flag" in self.metadata.getentry(path) or not self._same(path)

    def _same(self, path: str) -> bool:
        """Is there a file, with an original of the same content?"""
        original = fsutil.getoriginal(path)
        if self.files.kind(path) != "file" or self.files.kind(original) != "file":
            return False
        if self.files.size(path) != self.files.size(original):
            return False
        with self.files.open(path) as first, self.files.open(original) as second:
            return same_content(first, second)
