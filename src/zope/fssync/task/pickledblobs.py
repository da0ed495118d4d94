"""The blobs that pickles refer to, when a commit makes objects of the pickles.

Their bytes are extras of an object, or parts beside a part; see `zope.fssync.blobs`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from zope.fssync import paths
from zope.fssync.blobs import BLOB
from zope.fssync.blobs import Source
from zope.fssync.blobs import part_name
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDefaultSynchronizer
from zope.fssync.interfaces import IPartsSynchronizer
from zope.fssync.messages import _
from zope.fssync.registry import names
from zope.fssync.task.base import SyncTask
from zope.fssync.task.container import ItemContainer
from zope.fssync.task.walk import Pair
from zope.fssync.task.walk import archived_name

__all__ = ["PickledBlobs", "is_blob"]


class PickledBlobs:
    """Find the blobs of pickles in the repository of a task, or in the objects."""

    def __init__(self, task: SyncTask) -> None:
        self._task = task
        self._metadata = task.repository.getMetadata()

    def source(
        self, place: ItemContainer, pair: Pair, replaced: Any, is_there: bool
    ) -> Source | None:
        """Return what finds the blobs that the pickle of an object refers to.

        ``replaced`` is the object before, if it ``is_there``.  Return None for a part
        whose container cannot list blobs beside it.
        """
        if place.changes is not None and not self._has_blobs_beside(place):
            return None
        known: Mapping[str, Any] = {}
        if is_there:
            synchronizer = self._task.lookup(replaced, context=place.owner)
            known = self._blobs(place, pair, synchronizer)

        def make(name: str) -> Any:
            where = self._path(place, pair, name)
            entry = self._metadata.getentry(where)
            if not self._task.repository.exists(where) or not is_blob(entry):
                raise SynchronizationError(
                    _(
                        "the pickle refers to a blob, and there is no extra ${name}",
                        mapping={"name": os.path.basename(where)},
                    )
                )
            return names.factory(BLOB)()

        return Source(known, make)

    def _has_blobs_beside(self, place: ItemContainer) -> bool:
        parts = self._task.bare(place.synchronizer)
        listed: bool = IPartsSynchronizer.providedBy(parts)
        return listed

    def _path(self, place: ItemContainer, pair: Pair, name: str) -> str:
        if place.changes is None:
            where = self._task.special(pair.path, paths.EXTRA)
        else:
            where = os.path.dirname(pair.path)
            key = part_name(str(pair.key), name)
            name = archived_name(self._metadata, where, key)
        found: str = self._task.repository.join(where, name)
        return found

    def _blobs(
        self, place: ItemContainer, pair: Pair, synchronizer: Any
    ) -> Mapping[str, Any]:
        """Return the blobs of what is pickled, by their names."""
        if not IDefaultSynchronizer.providedBy(synchronizer):
            return {}
        if place.changes is not None:
            parts = self._task.bare(place.synchronizer)
            found: Mapping[str, Any] = parts.blobs(pair.key)
            return found
        return dict(self._task.bare(synchronizer.extras()) or {})

    def check(
        self, place: ItemContainer, pair: Pair, synchronizer: Any, source: Source
    ) -> None:
        """Refuse a pickle whose references are not numbered in their order."""
        found = self._blobs(place, pair, synchronizer)
        if found.keys() != source.given.keys() or any(
            found[name] is not blob for name, blob in source.given.items()
        ):
            raise SynchronizationError(
                _("the references to blobs are not numbered in the order of the pickle")
            )


def is_blob(entry: dict[str, str]) -> bool:
    """Return True if an entry is that of a blob."""
    # An entry that a user has added names the class as the factory alone.
    return BLOB in (entry.get("type"), entry.get("factory"))
