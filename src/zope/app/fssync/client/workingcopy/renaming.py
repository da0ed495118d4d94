"""Rename files of a working copy, with their control data."""

from __future__ import annotations

from collections.abc import Callable
from os.path import join

from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges
from zope.app.fssync.client.workingcopy.place import Place
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.metadata import Metadata
from zope.fssync.streams import chunks

__all__ = ["Renaming", "move_control"]

_specials = (paths.EXTRA, paths.ANNOTATIONS)


class Renaming:
    """Renames the registered files of directories, those deepest down first.

    ``name_for`` is called with the name of a file and that of its object.
    ``taken`` collects the paths of files whose new names other files have.
    """

    def __init__(
        self, changes: CompactChanges, name_for: Callable[[str, str], str]
    ) -> None:
        self.changes = changes
        self.name_for = name_for
        self.taken: list[str] = []
        self.renamed = 0

    def rename_in(self, directory: str) -> int:
        """Rename what is registered in a directory; returns how much that was."""
        before = self.renamed
        metadata = Metadata(self.changes)
        place = self.changes.place(directory)
        for name in metadata.getnames(directory):
            path = join(directory, name)
            for what in _specials:
                if self._differ(place, f"{what}/{name}"):
                    self._rename_parts(metadata, fsutil.getspecial(path, what))
            wanted = self._wanted(metadata, path, name)
            if wanted is None:
                continue
            for what in (paths.ORIGINAL, *_specials):
                old = fsutil.getspecial(path, what)
                new = fsutil.getspecial(join(directory, wanted), what)
                move_control(self.changes, old, new)
            self._enter(metadata, directory, name, wanted)
            if self.changes.exists(path):
                self.changes.tree.rename(path, wanted)
        metadata.flush()
        return self.renamed - before

    def _rename_parts(self, metadata: Metadata, special: str) -> None:
        for name in metadata.getnames(special):
            path = join(special, name)
            wanted = self._wanted(metadata, path, name)
            if wanted is None:
                continue
            target = join(special, wanted)
            for each in (lambda part: part, fsutil.getoriginal):
                move_control(self.changes, each(path), each(target))
            self._enter(metadata, special, name, wanted)
        # The directory of parts may be moved itself.
        metadata.release(special)

    def _differ(self, place: Place, holder: str) -> bool:
        """Return whether any part has another name than the one wanted."""
        return any(
            self.name_for(name, entry.get("key", name)) != name
            for name, entry in self.changes.packed_entries(place, holder).items()
        )

    def _wanted(self, metadata: Metadata, path: str, name: str) -> str | None:
        """Return the new name of a file; None where it keeps the one that it has."""
        wanted = self.name_for(name, metadata.getentry(path).get("key", name))
        if wanted == name:
            return None
        target = join(path[: -len(name)], wanted)
        if self.changes.exists(target) or metadata.getentry(target):
            self.taken.append(path)
            return None
        return wanted

    def _enter(
        self, metadata: Metadata, directory: str, name: str, wanted: str
    ) -> None:
        manager = metadata.getmanager(directory)
        received = manager.is_received(name)
        entry = manager.entries.pop(name)
        key = entry.pop("key", name)
        if key != wanted:
            entry["key"] = key
        manager.entries[wanted] = entry
        if received:
            manager.receive(wanted)
        self.renamed += 1


def move_control(
    changes: CompactChanges, source: str, target: str, keep: bool = False
) -> None:
    """Move control data: a file or a directory, or nothing.

    With ``keep`` it stays where it is as well.
    """
    _copy(changes, source, target)
    if keep:
        return
    if changes.isdir(source):
        changes.rmtree(source)
    elif changes.exists(source):
        changes.remove(source)


def _copy(changes: CompactChanges, source: str, target: str) -> None:
    if changes.isdir(source):
        changes.mkdir(target)
        for name in changes.listdir(source):
            _copy(changes, join(source, name), join(target, name))
    elif changes.isfile(source):
        with changes.open(source) as stream:
            changes.write(target, chunks(stream))
