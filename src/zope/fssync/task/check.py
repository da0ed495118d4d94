"""Check: finds out whether a repository is based on the objects as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from zope.fssync import paths
from zope.fssync.changeset import Scope
from zope.fssync.errors import Error
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import ICheck
from zope.fssync.interfaces import IRepository
from zope.fssync.messages import _
from zope.fssync.metadata import BASE
from zope.fssync.picklecontext import using
from zope.fssync.streams import HashingWriter
from zope.fssync.task.base import SyncTask
from zope.fssync.task.base import isdirectory
from zope.fssync.task.commit import CommitFailed
from zope.fssync.task.compare import describes
from zope.fssync.task.compare import equals
from zope.fssync.task.compare import is_retyped
from zope.fssync.task.compare import isfile
from zope.fssync.task.moves import Moves
from zope.fssync.task.walk import Pair
from zope.fssync.task.walk import child
from zope.fssync.task.walk import forget
from zope.fssync.task.walk import pairs
from zope.fssync.terminal import escape

__all__ = ["Check"]


@implementer(ICheck)
class Check(SyncTask):
    """Compares objects with the Originals of a repository.

    Where a file has no Original the file itself is the base.  Objects that are
    withheld from the caller cannot be compared: `Commit` refuses to touch them.

    ``unchanged`` are the paths of files that equal their objects, as far as
    they were compared; ``settled`` those where entry, extras and annotations do
    too.  `Commit` need not look at them again.

    With a ``scope`` the repository is an archive of changes: objects that it says
    nothing of are not compared, and an entry's ``base`` is the digest of a base
    that was not sent.  ``intact(obj)`` is then asked whether nothing below a
    directory that is to be removed has changed; without it none is removed.

    ``moves`` are the objects that are to be moved: they are compared where they are
    with what the archive has at the place where they shall be.

    An exception that is none of `ITaskHooks.fatal_reading` becomes a `CommitFailed`,
    which names the object.
    """

    def __init__(
        self,
        getSynchronizer: Callable[..., Any],
        repository: IRepository,
        raise_on_conflicts: bool = False,
        scope: Scope | None = None,
        intact: Callable[[Any], bool] | None = None,
        moves: Moves | None = None,
        hooks: Any = None,
    ) -> None:
        super().__init__(getSynchronizer, repository, hooks=hooks)
        self.fatal: tuple[type[BaseException], ...] = (
            MemoryError,
            Error,
            *self.hooks.fatal_reading,
        )
        self.metadata = repository.getMetadata()
        self.scope = scope
        self.intact = intact
        self.moves = Moves() if moves is None else moves
        self._top: Any = None
        self.raise_on_conflicts = raise_on_conflicts
        self.unchanged: set[str] = set()
        self.settled: set[str] = set()
        self._conflicts: dict[str, None] = {}

    def errors(self) -> list[str]:
        """See `ICheck`."""
        return list(self._conflicts)

    def conflict(self, path: str) -> None:
        """Report a path as not up to date."""
        if self.raise_on_conflicts:
            raise SynchronizationError(
                _("not up to date: ${path}", mapping={"path": escape(path)}), path=path
            )
        self._conflicts[path] = None

    def perform(self, container: Any, name: str, fspath: str, obj: Any = None) -> None:
        """See `ICheck`."""
        self.context = container
        self._top = obj
        if obj is not None:
            self._check_present(obj, container, fspath)
            return
        directory = self.readable_container(container, fspath)
        if not name:
            self._top = container
            self._check_content(directory, container, fspath, {})
            return
        try:
            obj = child(directory, name)
        except KeyError:
            self._check_missing(fspath)
        else:
            self._top = obj
            self._check_present(obj, container, fspath)

    #: The name of this method in release 3.6.0.
    check = perform

    def _check_present(self, obj: Any, owner: Any, path: str) -> None:
        try:
            self._compare(obj, owner, path)
        except self.fatal:
            raise
        except Exception as error:
            raise CommitFailed([(path, error)]) from error

    def _compare(self, obj: Any, owner: Any, path: str) -> None:
        if path in self.moves.away:
            # It is compared with what is in its new place.
            return
        if path in self.moves:
            self.conflict(path)
            return
        synchronizer = self.lookup(obj, context=owner)
        if synchronizer is None:
            return
        entry = self.metadata.getentry(path)
        if not entry:
            self.conflict(path)
            return
        removed = entry.get("flag") == "removed"
        there = self.repository.exists(path) or self._base(entry) is not None
        if "conflict" in entry or removed == there:
            self.conflict(path)
        elif self.scope is not None and not self._is_current(
            synchronizer, obj, path, removed
        ):
            self.conflict(path)
            return
        self._check_content(synchronizer, obj, path, entry)

    def _check_content(
        self, synchronizer: Any, obj: Any, path: str, entry: dict[str, str]
    ) -> None:
        self.checkpoint()
        if isdirectory(synchronizer):
            if self._was_file(synchronizer, obj, path, entry):
                self.conflict(path)
            elif entry.get("flag") != "removed" or self.repository.exists(path):
                self._check_items(synchronizer, obj, path)
        elif entry.get("flag") == "added":
            self.conflict(path)
        else:
            self._check_file(synchronizer, path, self._base(entry))
        settled = path in self.unchanged and "flag" not in entry
        for what, part in (
            (paths.EXTRA, synchronizer.extras),
            (paths.ANNOTATIONS, synchronizer.annotations),
        ):
            where = self.special(path, what)
            # Parts that the client does not have are not compared.
            if self.repository.exists(where):
                mapping = part()
                with using(is_part=True, place=self.bare(obj)):
                    settled &= self._check_special(mapping, obj, where)
        if (
            settled
            and describes(entry, synchronizer)
            and not is_retyped(synchronizer, self.class_of(self.bare(obj)), entry)
        ):
            self.settled.add(path)

    def _is_current(
        self, synchronizer: Any, obj: Any, path: str, removed: bool
    ) -> bool:
        """Return whether an archive of changes is based on this object."""
        assert self.scope is not None
        if not isdirectory(synchronizer):
            return True
        if removed:
            return self.intact is not None and self.intact(obj)
        # On the way to what changed there must be what was there.
        return self.scope.covers(path) or not is_retyped(
            synchronizer, self.class_of(self.bare(obj)), self.metadata.getentry(path)
        )

    def _was_file(
        self, synchronizer: Any, obj: Any, path: str, entry: dict[str, str]
    ) -> bool:
        """Return True if a directory was still a file when the client received it."""
        if not entry:
            return False
        base = self.special(path, paths.ORIGINAL)
        if self._base(entry) is not None or isfile(self.repository, base):
            return True
        return isfile(self.repository, path) and is_retyped(
            synchronizer, self.class_of(self.bare(obj)), entry
        )

    def _base(self, entry: dict[str, str]) -> str | None:
        """Return the digest that stands for the base of a file."""
        return None if self.scope is None else entry.get(BASE)

    def _check_file(
        self, synchronizer: Any, path: str, digest: str | None = None
    ) -> None:
        base = self.special(path, paths.ORIGINAL)
        if digest is not None:
            if _digest(synchronizer) != digest:
                self.conflict(path)
            elif not self.repository.exists(path):
                self.unchanged.add(path)
            return
        if not self.repository.exists(base):
            base = path
        if not isfile(self.repository, base) or not equals(
            self.repository, base, synchronizer
        ):
            self.conflict(path)
        elif base is path:
            self.unchanged.add(path)

    def _check_items(self, synchronizer: Any, owner: Any, path: str) -> None:
        partly = self.scope is not None and not self.scope.covers(path)
        for pair in pairs(synchronizer, path, self.metadata, self.repository, partly):
            self._check_pair(synchronizer, owner, pair)
        forget(self.metadata, self.repository, path)

    def _check_pair(self, synchronizer: Any, owner: Any, pair: Pair) -> None:
        if pair.present:
            self._check_present(child(synchronizer, pair.key), owner, pair.path)
        else:
            self._check_missing(pair.path)

    def _check_missing(self, path: str) -> None:
        entry = self.metadata.getentry(path)
        if not entry or path in self.moves.away:
            return
        if path in self.moves:
            self._check_moved(path, entry)
            return
        added = entry.get("flag") == "added" and "conflict" not in entry
        if not added or not self.repository.exists(path):
            self.conflict(path)
        if self.repository.isdir(path):
            for name in self.metadata.getnames(path):
                self._check_missing(self.repository.join(path, name))
            forget(self.metadata, self.repository, path)

    def _check_moved(self, path: str, entry: dict[str, str]) -> None:
        """Compare an object at its old place with what is to be at the new one."""
        found = self.moves.find(self, self._top, path)
        if found is None or "conflict" in entry:
            self.conflict(path)
            return
        synchronizer = self.lookup(found.obj, context=found.owner)
        if synchronizer is None:
            # A commit refuses it by its path.
            return
        if self.scope is not None and not self._is_current(
            synchronizer, found.obj, path, False
        ):
            self.conflict(path)
            return
        self._check_content(synchronizer, found.obj, path, {**entry, "flag": ""})

    def _check_special(self, mapping: Any, owner: Any, path: str) -> bool:
        """Compare extras or annotations; returns whether all are unchanged."""
        synchronizer = self.lookup(mapping, context=owner) if mapping else None
        if synchronizer is None:
            return False
        if not isdirectory(synchronizer):
            self._check_file(synchronizer, path)
            return path in self.unchanged
        found = pairs(synchronizer, path, self.metadata, self.repository)
        with self.in_parts(synchronizer):
            for pair in found:
                self._check_pair(synchronizer, owner, pair)
        has_more = any(
            self.repository.exists(self.repository.join(path, paths.CONTROL, what))
            for what in (paths.EXTRA, paths.ANNOTATIONS)
        )
        unchanged = not has_more and all(
            pair.path in self.unchanged
            and "flag" not in self.metadata.getentry(pair.path)
            for pair in found
        )
        # There are as many of these as objects, twice.
        self.metadata.release(path)
        return unchanged


def _digest(synchronizer: Any) -> str:
    """Return the digest of what a synchronizer dumps."""
    sink = HashingWriter()
    synchronizer.dump(sink)
    return sink.digest()
