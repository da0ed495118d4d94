"""Convert archives of a server to the files of a tree in git.

The files are those of a working copy of layout 3 below the object itself, without
control data.  The description of a directory is always written, since git knows no
empty directories.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Protocol

from zope.fssync import paths
from zope.fssync.changeset import GONE
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.changeset import Scope
from zope.fssync.description import ASIDE
from zope.fssync.description import Part
from zope.fssync.description.archived import archived_parts
from zope.fssync.description.described import kept_text
from zope.fssync.description.described import text_of
from zope.fssync.descriptionnames import aside_name
from zope.fssync.descriptionnames import description_name
from zope.fssync.descriptionnames import is_description
from zope.fssync.descriptionnames import local_name
from zope.fssync.errors import Error
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.metadata import entry_of
from zope.fssync.paths import join_archive_path
from zope.fssync.repository import SnarfRepository
from zope.fssync.streams import chunks
from zope.fssync.terminal import escape

__all__ = ["ArchivedTree", "ITree", "drop", "lists", "object_names"]


class ITree(Protocol):
    """A tree that can be written."""

    def clear(self) -> None: ...

    def remove(self, path: str) -> None: ...

    def write(self, path: str, size: int, pieces: Iterable[bytes]) -> None: ...

    def share(self, path: str) -> None:
        """Note that the names of several objects differ from a path in case only."""


def drop(tree: ITree, directory: str, name: str) -> None:
    """Remove an object and its description."""
    for each in (name, description_name(name), aside_name(name)):
        tree.remove(join_archive_path(directory, each))


def object_names(names: Iterable[str]) -> set[str]:
    """Return the names in a directory that are objects, not descriptions."""
    return {name for name in names if not is_description(name)}


def lists(archive: SnarfRepository) -> list[str]:
    """Return the paths of the directories that an archive lists."""
    scope = Scope.of(archive)
    if scope is None or not scope.marked(LIST):
        return []
    return ArchivedTree(archive).places(scope.marked(LIST))


class ArchivedTree:
    """The tree, or the changes of a tree, in an archive."""

    def __init__(self, archive: SnarfRepository) -> None:
        self._archive = archive
        self._source = ArchiveSource(archive)
        self._metadata = archive.getMetadata()
        self._scope = Scope.of(archive)
        names = self._metadata.getnames("")
        self._top = names[0] if names else ""
        self.is_directory = not names or archive.isdir(self._top)
        #: Whether the archive has the whole object, and not only changes.
        self.is_all = self._scope is None or self._scope.has(TREE, self._top)

    def write(self, tree: ITree, known: dict[str, set[str]]) -> bool:
        """Write the objects of the archive to a tree.

        ``known`` has the names of the objects that the tree has in the directories of
        `lists`.  Returns False if both the tree and the archive lack an object.
        """
        self._tree, self._known, self._is_whole = tree, known, True
        if self._scope is None:
            tree.clear()
            self._write_object("", self._top, "", "", "")
        elif self._top:
            for path in self._scope.marked(GONE):
                place = self._place(path)
                if place is not None and place != "":
                    directory, _, name = place.rpartition("/")
                    drop(tree, directory, name)
            entry = self._metadata.getentry(self._top)
            if self._scope.has(TREE, self._top):
                tree.clear()
                self._write_object("", self._top, "", "", "")
            else:
                if self._scope.has(NODE, self._top):
                    self._describe("", self._top, "", "", "", True)
                self._write_changes(self._top, "", entry.get("type", ""))
        return self._is_whole

    def places(self, found: Iterable[str]) -> list[str]:
        """Return the paths in the tree for paths in the archive."""
        return [each for each in map(self._place, found) if each is not None]

    def _place(self, path: str) -> str | None:
        """Return the path in the tree, None for a path that is not below the top."""
        top, *names = path.split("/")
        if top != self._top:
            return None
        above, place = top, ""
        for name in names:
            entry = self._metadata.getmanager(above).entries.get(name, {})
            place = join_archive_path(
                place, local_name(name, entry.get("key", paths.nfc(name)))
            )
            above = f"{above}/{name}"
        return place

    def _write_changes(self, path: str, place: str, kind: str) -> None:
        """Write the changes of the directory ``path`` of the type ``kind``."""
        scope, names = self._scope, self._metadata.getnames(path)
        assert scope is not None
        entries = {name: self._metadata.getentry(f"{path}/{name}") for name in names}
        files = {name: self._file(place, name, e) for name, e in entries.items()}
        if scope.has(LIST, path):
            there = self._known.get(place, set())
            for gone in sorted(there - set(files.values())):
                drop(self._tree, place, gone)
            lacking = [
                name
                for name, file in files.items()
                if file not in there and not scope.has(TREE, f"{path}/{name}")
            ]
            self._is_whole = self._is_whole and not lacking
        for name, entry in entries.items():
            below, file = f"{path}/{name}", files[name]
            if scope.has(TREE, below):
                drop(self._tree, place, file)
                self._write_object(path, name, place, file, kind)
            elif scope.touches(below):
                if scope.has(NODE, below):
                    self._describe(path, name, place, file, kind, True)
                self._write_changes(
                    below, join_archive_path(place, file), entry.get("type", "")
                )
        self._metadata.release(path)

    def _write_object(
        self, above: str, name: str, place: str, file: str, kind: str
    ) -> None:
        """Write a whole object, which is in a directory of the type ``kind``."""
        path, local = join_archive_path(above, name), join_archive_path(place, file)
        if not self._archive.isdir(path):
            if not self._archive.isfile(path):
                raise Error(f"the server sent nothing for {escape(path)}", path=path)
            self._describe(above, name, place, file, kind, False)
            self._write_file(path, local)
            return
        own = self._metadata.getentry(path).get("type", "")
        self._describe(above, name, place, file, kind, True)
        for each in self._metadata.getnames(path):
            entry = self._metadata.getentry(f"{path}/{each}")
            below = self._file(local, each, entry)
            self._write_object(path, each, local, below, own)
        self._metadata.release(path)

    def _file(self, place: str, name: str, entry: Mapping[str, str]) -> str:
        """Return the name of a file in the tree for a name in the archive."""
        key = entry.get("key", name)
        file, wanted = local_name(name, key), paths.portable_name(key)
        if paths.fold(wanted) != paths.fold(name):
            for each in (wanted, file):
                self._tree.share(join_archive_path(place, each))
        return file

    def _write_file(self, path: str, local: str) -> None:
        with self._archive.readable(path) as stream:
            self._tree.write(local, self._archive.size(path), chunks(stream))

    def _describe(
        self,
        above: str,
        name: str,
        place: str,
        file: str,
        kind: str,
        is_directory: bool,
    ) -> None:
        """Write the description of an object, and the parts kept beside it."""
        entry = entry_of(
            file or name, name, self._metadata.getentry(join_archive_path(above, name))
        )
        parts: dict[str, Part] = {}
        aside: list[tuple[str, str]] = []
        for key, path, part in archived_parts(self._source, above, name):
            parts[key] = part
            if part.data is ASIDE:
                aside.append((key, path))
        text = text_of(entry, parts)
        if not is_directory:
            text = kept_text(text, kind, file, False)
        directory, own = (
            (join_archive_path(place, file), "") if is_directory else (place, file)
        )
        if is_directory or self._scope is not None:
            self._tree.remove(join_archive_path(directory, aside_name(own)))
        path = join_archive_path(directory, description_name(own))
        if text:
            self._tree.write(path, len(text), [text])
        else:
            self._tree.remove(path)
        for key, member in aside:
            self._write_file(
                member, join_archive_path(directory, f"{aside_name(own)}/{key}")
            )
