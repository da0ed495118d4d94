"""Find the objects of a working copy that may differ from what the server sent.

An object is found unless content, entry, extras and annotations are all as the
server sent them.  So every difference is found; an object that is found may turn
out to be equal.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import suppress
from os.path import join

from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.index import clock_of
from zope.app.fssync.client.workingcopy.index import clocks
from zope.app.fssync.client.workingcopy.index import passed
from zope.app.fssync.client.workingcopy.statcache import Unchanged
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import fsutil
from zope.fssync.errors import Error
from zope.fssync.files import DISK
from zope.fssync.metadata import Metadata

__all__ = ["changed", "remember", "remember_top"]


def changed(files: CompactTree, metadata: Metadata, target: str) -> Iterator[str]:
    """Yield the paths of the registered objects that may differ.

    They are ``target``, a file or a directory, and ``target`` with names joined to
    it.  A directory comes before its children; it is yielded for its own entry,
    extras and annotations, not for its children.  An object that is flagged,
    missing or of another kind than its original is yielded, with all that is
    registered below it.

    An unchanged file costs one lstat and is not read.  Without the index, or with
    entries edited by hand, more files are read and more objects may be yielded, but
    never fewer.
    """
    if not metadata.getentry(target):
        return
    root = WorkingCopy.find(target).root
    with Unchanged(files, metadata, root) as unchanged:
        directory, name = fsutil.split(target)
        if not unchanged.is_received(directory, name):
            yield target
        yield from _below(target, files, metadata, unchanged)


def remember(root: str) -> None:
    """Write the index of the working copy ``root``, whose control data is new.

    So that the first command that looks finds out no more than later ones.
    """
    _remember(root, lambda seen: list(_below(root, seen.files, seen.metadata, seen)))


def remember_top(root: str) -> None:
    """Add what is directly in the root to the index, which has all that is below."""
    _remember(root, lambda seen: seen.remember(root))


def _remember(root: str, look: Callable[[Unchanged], object]) -> None:
    # The command that has to read a damaged file reports it.
    with suppress(OSError, Error):
        if passed(clocks(root), max(map(clock_of, clocks(root)))):
            files = CompactTree(DISK)
            with Unchanged(files, Metadata(files), root) as unchanged:
                look(unchanged)


def _below(
    directory: str, files: CompactTree, metadata: Metadata, unchanged: Unchanged
) -> Iterator[str]:
    if not files.isdir(directory):
        return
    settled = unchanged.settled(directory)
    if settled is not None:
        for name in sorted(settled.directories):
            yield from _below(join(directory, name), files, metadata, unchanged)
        return
    names, all_of_them = unchanged.names(directory)
    for name in sorted(names) if all_of_them else metadata.getnames(directory):
        path = join(directory, name)
        record = names.get(name)
        if record is None or not record.received:
            yield path
        if record is None or record.signature is None:
            yield from _below(path, files, metadata, unchanged)
    metadata.release(directory)
