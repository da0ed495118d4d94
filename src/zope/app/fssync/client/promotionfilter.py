"""Merge the objects of some kinds that one site has changed into a copy of another.

Sites set dates and authors themselves: these are no differences between objects.
"""

from __future__ import annotations

from collections.abc import Sequence

from zope.app.fssync.client import dublincore
from zope.app.fssync.client.reversing import CopyMerge
from zope.app.fssync.client.session import ChangingSession
from zope.fssync import paths
from zope.fssync.metadata import MOVED
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side

__all__ = ["FilteredMerge", "is_alike"]


class FilteredMerge(CopyMerge):
    """Merge only objects of some kinds; without kinds all."""

    def __init__(
        self, session: ChangingSession, label: str, kinds: Sequence[str]
    ) -> None:
        super().__init__(session, label)
        self._kinds = {kind.lower() for kind in kinds}

    def merge(self, base: Side, other: Side, path: str, deep: bool) -> None:
        """See `ReverseMerge`; folders of other kinds only hold wanted objects."""
        if not self.is_here(path) and is_alike(base, other):
            # Removed on the second site, and not changed on the first.
            return
        if not self._kinds or self._is_wanted(base) or self._is_wanted(other):
            if self._kinds and "dir" in (base.kind, other.kind):
                deep = self._has_both(base, other)
            if base.kind is None or other.kind is None or self.is_here(path):
                super().merge(base, other, path, deep)
            else:
                self._bring(base, other, path, deep)
        elif "dir" in (base.kind, other.kind):
            if base.kind is None and not self.is_here(path) and self._holds(other):
                self.create(other, path)
            if self.is_here(path):
                self._children(base, other, path)

    def _bring(self, base: Side, other: Side, path: str, deep: bool) -> None:
        """Add what the first site changed and the second one removed, in conflict."""
        is_folder = deep and self._has_both(base, other)
        super().restore(_alone(other) if is_folder else other, path)
        self.conflict(path)
        if is_folder:
            self._children(base, other, path)

    def _holds(self, side: Side) -> bool:
        """Return True if an object of the wanted kinds is in a folder."""
        return any(
            self._is_wanted(each) or self._holds(each)
            for each in side.children().values()
        )

    def create(self, other: Side, path: str) -> None:
        """Create a folder without what is in it."""
        if other.kind == "dir":
            super().restore(_alone(other), path)

    def restore(self, other: Side, path: str) -> None:
        """See `ReverseMerge`; objects of another promotion stay as they are.

        With kinds only objects of these are added.
        """
        if self._kinds and not self._metadata.getentry(path):
            self.create(other, path)
        if other.kind == "dir" and self._has_folder(other, path):
            self._children(ABSENT, other, path)
        elif not (self.is_here(path) and is_alike(other, self.here(path))):
            super().restore(other, path)

    def _has_folder(self, other: Side, path: str) -> bool:
        """Return True if a folder was created before, or by another promotion."""
        entry = self._metadata.getentry(path)
        if entry.get("flag") == "added" and MOVED not in entry:
            return True
        here = self.here(path)
        return here.kind == "dir" and is_alike(_alone(other), _alone(here))

    def may_move(self, base: Side, other: Side) -> bool:
        """Return True if ``base`` may have been moved and become ``other``."""
        if base.kind is None or base.kind != other.kind:
            return False
        return not self._kinds or (base.kind == "file" and self._is_wanted(other))

    def merge_content(self, base: Side, other: Side, path: str) -> bool:
        """See `ReverseMerge`; a new date of modification is not a change."""
        if _essence(base.content(), _SAVED) == _essence(other.content(), _SAVED):
            return False
        return super().merge_content(base, other, path)

    def _take_away(self, base: Side, path: str) -> None:
        """Remove an object that equals ``base``, except for its creation."""
        if not self.is_here(path):
            return
        if is_alike(base, self.here(path)):
            self.remove(path)
        else:
            self.conflict(path)

    def _has_both(self, base: Side, other: Side) -> bool:
        return base.kind == other.kind == "dir"

    def _is_wanted(self, side: Side) -> bool:
        if side.kind is None:
            return False
        name = side.entry.get("type", "").lower()
        words = {side.kind, name, name.rpartition(".")[2]}
        return not self._kinds.isdisjoint(words)


#: The elements of the Dublin Core that a site sets when an object is saved, or created.
_SAVED = frozenset(["Date.Modified"])
_MADE = frozenset([*_SAVED, "Date.Created", "Creator"])


def _essence(content: bytes, without: frozenset[str]) -> object:
    """Return the content of a file; that of Dublin Core without some elements."""
    if not content.startswith(b"<?xml "):
        return content
    document = dublincore.loads(content)
    if document is None:
        return content
    return {key: value for key, value in document.data.items() if key not in without}


def _alone(side: Side) -> Side:
    """Return a folder without what is in it."""
    return side._replace(left_out=side.left_out.union(side.children()))


def is_alike(first: Side, second: Side) -> bool:
    """Return True if objects of two sites are equal, with all below them."""
    if first.kind != second.kind:
        return False
    if _essence(first.content(), _MADE) != _essence(second.content(), _MADE):
        return False
    pairs = [(first.children(), second.children())]
    for what in (paths.EXTRA, paths.ANNOTATIONS):
        pairs.append((first.special(what).children(), second.special(what).children()))
    return all(
        old.keys() == new.keys() and all(is_alike(old[key], new[key]) for key in old)
        for old, new in pairs
    )
