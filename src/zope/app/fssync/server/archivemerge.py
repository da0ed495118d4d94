"""Reverse merge into the archive of the current state of objects."""

from __future__ import annotations

from zope.app.fssync.server.editedarchive import EditedArchive
from zope.app.fssync.server.editedarchive import owner_of
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.messages import _
from zope.fssync.reversemerge import KEPT
from zope.fssync.reversemerge import ReverseMerge
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side
from zope.fssync.sides import is_same
from zope.fssync.sides import special

__all__ = ["CONFLICT", "IN_THE_WAY", "NO_FOLDER", "ArchiveMerge"]

#: The fields of an entry that are merged.
_SAID = ("type", "factory", *KEPT)

#: Why something is not merged.
NO_FOLDER = _("there is no folder for it any more")
IN_THE_WAY = _("there is another object by now")
CONFLICT = _("it was changed since, which is in conflict")


class ArchiveMerge(ReverseMerge):
    """A reverse merge into the archive ``edited``; ``refused`` collects conflicts."""

    def __init__(
        self, edited: EditedArchive, label: str, refused: list[tuple[str, str]]
    ) -> None:
        super().__init__(label)
        self._refused = refused
        self._edited = edited

    def is_here(self, path: str) -> bool:
        """See `ReverseMerge`, as for the other methods."""
        return self._edited.is_here(path)

    def is_folder(self, path: str) -> bool:
        """Return True if a folder is at a path."""
        return self.is_here(path) and self._edited.source.kind(path) == "dir"

    def here(self, path: str) -> Side:
        """Return the object at a path of the archive of the current state."""
        return Side(self._edited.source, path)

    def content(self, path: str) -> bytes:
        """Return the edited content, else the current one."""
        return self._edited.content(path)

    def below(self, path: str, key: str) -> str:
        """Return the path of the item with this key, or of a new one."""
        source = self._edited.source
        for name in source.getnames(path):
            place = paths.join_archive_path(path, name)
            if paths.nfc(source.getentry(place).get("key", name)) == paths.nfc(key):
                return place
        return paths.join_archive_path(path, paths.portable_name(key))

    def part(self, path: str, what: str, name: str) -> str:
        """Return the path of a part in the control data."""
        return f"{special(path, what, True)}/{name}"

    def write(self, path: str, content: bytes) -> None:
        """Add the new content of a file to the commit."""
        self._edited.write(path, content)

    def remove(self, path: str) -> None:
        """Flag the entry as removed."""
        self._edited.remove(path)

    def restore(self, other: Side, path: str) -> None:
        """Add a removed object again, unless it exists again."""
        above = path.rpartition("/")[0]
        if not self.is_folder(above):
            self._refuse(path, NO_FOLDER)
        elif not self.is_here(path):
            self._bring_back(other, path)
        elif not is_same(other, self.here(path)):
            self.conflict(path, report.IN_THE_WAY)

    def merge_entry(self, base: Side, other: Side, path: str) -> None:
        """Merge the entries of an object."""
        above, _, name = path.rpartition("/")
        for each in _SAID:
            old, new = base.entry.get(each), other.entry.get(each)
            mine = self._edited.entry(path).get(each)
            if old == new or mine == new:
                continue
            if mine != old:
                self.conflict(path)
            elif new is None:
                del self._edited.entries(above)[name][each]
            else:
                self._edited.entries(above)[name][each] = new

    def add_part(self, other: Side, path: str) -> bool:
        """Add a removed part again, or merge its content if it exists again."""
        if self.is_here(path):
            return self.merge_content(ABSENT, other, path)
        above, _, name = path.rpartition("/")
        said = other.entry
        entry = {each: said[each] for each in _SAID if each in said}
        self._edited.entries(above)[name] = {**entry, "flag": "added"}
        self._edited.write(path, other.content())
        return True

    def conflict(self, path: str, detail: str | None = None) -> None:
        """Refuse the object at a path."""
        self._refuse(path, IN_THE_WAY if detail == report.IN_THE_WAY else CONFLICT)

    def _refuse(self, path: str, reason: str) -> None:
        self._refused.append((owner_of(path), reason))

    def _bring_back(self, other: Side, path: str) -> None:
        above, _, name = path.rpartition("/")
        said = other.entry
        entry = {each: said[each] for each in ("key", *_SAID) if each in said}
        self._edited.entries(above)[name] = {**entry, "flag": "added"}
        if other.kind == "dir":
            self._edited.make_directory(path)
        else:
            self._edited.write(path, other.content())
        for what in (paths.EXTRA, paths.ANNOTATIONS):
            for part, side in sorted(other.special(what).children().items()):
                self.add_part(side, self.part(path, what, part))
        for key, child in sorted(other.children().items()):
            place = paths.join_archive_path(path, paths.portable_name(key))
            self._bring_back(child, place)
