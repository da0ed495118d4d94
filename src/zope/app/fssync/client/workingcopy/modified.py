"""Which objects of a working copy may differ from what the server last sent.

An object is told unless all of these are as the server sent them: its content,
its entry, its extras and annotations with theirs.  So every difference is told;
what is told may turn out not to differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from os.path import join

from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.statcache import Unchanged
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import fsutil
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
    if not metadata.getentry(target):
        return
    root = WorkingCopy.find(target).root
    with Unchanged(files, metadata, root) as unchanged:
        directory, name = fsutil.split(target)
        if not unchanged.is_received(directory, name):
            yield target
        yield from _below(target, files, metadata, unchanged)


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
        if record is None or record.looks is None:
            yield from _below(path, files, metadata, unchanged)
    metadata.release(directory)
