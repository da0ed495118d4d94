"""Extras and annotations: the blobs in what is pickled are files beside it.

A blob in the annotation ``note`` is the part ``note.blob-1``, which is listed, read and
changed as if it were another annotation.  It comes and goes with the references in the
pickle.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from zope.interface import implementer

from zope.fssync.blobs import SCALARS
from zope.fssync.blobs import is_blob
from zope.fssync.blobs import part_name
from zope.fssync.blobs import part_of
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDefaultSynchronizer
from zope.fssync.interfaces import IPartsSynchronizer
from zope.fssync.messages import _
from zope.fssync.pickle import blobs_of
from zope.fssync.synchronizer import DirectorySynchronizer
from zope.fssync.synchronizer import getSynchronizer

__all__ = ["PartsSynchronizer"]

#: Ends the name of a blob that another part has.  No entry can hold it, therefore the
#: blob is withheld and counted.
TAKEN = "\0"


@implementer(IPartsSynchronizer)
class PartsSynchronizer(DirectorySynchronizer):
    """Lists and changes extras or annotations, and the blobs in them."""

    self_contained = True

    def blobs(self, key: Any) -> Mapping[str, Any]:
        """See `IPartsSynchronizer`."""
        value = self.context.get(key)
        if type(value) in SCALARS or is_blob(type(value)):
            return {}
        found = blobs_of(value)
        if found and not IDefaultSynchronizer.providedBy(getSynchronizer(value)):
            return {}
        return found

    def iteritems(self) -> Iterator[tuple[str, Any]]:
        """See `IDirectorySerializer`."""
        for key, value in self.context.items():
            yield key, value
            for name, blob in self.blobs(key).items():
                beside = part_name(key, name)
                yield beside + TAKEN if beside in self.context else beside, blob

    def __getitem__(self, key: str) -> Any:
        if key in self.context:
            return self.context[key]
        owner, name = self._way(key)
        return self.blobs(owner)[name]

    def __setitem__(self, key: str, value: Any) -> None:
        if is_blob(type(value)) and self._is_beside(key):
            raise _unreferred(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        if key in self.context:
            super().__delitem__(key)
            return
        owner, name = self._way(key)
        if name in self.blobs(owner):
            raise SynchronizationError(
                _(
                    "the pickle of ${owner} refers to ${name}",
                    mapping={"owner": repr(owner), "name": name},
                )
            )
        raise KeyError(key)

    def _is_beside(self, key: str) -> bool:
        found = part_of(key)
        return (
            found is not None and found[0] in self.context and key not in self.context
        )

    def _way(self, key: str) -> tuple[str, str]:
        found = part_of(key) if isinstance(key, str) else None
        if found is None or found[0] not in self.context:
            raise KeyError(key)
        return found


def _unreferred(key: str) -> SynchronizationError:
    owner, name = part_of(key) or (key, "")
    return SynchronizationError(
        _(
            "the pickle of ${owner} refers to no ${name}",
            mapping={"owner": repr(owner), "name": name},
        )
    )
