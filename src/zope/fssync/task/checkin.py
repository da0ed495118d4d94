"""Checkin: makes a new tree of objects from a repository."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from zope.fssync import paths
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import ICheckin
from zope.fssync.messages import _
from zope.fssync.task.commit import Commit
from zope.fssync.task.compare import equals
from zope.fssync.terminal import escape

__all__ = ["Checkin"]


@implementer(ICheckin)
class Checkin(Commit):
    """A commit in which everything is new.

    Objects arrive as they were where they were checked out, dates and authors
    among their annotations too.
    """

    #: How many objects were made.
    made = 0

    def perform(self, container: Any, name: str, fspath: str, obj: None = None) -> None:
        """See `ICheckin`."""
        self.metadata.added()
        synchronizer = self.directory(container, fspath)
        try:
            # Not what it lists and does not find: a container may hold many objects.
            synchronizer[name]
        except KeyError:
            pass
        else:
            raise SynchronizationError(
                _("object already exists: ${name}", mapping={"name": escape(name)}),
                path=fspath,
            )
        if not self.metadata.getentry(fspath):
            raise SynchronizationError(
                _(
                    "the archive has no entry for ${path}",
                    mapping={"path": escape(fspath)},
                ),
                path=fspath,
            )
        super().perform(container, name, fspath)

    def _finish(self, synchronizer: Any, obj: Any, path: str, *rest: Any) -> None:
        super()._finish(synchronizer, obj, path, *rest)
        if paths.CONTROL not in path:
            self.made += 1
        if not self.errors:
            # Subscribers have noted that all this happened now, and by whom.
            self._commit_annotations(synchronizer, obj, path)

    def _is_changed(self, synchronizer: Any, path: str) -> bool:
        # An Original is what was there, in the place the archive comes from.
        return not equals(self.repository, path, synchronizer)
