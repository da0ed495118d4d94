"""Objects that a commit moves: the same objects, at other places or names.

An archive has, in the entry of the new place, the path of the old one as ``moved``.
There the entry is flagged as removed, and what is in the new place is based on the
object at the old one.  A peer that knows nothing of it sees an addition and a removal.
"""

from __future__ import annotations

from typing import Any
from typing import NamedTuple

from zope.fssync.changeset import Scope
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import SynchronizationError
from zope.fssync.errors import Withheld
from zope.fssync.interfaces import IMetadata
from zope.fssync.interfaces import IRepository
from zope.fssync.messages import _
from zope.fssync.metadata import MOVED
from zope.fssync.paths import split_archive_path
from zope.fssync.task.base import SyncTask
from zope.fssync.task.base import isdirectory
from zope.fssync.task.container import ItemContainer
from zope.fssync.task.walk import Pair
from zope.fssync.task.walk import child
from zope.fssync.task.walk import original_key
from zope.fssync.terminal import escape

__all__ = ["Moves", "Place"]


class Place(NamedTuple):
    """An object with its key, and its container with the synchronizer of that."""

    owner: Any
    synchronizer: Any
    key: Any
    obj: Any


class Moves:
    """The moves of an archive, by the paths of the new places.

    ``top`` is the path of the object that the archive is about.
    """

    def __init__(self, sources: dict[str, str] | None = None, top: str = "") -> None:
        self.sources = sources or {}
        self.away = frozenset(self.sources.values())
        self.top = top
        self._done: set[str] = set()

    @classmethod
    def of(cls, repository: IRepository, top: str, scope: Scope | None) -> Moves:
        """Return the moves in an archive; raises `ArchiveDamaged`."""
        metadata = repository.getMetadata()
        sources: dict[str, str] = {}
        waiting = [top]
        while waiting:
            path = waiting.pop()
            is_whole = scope is None or scope.covers(path)
            for name in metadata.getnames(path):
                where = repository.join(path, name)
                source = metadata.getentry(where).get(MOVED)
                if source is not None:
                    sources[where] = _checked(metadata, where, source, top)
                if repository.isdir(where) and (
                    is_whole or (scope is not None and scope.touches(where))
                ):
                    waiting.append(where)
        if len(set(sources.values())) < len(sources):
            raise ArchiveDamaged(_("an object is moved to two places"))
        return cls(sources, top)

    def __contains__(self, path: str) -> bool:
        """Return True if an object has still to be moved to the path."""
        return path in self.sources and path not in self._done

    def done(self, path: str) -> None:
        """Note that an object has been moved."""
        self._done.add(path)

    def left(self) -> list[str]:
        """Return the places that no object has been moved to."""
        return sorted(self.sources.keys() - self._done)

    def find(self, task: SyncTask, obj: Any, path: str) -> Place | None:
        """Return what is to be moved to a path, None if it is not there.

        ``obj`` is the object of the archive.
        """
        return _Search(self, task, obj).place(self.sources[path])

    def move(self, task: SyncTask, obj: Any, place: ItemContainer, pair: Pair) -> None:
        """Move an object to its new place, where it is missing.

        ``obj`` is the object of the archive.
        """
        found = self.find(task, obj, pair.path)
        if found is None:
            raise SynchronizationError(_("what is to be moved is no longer there"))
        if task.lookup(found.obj, context=found.owner) is None:
            raise Withheld(_("you may not move that object"))
        hooks = task.hooks
        for each in (found.owner, place.owner, found.obj):
            hooks.rely(each)
        arguments = (found.obj, found.synchronizer, found.key)
        if not hooks.move(*arguments, place.synchronizer, pair.key):
            bare = task.bare(found.obj)
            del found.synchronizer[found.key]
            place.synchronizer[pair.key] = bare
        self.done(pair.path)


class _Search:
    """Finds objects by the paths that they have in the archive."""

    def __init__(self, moves: Moves, task: SyncTask, obj: Any) -> None:
        self.moves = moves
        self.task = task
        self.obj = obj
        self.metadata = task.repository.getMetadata()
        self._seen: set[str] = set()

    def place(self, path: str) -> Place | None:
        above, _slash, name = path.rpartition("/")
        owner = self._object(above)
        if owner is None:
            return None
        synchronizer = self.task.lookup(owner, context=None)
        if synchronizer is None:
            raise Withheld(
                _("you may not access ${above}", mapping={"above": escape(above)}),
                path=above,
            )
        if not isdirectory(synchronizer):
            return None
        keys = {key for key, _ in synchronizer.iteritems()}
        key = original_key(self.metadata.getentry(path), name, keys)
        if key not in keys:
            return None
        return Place(owner, synchronizer, key, child(synchronizer, key))

    def _object(self, path: str) -> Any:
        if path == self.moves.top:
            return self.obj
        if path in self._seen:
            raise ArchiveDamaged(
                _(
                    "objects are moved in a circle: ${path}",
                    mapping={"path": escape(path)},
                )
            )
        self._seen.add(path)
        found = self.place(self.moves.sources[path] if path in self.moves else path)
        return None if found is None else found.obj


def _checked(metadata: IMetadata, path: str, source: str, top: str) -> str:
    """Return the path that an object is moved from, if it can be one."""
    entries = [metadata.getentry(each) for each in (path, source)]
    if (
        split_archive_path(source)[0] != top
        or source == top
        or [entry.get("flag") for entry in entries] != ["added", "removed"]
    ):
        raise ArchiveDamaged(
            _(
                "${path} cannot have been moved from ${source}",
                mapping={"path": escape(path), "source": escape(source)},
            ),
            path=path,
        )
    return source
