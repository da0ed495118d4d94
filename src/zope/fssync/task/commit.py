"""Commit: brings a tree of objects to the state of a repository."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Set
from contextlib import suppress
from functools import partial
from typing import Any

from zope.event import notify
from zope.interface import implementer
from zope.interface import providedBy
from zope.lifecycleevent import ObjectCreatedEvent
from zope.lifecycleevent import ObjectModifiedEvent

from zope.fssync import markers
from zope.fssync import paths
from zope.fssync.blobs import part_of
from zope.fssync.changeset import NODE
from zope.fssync.changeset import Scope
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused
from zope.fssync.errors import SynchronizationError
from zope.fssync.errors import Withheld
from zope.fssync.interfaces import ICommit
from zope.fssync.interfaces import IDefaultSynchronizer
from zope.fssync.interfaces import INamedItems
from zope.fssync.interfaces import IPartMaker
from zope.fssync.interfaces import IRepository
from zope.fssync.interfaces import ITakesNames
from zope.fssync.limits import CALLBACK_PASSES
from zope.fssync.messages import _
from zope.fssync.metadata import can_hold
from zope.fssync.picklecontext import using
from zope.fssync.synchronizer import Extras
from zope.fssync.synchronizer import SynchronizableAnnotations
from zope.fssync.task.base import ObjectSynchronized
from zope.fssync.task.base import SyncTask
from zope.fssync.task.base import isdirectory
from zope.fssync.task.compare import describes
from zope.fssync.task.compare import equals
from zope.fssync.task.compare import is_retyped
from zope.fssync.task.compare import same_files
from zope.fssync.task.container import ItemContainer
from zope.fssync.task.container import LazyContainer
from zope.fssync.task.container import container_of
from zope.fssync.task.container import has_item
from zope.fssync.task.create import Creator
from zope.fssync.task.create import is_generated
from zope.fssync.task.moves import Moves
from zope.fssync.task.pickledblobs import PickledBlobs
from zope.fssync.task.pickledblobs import is_blob
from zope.fssync.task.walk import Pair
from zope.fssync.task.walk import forget
from zope.fssync.task.walk import pairs
from zope.fssync.task.withheld import is_any_touched
from zope.fssync.task.withheld import is_touched
from zope.fssync.task.withheld import refuse_hidden
from zope.fssync.task.withheld import refuse_loss
from zope.fssync.terminal import escape

__all__ = ["Commit", "CommitFailed"]

#: Takes the callable that `load` returned, which is called when all is loaded.
Callback = Callable[[Any], object]

#: Stands for an object that is not there: None may be a value of an annotation.
NOTHING = object()

#: What an entry has that tells how to make an object.
_MADE_BY = frozenset(("type", "factory"))


class CommitFailed(SynchronizationError):
    """Some objects cannot be brought to the state of the repository.

    ``failures`` are pairs of a path and the exception that happened there.
    """

    def __init__(self, failures: Iterable[tuple[str, Exception]]) -> None:
        self.failures = list(failures)
        super().__init__("\n".join(map(_line, self.failures)))


def _line(failure: tuple[str, Exception]) -> str:
    path, error = failure
    if isinstance(error, Error):
        reason = error.message
    else:
        reason = f"{type(error).__name__}: {error}"
    return f"{escape(path)}: {reason}"


@implementer(ICommit)
class Commit(SyncTask):
    """Creates, changes, replaces and removes objects.

    Failures are collected per path, and raised together as a `CommitFailed`.

    ``unchanged`` and ``settled`` are what `Check` found: paths of files that
    need not be compared again, and of those where nothing at all is to be done.

    With a ``scope`` the repository is an archive of changes: objects that it does
    not have stay as they are.  ``moves`` are the objects that are to be moved.

    `synchNew`, `synchOld`, `createObject`, `setItem` and `deleteItem` are steps of
    3.6.0: what a subclass overrides takes effect.
    """

    def __init__(
        self,
        getSynchronizer: Callable[..., Any],
        repository: IRepository,
        *,
        unchanged: Set[str] = frozenset(),
        settled: Set[str] = frozenset(),
        scope: Scope | None = None,
        moves: Moves | None = None,
        hooks: Any = None,
    ) -> None:
        super().__init__(getSynchronizer, repository, hooks=hooks)
        self.metadata = repository.getMetadata()
        self.fatal: tuple[type[BaseException], ...] = (MemoryError, *self.hooks.fatal)
        self.unchanged = unchanged
        self.settled = settled
        self.scope = scope
        self.moves = Moves() if moves is None else moves
        self._top: Any = None
        self.errors: list[tuple[str, Exception]] = []
        self._callbacks: list[tuple[str, Callable[[], Any]]] = []
        self._done: set[str] = set()
        self._changed: list[tuple[str, Any]] = []
        self._current: ItemContainer | None = None
        self._creator = Creator(self, self._add_callback)
        self._blobs = PickledBlobs(self)

    def perform(self, container: Any, name: str, fspath: str, obj: Any = None) -> None:
        """See `ICommit`."""
        try:
            self._perform(container, name, fspath, obj)
        except BaseException:
            self.hooks.doom()
            raise

    def _perform(self, container: Any, name: str, fspath: str, obj: Any) -> None:
        self.context = container
        self._top = obj
        self.errors = []
        self._callbacks = []
        self._done = set()
        lookup = partial(self.directory, container, fspath)
        if obj is not None:
            place: ItemContainer = LazyContainer(lookup, container, obj)
            self._commit_pair(place, Pair(name, fspath, name, True))
        elif name:
            place = ItemContainer(lookup(), container)
            present = has_item(place.synchronizer, name)
            self._top = place[name] if present else None
            self._commit_pair(place, Pair(name, fspath, name, present))
        else:
            self._top = container
            synchronizer = self.readable_container(container, fspath)
            self._guarded(fspath, self._commit_root, synchronizer, container, fspath)
        self._raise_errors()
        self._require_moved()
        self._call_back()
        self._check_changed()
        self._raise_errors()

    def _check_changed(self) -> None:
        """Have the hooks check the objects that were made or changed, now complete."""
        changed, self._changed = dict(self._changed), []
        for path, obj in changed.items():
            self._guarded(path, self.hooks.check, self.bare(obj), path)

    # Failures and callbacks

    def _guarded(self, path: str, function: Callable[..., Any], *args: Any) -> None:
        try:
            function(*args)
        except self.fatal:
            raise
        except Exception as error:
            self.errors.append((path, error))

    def _raise_errors(self) -> None:
        if self.errors:
            raise CommitFailed(self.errors)

    def _add_callback(self, path: str, callback: Any) -> None:
        if callback is not None:
            self._callbacks.append((path, callback))

    def _call_back(self) -> None:
        for _pass in range(CALLBACK_PASSES):
            callbacks, self._callbacks = self._callbacks, []
            for path, callback in callbacks:
                self._guarded(
                    path, lambda path, call: self._add_callback(path, call()),
                    path, callback,
                )  # fmt: skip
            if not self._callbacks:
                return
        raise SynchronizationError(
            _(
                "callbacks return callbacks after ${limit} passes: ${names}",
                mapping={
                    "limit": CALLBACK_PASSES,
                    "names": ", ".join((path for path, _ in self._callbacks)),
                },
            ),
        )

    # The steps of 3.6.0

    def synchNew(
        self, container: Any, name: Any, fspath: str, add_callback: Callback
    ) -> None:
        """Make the object ``name`` and all that belongs to it."""
        pair = Pair(str(name), fspath, name, False)
        self._commit_missing(self._place(container), pair)

    def synchOld(
        self, container: Any, name: Any, fspath: str, add_callback: Callback
    ) -> None:
        """Change, replace or remove the object ``name``, which is there."""
        pair = Pair(str(name), fspath, name, True)
        self._commit_present(self._place(container), pair)

    def createObject(
        self,
        container: Any,
        name: Any,
        entry: dict[str, str],
        fspath: str,
        add_callback: Callback,
        replace: bool = False,
    ) -> Any:
        """Make an object, load its file, put it into ``container``, return it."""
        owner = self._place(container).owner
        creator = self._creator.calling(add_callback)
        obj, added = creator.create(owner, name, entry, fspath)
        if not added:
            self.setItem(container, name, obj, replace)
        return obj

    def setItem(
        self, container: Any, key: Any, obj: Any, replace: bool = False
    ) -> None:
        """Put an object into a container, or in the place of another."""
        place = self._place(container)
        if replace:
            del place[key]
        elif place.changes is None and place.synchronizer is not container:
            notify(ObjectCreatedEvent(obj))
        place[key] = obj

    def deleteItem(self, container: Any, key: Any) -> None:
        """Take an object out of a container."""
        del self._place(container)[key]

    def _place(self, container: Any) -> ItemContainer:
        """Return where the items of a container are put, as its synchronizer says."""
        current = self._current
        if current is not None and current.owner is container:
            return current
        if isinstance(container, ItemContainer):
            return container
        synchronizer = self.lookup(container, context=None)
        return ItemContainer(
            synchronizer if isdirectory(synchronizer) else container, container
        )

    # One object

    def _commit_root(self, synchronizer: Any, obj: Any, path: str) -> None:
        entry = self.metadata.getentry(path)
        if isdirectory(synchronizer):
            self._commit_items(synchronizer, obj, path)
        if self._is_meant(path):
            self._finish(synchronizer, obj, path, entry, [])

    def _is_meant(self, path: str) -> bool:
        """Return whether the object itself is to be changed, not only items below."""
        return self.scope is None or (
            self.scope.covers(path) or self.scope.has(NODE, path)
        )

    def _commit_pair(self, place: ItemContainer, pair: Pair) -> None:
        if pair.path in self.settled or pair.path in self._done:
            return
        self.checkpoint()
        step = self.synchOld if pair.present else self.synchNew
        above, self._current = self._current, place
        add_callback = partial(self._add_callback, pair.path)
        try:
            self._guarded(
                pair.path, step, container_of(place), pair.key, pair.path, add_callback
            )
        finally:
            self._current = above
        # Check now: to do it at the end would hold every object in memory.
        if place.changes is None:
            self._check_changed()

    def _commit_missing(self, place: ItemContainer, pair: Pair) -> None:
        entry = self.metadata.getentry(pair.path)
        if not entry or pair.path in self.moves.away:
            return
        if pair.path in self.moves:
            _check_key(pair)
            self.moves.move(self, self._top, place, pair)
            self._commit_present(place, pair._replace(present=True))
            return
        if entry.get("flag") == "removed":
            # Only the synchronizer knows all items that it can remove.
            with suppress(KeyError):
                self.deleteItem(container_of(place), pair.key)
            return
        if place.changes is None:
            _check_key(pair)
            if INamedItems.providedBy(place.synchronizer):
                entry = {k: v for k, v in entry.items() if k not in _MADE_BY}
        elif _is_part(place, pair.key, entry):
            self._commit_part(place, pair, entry)
            return
        self._commit_new(place, pair, entry)

    def _commit_part(
        self, place: ItemContainer, pair: Pair, entry: dict[str, str]
    ) -> None:
        part = place.synchronizer.make(pair.key)
        synchronizer = self.required(part, place.owner, pair.path)
        changes = [ObjectSynchronized()]
        changes += self._creator.load(synchronizer.load, pair.path)
        self._finish(synchronizer, part, pair.path, entry, changes)
        place.note(pair.key, part)

    def _commit_present(self, place: ItemContainer, pair: Pair) -> None:
        path = pair.path
        entry = self.metadata.getentry(path)
        if not entry or path in self.moves.away:
            return
        if path in self.moves.sources:
            entry = {**entry, "flag": ""}
        obj = place[pair.key]
        synchronizer = self.lookup(obj, context=place.owner)
        if synchronizer is None:
            if is_any_touched(self, path, entry):
                raise Withheld(
                    _("you may not change ${path}", mapping={"path": escape(path)})
                )
            return
        if entry.get("flag") == "removed":
            refuse_hidden(self, synchronizer, obj, path)
            if place.changes is None:
                self.hooks.rely(obj, True)
            self.deleteItem(container_of(place), pair.key)
            return
        if is_retyped(synchronizer, self.class_of(self.bare(obj)), entry):
            refuse_hidden(self, synchronizer, obj, path)
            refuse_loss(self, synchronizer, obj, path)
            self.hooks.rely(obj, True)
            self._commit_new(place, pair, entry, replaced=obj)
        elif isdirectory(synchronizer):
            self._commit_items(synchronizer, obj, path)
            if self._is_meant(path):
                self._finish(synchronizer, obj, path, entry, [])
        elif not self._is_changed(synchronizer, path):
            self._finish(synchronizer, obj, path, entry, [])
        elif IDefaultSynchronizer.providedBy(synchronizer):
            self._commit_new(place, pair, entry, replaced=obj)
        else:
            changes = [ObjectSynchronized()]
            changes += self._creator.load(synchronizer.load, path)
            self._finish(synchronizer, obj, path, entry, changes)
            place.note(pair.key, obj)

    def _require_moved(self) -> None:
        """Refuse an archive with moves that were not made."""
        self.errors.extend(
            (path, SynchronizationError(_("it cannot be moved there")))
            for path in self.moves.left()
        )
        self._raise_errors()

    def _commit_new(
        self,
        place: ItemContainer,
        pair: Pair,
        entry: dict[str, str],
        replaced: Any = NOTHING,
    ) -> None:
        replace = replaced is not NOTHING
        kept = markers.direct(self.bare(replaced))
        if place.changes is None:
            self.hooks.rely(place.owner, False)
        source = self._blobs.source(place, pair, replaced, replace)
        with markers.keeping(kept), using(blob_source=source):
            obj = self.createObject(
                container_of(place), pair.key, entry, pair.path,
                partial(self._add_callback, pair.path), replace,
            )  # fmt: skip
        if not is_generated(entry):
            obj = place[pair.key]
        synchronizer = self.required(obj, place.owner, pair.path)
        if source is not None and source.given:
            self._blobs.check(place, pair, synchronizer, source)
        if isdirectory(synchronizer):
            self._commit_items(synchronizer, obj, pair.path)
        with markers.keeping(kept):
            modifications: list[Any] = [self._set_metadata(synchronizer, obj, entry)]
        if replace and place.changes is None:
            # New extras and annotations show in the event of their object.
            modifications.append(ObjectSynchronized())
        self._changed.append((pair.path, obj))
        self._finish(synchronizer, obj, pair.path, entry, modifications)

    def _commit_items(self, synchronizer: Any, obj: Any, path: str) -> None:
        place = ItemContainer(synchronizer, obj)
        partly = self.scope is not None and not self.scope.covers(path)
        found = pairs(synchronizer, path, self.metadata, self.repository, partly)
        gone = [pair for pair in found if self._is_removed(pair)]
        for pair in gone:
            self._commit_pair(place, pair)
        # Names are text; numbers that others chose may all have the same hash.
        keys = (pair.key for pair in found if not pair.present)
        new = {key for key in keys if isinstance(key, str)}
        if new and self._is_meant(path):
            self._free_names(synchronizer, obj, path, new)
        # Files first: directories may refer to them.
        for pair in sorted(found, key=self._directories_last):
            if not self._is_removed(pair):
                self._commit_pair(place, pair)
        forget(self.metadata, self.repository, path)

    def _is_removed(self, pair: Pair) -> bool:
        found: bool = self.metadata.getentry(pair.path).get("flag") == "removed"
        return found and pair.path not in self.moves.away

    def _directories_last(self, pair: Pair) -> bool:
        found: bool = self.repository.isdir(pair.path)
        return found

    def _free_names(
        self, synchronizer: Any, obj: Any, path: str, wanted: Set[str]
    ) -> None:
        """Commit the extras that take names which new items want."""
        where = self.special(path, paths.EXTRA)
        mapping = synchronizer.extras() if self.repository.isdir(where) else None
        below = self.lookup(mapping, context=obj) if mapping else None
        if below is None or not isdirectory(below):
            return
        place = ItemContainer(below, obj, _ExtraChanges())
        for pair in pairs(below, where, self.metadata, self.repository):
            part: Any = place[pair.key] if pair.present else None
            if ITakesNames.providedBy(part) and not wanted.isdisjoint(part.names()):
                self._commit_pair(place, pair)
                self._done.add(pair.path)

    def _finish(
        self,
        synchronizer: Any,
        obj: Any,
        path: str,
        entry: dict[str, str],
        modifications: list[Any],
    ) -> None:
        if not describes(entry, synchronizer):
            modifications.append(self._set_metadata(synchronizer, obj, entry))
        modifications += [
            self._commit_extras(synchronizer, obj, path),
            self._commit_annotations(synchronizer, obj, path),
        ]
        descriptions = list(_flat(modifications))
        if descriptions:
            self.hooks.rely(obj, False)
            self._changed.append((path, obj))
            notify(ObjectModifiedEvent(self.bare(obj), *descriptions))

    def _set_metadata(self, synchronizer: Any, obj: Any, entry: dict[str, str]) -> Any:
        if not entry.get("provides"):
            return synchronizer.setmetadata(entry)
        self.hooks.rely(obj, False)
        before = set(providedBy(obj).flattened())
        description = synchronizer.setmetadata(entry)
        for interface in set(providedBy(obj).flattened()) - before:
            self.hooks.protect(obj, "interface", interface)
        return description

    # Extras and annotations

    def _commit_extras(self, synchronizer: Any, obj: Any, path: str) -> Any:
        where = self.special(path, paths.EXTRA)
        if not self.repository.exists(where):
            return None
        changes = _ExtraChanges()
        extras = synchronizer.extras()
        with using(is_part=True, place=self.bare(obj)):
            value = self._commit_special(extras, obj, where, changes)
        if changes.removed:
            raise SynchronizationError(
                _(
                    "extras cannot be removed: ${names}",
                    mapping={"names": ", ".join(sorted(changes.removed))},
                )
            )
        return synchronizer.setextras(value) if value else None

    def _commit_annotations(self, synchronizer: Any, obj: Any, path: str) -> Any:
        where = self.special(path, paths.ANNOTATIONS)
        if not self.repository.exists(where):
            return None
        changes = SynchronizableAnnotations()
        annotations = synchronizer.annotations()
        with using(is_part=True, place=self.bare(obj)):
            value = self._commit_special(annotations, obj, where, changes)
        if value or changes.removed:
            for key in sorted({*value, *changes.removed}):
                self.hooks.protect(obj, "annotation", key)
            return synchronizer.setannotations(value)
        return None

    def _commit_special(self, mapping: Any, owner: Any, path: str, changes: Any) -> Any:
        """Return the mapping of what is to be set, empty if there is nothing."""
        if mapping is None:
            if is_touched(self, path, {}):
                raise SynchronizationError(_("the object cannot have such parts"))
            return changes
        synchronizer = self.lookup(mapping, context=owner)
        if synchronizer is None:
            if is_touched(self, path, {}):
                raise Withheld(
                    _("you may not change ${path}", mapping={"path": escape(path)})
                )
            return changes
        if isdirectory(synchronizer):
            place = ItemContainer(synchronizer, owner, changes)
            with self.in_parts(synchronizer):
                self._commit_parts(place, path)
            self.metadata.release(path)
            return changes
        if not self._is_changed(synchronizer, path):
            return changes
        if IDefaultSynchronizer.providedBy(synchronizer):
            return self._creator.unpickled(owner, path)
        self._creator.load(synchronizer.load, path)
        return mapping

    def _commit_parts(self, place: ItemContainer, path: str) -> None:
        for pair in pairs(place.synchronizer, path, self.metadata, self.repository):
            entry = self.metadata.getentry(pair.path)
            if not is_blob(entry) or part_of(str(pair.key)) is None:
                self._commit_pair(place, pair)
                continue
            # The pickle of a part may refer to another number of blobs by now.
            present = has_item(place.synchronizer, pair.key)
            if present or is_touched(self, pair.path, entry):
                self._commit_pair(place, pair._replace(present=present))

    # Changes

    def _is_changed(self, synchronizer: Any, path: str) -> bool:
        if path in self.unchanged:
            return False
        original = self.special(path, paths.ORIGINAL)
        if self.repository.exists(original) and same_files(
            self.repository, original, path
        ):
            # The check has found the object to equal the original.
            return False
        return not equals(self.repository, path, synchronizer)


class _ExtraChanges(Extras):
    """New values of extras, and the names of those to be removed."""

    removed: frozenset[str] = frozenset()


def _flat(modifications: Iterable[Any]) -> Iterator[Any]:
    """Iterate over descriptions; a setter returns one of them, a list or None."""
    for each in modifications:
        if isinstance(each, list):
            yield from each
        elif each is not None:
            yield each


def _is_part(place: ItemContainer, key: Any, entry: dict[str, str]) -> bool:
    """Return whether a part is made by its name, not by its entry."""
    synchronizer = place.synchronizer
    if entry.get("factory") or not IPartMaker.providedBy(synchronizer):
        return False
    return bool(synchronizer.makes(key)) or not entry.get("type")


def _check_key(pair: Pair) -> None:
    key = str(pair.key)
    if key in ("", ".", "..") or "/" in key or not can_hold(key):
        raise PathRefused(
            _(
                "${key} cannot be the name of an object",
                mapping={"key": escape(repr(pair.key))},
            )
        )
