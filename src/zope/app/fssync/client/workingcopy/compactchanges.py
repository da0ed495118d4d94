"""Staged changes of a tree with packs and descriptions."""

from __future__ import annotations

import os

from zope.app.fssync.client.workingcopy.compactwriter import CompactWriter
from zope.app.fssync.client.workingcopy.staging import Changes
from zope.fssync.descriptionnames import description_name

__all__ = ["CompactChanges"]


class CompactChanges(CompactWriter):
    """The file tree as it will be when the changes have been applied."""

    tree: Changes

    def __init__(self, changes: Changes, compact: bool) -> None:
        super().__init__(changes, compact)
        self.journal = changes.journal

    def relocate(self, path: str, target: str) -> None:
        """See `Changes.relocate`; what is packed for it is not moved."""
        if self.tree.kind(path) == "dir":
            before, after = self.place(path), self.place(target)
            self._moved[after.directory] = before.directory
            if before.is_described and self.tree.kind(before.mirror) == "dir":
                self._relocate_mirror(before.mirror, after.mirror)
        self.tree.relocate(path, target)

    def carry(self, path: str, target: str) -> None:
        """Let what is known of ``path`` be known of ``target``.

        By hand it was moved there, with its description or without.
        """
        (above, name), (beside, new) = os.path.split(path), os.path.split(target)
        old, place = self.place(above), self.place(beside)
        if not old.is_described:
            return
        if self.tree.kind(target) == "dir":
            found = os.path.join(target, description_name(""))
        else:
            found = os.path.join(beside, description_name(new))
        if self.tree.kind(found) is not None:
            carried = os.path.join(place.directory, new)
            self._carried[os.path.join(old.directory, name)] = carried
        before, after = old.mirror_of(name), place.mirror_of(new)
        if self.tree.kind(before) == "dir":
            self._relocate_mirror(before, after)
            self._mirrors[after] = before
            self._places.clear()

    def _relocate_mirror(self, before: str, after: str) -> None:
        if self.tree.kind(after) == "dir":
            # It is the control data of a directory that was removed by hand.
            self.tree.rmtree(after)
        self.tree.mkdir(os.path.dirname(after))
        self.tree.relocate(before, after)

    def edited(self) -> list[str]:
        """See `Changes.edited`."""
        self.flush()
        return self.tree.edited()

    def apply(self) -> list[str]:
        """See `Changes.apply`."""
        self.flush()
        return self.tree.apply()

    def restart(self) -> None:
        """See `Changes.restart`."""
        self.forget()
        self.tree.restart()

    def abandon(self) -> None:
        """See `Changes.abandon`."""
        self.forget()
        self.tree.abandon()
