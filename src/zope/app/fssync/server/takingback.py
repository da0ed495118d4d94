"""Plan the undo of a transaction as changes of the current objects.

The difference between the state after the transaction and the one before it is merged
into the current state.  Later changes are kept.  If one is in conflict, or a part of
the transaction cannot be undone, nothing is changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import ExitStack
from types import MappingProxyType
from typing import IO
from typing import NamedTuple

from zope.app.fssync.server.archivemerge import CONFLICT
from zope.app.fssync.server.archivemerge import IN_THE_WAY
from zope.app.fssync.server.archivemerge import NO_FOLDER
from zope.app.fssync.server.archivemerge import ArchiveMerge
from zope.app.fssync.server.changes.logentry import Change
from zope.app.fssync.server.editedarchive import EditedArchive
from zope.app.fssync.server.movedarchive import Move
from zope.app.fssync.server.movedarchive import moved
from zope.app.fssync.server.oldstate import NAME
from zope.app.fssync.server.oldstate import OldState
from zope.app.fssync.server.plainfiles import DIRECTORY
from zope.app.fssync.server.plainfiles import PlainFile
from zope.app.fssync.server.plainfiles import plain_files
from zope.app.fssync.server.uploadplan import ADDED
from zope.app.fssync.server.uploadplan import CHANGED
from zope.app.fssync.server.uploadplan import MOVED
from zope.app.fssync.server.uploadplan import REMOVED
from zope.app.fssync.server.uploadplan import Edit
from zope.fssync import paths
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import SERVER
from zope.fssync.limits import ServerLimits
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.messages import _
from zope.fssync.repository import SnarfRepository
from zope.fssync.reversemerge import Back
from zope.fssync.reversemerge import Later
from zope.fssync.reversemerge import ReverseMerge
from zope.fssync.reversemerge import Step
from zope.fssync.reversemerge import steps
from zope.fssync.reversemerge import ways
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side
from zope.fssync.sides import special
from zope.fssync.sparse import EMPTY
from zope.fssync.sparse import INFINITY
from zope.fssync.sparse import Sparse

__all__ = ["ALL", "Rest", "TakingBack", "concerned"]

#: Called with a path below the object, True for the state after the transaction (else
#: the one before it), and True to include all below it.
Read = Callable[[str, bool, bool], AbstractContextManager[OldState | None]]

#: The reasons why an object is not taken back.
_NOT_READABLE = _("you may not read all of it as it was, or it was elsewhere")
_TOP = _("this is the object itself: take it back in the folder that it is in")


class Rest(NamedTuple):
    """The rest of an undo, after earlier commits of the same transaction.

    ``steps`` are those left, None for all.  ``away`` maps paths of objects after the
    transaction to the paths to which they were moved, out of the way of others.
    """

    steps: Sequence[Step | Back] | None = None
    away: Mapping[str, str] = MappingProxyType({})


ALL = Rest()


class TakingBack:
    """The changes of the archive ``mine`` that undo a transaction.

    ``refused`` are pairs of a name and a reason.  ``next`` are the steps that have to
    wait, since their objects come to places that others leave; None if there are none.
    Use it as a context manager, which closes its temporary files.
    """

    def __init__(
        self,
        mine: SnarfRepository,
        changes: Sequence[Change],
        read: Read,
        label: str,
        limits: ServerLimits = SERVER,
        rest: Rest = ALL,
    ) -> None:
        self._read = read
        #: The limit of an upload: the files are in memory while they are merged.
        self._most = self._room = limits.uploaded_size
        self._files = ExitStack()
        self.refused: list[tuple[str, str]] = []
        (self._top,) = ArchiveSource(mine).getnames("")
        self.edits: list[Edit] = []
        self._away = rest.away
        self.next: Rest | None = None
        #: The steps that are skipped: they are refused, or have to wait.
        self._skipped: set[Step | Back] = set()
        found = rest.steps
        if found is None:
            found = list(steps([_letter_and_paths(each) for each in changes]))
        self._edited = self._moved_back(EditedArchive(mine), mine, found)
        self._merge = ArchiveMerge(self._edited, label, self.refused)
        # The states before and after the merge, which `_edits` compares.
        base = self._files.enter_context(self._edited.result())
        for step in found:
            if isinstance(step, Step) and step not in self._skipped:
                self._merge_step(step)
        self._results = base, self._files.enter_context(self._edited.result())
        self.edits += self._edits()

    def __enter__(self) -> TakingBack:
        return self

    def __exit__(self, *error: object) -> None:
        self._files.close()

    def archive(self) -> IO[bytes]:
        """Return a temporary file with the archive for a commit."""
        return self._edited.for_commit(partial=True)

    def _refuse(self, path: str, reason: str) -> None:
        self.refused.append((f"{self._top}/{path}".rstrip("/"), reason))

    def _moved_back(
        self, edited: EditedArchive, mine: SnarfRepository, found: Sequence[Step | Back]
    ) -> EditedArchive:
        """Return the archive with the objects moved back to their old paths."""
        merge = ArchiveMerge(edited, "", [])
        old = {
            step: self._place(merge, self._now(step.after))
            for step in found
            if isinstance(step, Back)
        }
        pending = [step for step in old if merge.is_here(old[step])]
        gone = [
            step.place
            for step in found
            if isinstance(step, Step) and step.before is None
        ]
        later = Later(
            (
                step._replace(leaves=self._away.get(step.after, step.leaves))
                for step in pending
            ),
            gone,
        )
        earlier = _Earlier(merge, self._top)
        waiting = []
        for step in found:
            if step in later:
                waiting.append(step)
            elif isinstance(step, Step):
                if step.after is None:
                    earlier.coming.add(step.place)
            elif step in pending:
                reason = earlier.move(old[step], step.place)
                if reason is not None:
                    self._refuse_step(step, reason)
            elif not earlier.is_here(step.place):
                self._refuse_step(step, CONFLICT)
        self._skipped.update(waiting)
        if waiting and not self.refused:
            moves = earlier.moves or not self._skipped.issuperset(found)
            away = {} if moves else self._clear(earlier, merge, waiting, old)
            self.next = Rest(waiting, {**self._away, **away})
        self.edits += [
            Edit(MOVED, f"{move.old} -> {move.new}") for move in earlier.moves
        ]
        if not earlier.moves:
            return edited
        stream = tempfile.TemporaryFile()  # noqa: SIM115
        self._files.enter_context(stream)
        directories = moved(mine, earlier.moves, stream)
        result = EditedArchive(SnarfRepository(stream))
        for directory in directories:
            # Read them now: the result is compared without marks.
            result.entries(directory)
        return result

    def _refuse_step(self, step: Step | Back, reason: str) -> None:
        self._refuse(step.place if step.after is None else step.after, reason)
        self._skipped.add(step)

    def _clear(
        self,
        earlier: _Earlier,
        merge: ArchiveMerge,
        waiting: Iterable[Step | Back],
        old: Mapping[Back, str],
    ) -> dict[str, str]:
        """Move one of the objects out of the way that wait for each other's places.

        Return its path after the transaction, and the new one.
        """
        step = next(
            each
            for each in waiting
            if isinstance(each, Back) and each.after not in self._away
        )
        above, slash, name = self._now(step.after).rpartition("/")
        there = self._place(merge, above)
        number = 1
        while merge.is_here(merge.below(there, f"{name}.{number}")):
            number += 1
        free = f"{above}{slash}{name}.{number}"
        earlier.put(old[step], free, f"{there}/{name}.{number}")
        return {step.after: free}

    def _now(self, path: str) -> str:
        """Return the path of an object that may be out of the way."""
        for above in (path, *ways(path)):
            if above in self._away:
                return f"{self._away[above]}{path[len(above) :]}"
        return path

    def _merge_step(self, step: Step) -> None:
        after, earlier, path, left_out = step
        deep = after is None or earlier is None
        if deep and not path:
            self._refuse(path, _TOP)
            return
        place = self._place(self._merge, path)
        source = self._edited.source
        self._spend(source.archive, _belonging(source, place, deep))
        with ExitStack() as stack:
            sides = []
            for where, is_after in ((after, True), (earlier, False)):
                if where is None:
                    sides.append(ABSENT)
                    continue
                found = stack.enter_context(self._read(where, is_after, deep))
                # A restored object has to be complete.  Of a changed one the withheld
                # parts stay as they are.
                if found is None or (after is None and not found.is_whole):
                    self._refuse(path, _NOT_READABLE)
                    return
                self._spend(found.archive, found.archive.iterPaths())
                sides.append(
                    Side(ArchiveSource(found.archive), NAME, left_out=left_out)
                )
            base, other = sides
            self._merge.merge(base, other, place, deep)
            if not deep and self._merge.is_here(place):
                self._merge.merge_entry(base, other, place)

    def _spend(self, archive: SnarfRepository, found: Iterable[str]) -> None:
        """Count the bytes of files that are to be merged."""
        self._room -= sum(archive.size(path) for path in found if archive.isfile(path))
        if self._room < 0:
            raise LimitExceeded(
                _(
                    "the files that changed have more than ${size} bytes",
                    mapping={"size": self._most},
                ),
                advice=_("Take it back with 'zsync undo'."),
            )

    def _place(self, merge: ReverseMerge, path: str) -> str:
        """Return the path in the archive for a path on the server."""
        place = self._top
        for key in filter(None, path.split("/")):
            place = merge.below(place, key)
        return place

    def _edits(self) -> Iterator[Edit]:
        old, new = (
            {file.name: file for file in plain_files(SnarfRepository(each))}
            for each in self._results
        )
        for name in sorted(old.keys() | new.keys()):
            edit = self._edit(name.rstrip("/"), old.get(name), new.get(name))
            if edit is not None:
                yield edit

    def _edit(
        self, name: str, old: PlainFile | None, new: PlainFile | None
    ) -> Edit | None:
        if old is None:
            return Edit(ADDED, name, None, _shown(new))
        if new is None:
            return Edit(REMOVED, name, _shown(old))
        if old.path and not self._edited.is_written(old.path):
            return None
        if b"".join(old.pieces()) == b"".join(new.pieces()):
            return None
        return Edit(CHANGED, name, old, new)


def concerned(changes: Iterable[Change], rest: Rest = ALL) -> Sparse:
    """Return the parts of an object that are needed to take changes of it back."""
    whole = {tuple(path.split("/")) for path in rest.away.values()}
    places = {keys[:number] for keys in whole for number in range(len(keys) + 1)}
    for change in changes:
        for each in (change.keys, change.before):
            if each is not None:
                keys = tuple(map(str, each))
                places.update(keys[:number] for number in range(len(keys) + 1))
                if change.letter != "M":
                    whole.add(keys)
    sparse = Sparse()
    for keys in sorted(places):
        sparse.set(keys, INFINITY if keys in whole else EMPTY)
    return sparse


def _belonging(source: ArchiveSource, path: str, deep: bool) -> Iterator[str]:
    """Yield the paths of an object, of its parts, and if ``deep`` of all below it."""
    yield path
    places = [special(path, what, True) for what in (paths.EXTRA, paths.ANNOTATIONS)]
    for place in places:
        yield from (f"{place}/{name}" for name in source.getnames(place))
    if deep and source.kind(path) == "dir":
        found = source.archive.iterPaths()
        yield from (each for each in found if each.startswith(f"{path}/"))


def _letter_and_paths(change: Change) -> tuple[str, ...]:
    """Return the letter and the paths of a change."""
    keys = (change.keys, *([change.before] if change.before else []))
    return (change.letter, *("/".join(map(str, each)) for each in keys))


class _Earlier:
    """Find the old paths of objects in the archive of the current state.

    Paths are those on the server before the transaction.  ``coming`` are the paths of
    the objects that are restored.
    """

    def __init__(self, merge: ArchiveMerge, top: str) -> None:
        self._merge = merge
        self._top = top
        self.coming: set[str] = set()
        self._moves: dict[str, Move] = {}

    @property
    def moves(self) -> list[Move]:
        """The moves so far."""
        return list(self._moves.values())

    def is_here(self, path: str) -> bool:
        """Return True if an object is at its old path already."""
        return self._merge.is_here(self._places(path)[0])

    def move(self, old: str, path: str) -> str | None:
        """Move an object back; return a reason if that is not possible."""
        above, _, key = path.rpartition("/")
        now, then = self._places(above)
        comes = any(each in self.coming for each in (above, *ways(above)))
        if not (comes or self._merge.is_folder(now)):
            return NO_FOLDER
        place = self._merge.below(now, key)
        if self._merge.is_here(place):
            return IN_THE_WAY
        name = place.rpartition("/")[2]
        self._moves[path] = Move(old, f"{then}/{name}", key)
        return None

    def put(self, old: str, path: str, new: str) -> None:
        """Move an object out of the way, to a path that is free."""
        self._moves[path] = Move(old, new, path.rpartition("/")[2])

    def _places(self, path: str) -> tuple[str, str]:
        """Return the path of an object now, and its path after all moves."""
        now = then = self._top
        keys = [each for each in path.split("/") if each]
        for number, key in enumerate(keys, 1):
            move = self._moves.get("/".join(keys[:number]))
            if move is not None:
                now, then = move.old, move.new
            else:
                now = self._merge.below(now, key)
                then = f"{then}/{now.rpartition('/')[2]}"
        return now, then


def _shown(file: PlainFile | None) -> PlainFile | None:
    return None if file is None or file.kind == DIRECTORY else file
