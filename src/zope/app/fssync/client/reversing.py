"""Reverse merge: undo changes on the server, as local changes.

The changes that a transaction made to these objects are reverted by a three-way merge
into the working copy, to be reviewed and committed.  The undo of the ZODB is not used:
it fails if a record was changed again, and a record may have several objects, so that
it would revert other changes, or fail because of them.
"""

from __future__ import annotations

from contextlib import ExitStack
from os.path import basename
from os.path import dirname
from os.path import join

from zope.app.fssync.client.adding import basicadd
from zope.app.fssync.client.adding import register
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.history import fetch_old
from zope.app.fssync.client.info import info
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.movedsince import moved_by
from zope.app.fssync.client.movedsince import moved_since
from zope.app.fssync.client.moving import move
from zope.app.fssync.client.removing import remove
from zope.app.fssync.client.response import find
from zope.app.fssync.client.response import only_name
from zope.app.fssync.client.reverting import revert
from zope.app.fssync.client.revisiondiff import old_side
from zope.app.fssync.client.revisions import NEWEST
from zope.app.fssync.client.revisions import before
from zope.app.fssync.client.revisions import transaction_of
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.status import status
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.mergesource import TreeSource
from zope.fssync.report import Change
from zope.fssync.reversemerge import KEPT
from zope.fssync.reversemerge import Back
from zope.fssync.reversemerge import Later
from zope.fssync.reversemerge import ReverseMerge
from zope.fssync.reversemerge import Step
from zope.fssync.reversemerge import steps
from zope.fssync.reversemerge import ways
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side
from zope.fssync.sides import is_same
from zope.fssync.terminal import escape

__all__ = ["CopyMerge", "check_unchanged", "revert_to", "undo_transaction"]

#: The changes that a commit would send, or refuse.
_LOCAL = frozenset(
    (
        *(report.ADDED, report.MODIFIED, report.REMOVED, report.MOVED),
        *(report.CONFLICT, report.MISSING, report.OTHER),
    )
)


def undo_transaction(
    session: ChangingSession, network: Network, target: str, revision: str
) -> Logged:
    """Undo the changes of a transaction in ``target`` and below it.

    A ``revision`` that is not an id stands for the last such transaction until then.
    Returns the transaction, with its ``origin`` if that stays; conflicts are in
    ``session.conflicts``.  ``session.later`` has the paths for which this has to be
    repeated after a commit: an object cannot take a path that another one leaves in the
    same commit.
    """
    target = session.single(target)
    logged = transaction_of(network, target, revision)
    if logged is None:
        raise Error(
            f"transaction '{escape(revision)}' changed nothing in '{escape(target)}' "
            "that you may see",
            path=target,
            advice="'zsync log' shows the transactions that did.",
        )
    if logged.count > len(logged.changes):
        raise LimitExceeded(
            f"transaction {logged.id} changed {logged.count} objects",
            advice="Take it back by parts: 'zsync undo PATH -r REV'.",
        )
    is_moved_back = _Undo(session, network, target, logged)()
    session.conflicts.extend(session.fsmerger.conflicts)
    return logged._replace(origin="") if is_moved_back else logged


def revert_to(
    session: ChangingSession, network: Network, target: str, revision: str
) -> None:
    """Revert ``target`` to an old state, as local changes.

    All changes since that state, up to the received one, are undone.
    """
    target = session.single(target)
    with ExitStack() as stack:
        base = old_side(stack, network, target, "BASE")
        other = old_side(stack, network, target, revision)
        _Revert(session, revision).merge(base, other, fsutil.located(target), True)
    session.conflicts.extend(session.fsmerger.conflicts)


def check_unchanged(target: str) -> None:
    """Refuse a target with local changes, which a commit would send as well."""
    changes: list[str] = []
    session = reading(target, changes.append)
    status(session, session.single(target), verbose=False)
    for change in changes:
        if isinstance(change, Change) and change.action in _LOCAL:
            raise Error(
                f"'{escape(change.path)}' has local changes, which would be committed "
                "as well",
                path=change.path,
                advice="Commit or revert them first, or leave out --server.",
            )


class _Undo:
    """Undo one transaction."""

    def __init__(
        self, session: ChangingSession, network: Network, top: str, logged: Logged
    ) -> None:
        self._session = session
        self._network = network
        self._logged = logged
        self._top = fsutil.located(top)
        self._server_path = find(network, top)
        self._reverse = CopyMerge(session, f"before {logged.id}")
        #: Where objects went since, up to what was received.
        self._since = _moved(network, top, logged.id)
        #: The moves to undo, by the old paths.
        self._pending: dict[str, Back] = {}

    def __call__(self) -> bool:
        """Do all steps except those that need a second commit, the moves last.

        Return whether a move of the object itself was undone.
        """
        found = list(steps(self._logged.changes))
        origin = self._origin()
        for step in found:
            if isinstance(step, Back) and self._is_still(step):
                self._pending[step.place] = step
        later = Later(self._pending.values())
        waiting, moves = [], []
        for step in found:
            if step in later:
                waiting.append(step)
            elif isinstance(step, Step):
                self._merge(step)
            elif step.place in self._pending:
                moves.append(step)
            elif not self._is_here(step.place):
                self._reverse.conflict(self._place(step.place))
        if waiting and not moves:
            raise self._exchanged(waiting[0])
        waiting += self._move_back(moves)
        self._session.later.extend(self._place(step.place) for step in waiting)
        if origin is not None:
            self._move(self._top, origin)
        return origin is not None

    def _origin(self) -> str | None:
        """Return the local path that the object itself had, None if that is elsewhere.

        With a change of its own it was moved itself, else only its containers.
        """
        if not self._logged.origin or all(path for _, path, *_ in self._logged.changes):
            return None
        above, _, name = self._logged.origin.rpartition("/")
        place = self._top
        for key in above.split("/"):
            if place == self._session.root:
                return None
            place = dirname(place) if key == ".." else self._local(key, place)
        if not self._reverse.is_here(place):
            return None
        return self._local(name, place)

    def _exchanged(self, step: Step | Back) -> Error:
        return Error(
            f"{self._logged.id} cannot be taken back: it exchanged the places of "
            "objects",
            path=self._place(step.place),
            advice="Move them back with 'zsync move', by way of another name, and "
            "commit after each step.",
        )

    def _is_here(self, path: str) -> bool:
        return self._reverse.is_here(self._place(path))

    def _is_still(self, step: Back) -> bool:
        """Return whether a moved object is where the transaction moved it."""
        return step.after not in self._since and self._is_here(step.after)

    def _now(self, path: str) -> str:
        """Return the present path of an object, before anything is moved back."""
        for above in (path, *ways(path)):
            if above in self._pending:
                return f"{self._pending[above].after}{path[len(above) :]}"
        return path

    def _target(self, step: Back) -> str:
        """Return the target of a move, in containers that are not moved yet."""
        above, _, name = step.place.rpartition("/")
        return f"{self._now(above)}/{name}".lstrip("/")

    def _move_back(self, moves: list[Back]) -> list[Back]:
        """Move objects back, containers after their items; return those left."""
        left: list[Back] = []
        while moves:
            step = max(moves, key=lambda each: self._is_free(each, moves))
            moves = [each for each in moves if each is not step]
            self._move(self._place(step.after), self._place(self._target(step)))
            into = [each for each in moves if _is_in(self._target(each), step.after)]
            left += into
            moves = [each for each in moves if each not in into]
        return left

    def _move(self, path: str, place: str) -> None:
        if self._reverse.is_here(place):
            self._reverse.conflict(place, report.IN_THE_WAY)
        else:
            move(self._session, [path], place)

    def _is_free(self, step: Back, moves: list[Back]) -> tuple[bool, int]:
        """Return True if no other move goes into it or out of it: deepest go first."""
        is_free = not any(
            _is_in(path, step.after)
            for each in moves
            if each is not step
            for path in (each.after, self._target(each))
        )
        return is_free, step.after.count("/")

    def _merge(self, step: Step) -> None:
        """Merge the states after and before the transaction into the current one.

        An object that was added or removed is merged with all its items.
        """
        after, earlier, path, left_out = step
        if after is None:
            local = self._place(self._now(path))
        else:
            local = self._local(moved_by(after, self._since))
            if not self._reverse.is_here(local):
                local = self._place(path)
        deep = after is None or earlier is None
        times = (self._logged.id, before(self._logged.id))
        with ExitStack() as stack:
            sides = [
                ABSENT if place is None else self._side(stack, place, at, deep)
                for place, at in zip((after, earlier), times, strict=True)
            ]
            base, other = (side._replace(left_out=left_out) for side in sides)
            self._reverse.merge(base, other, local, deep)

    def _side(self, stack: ExitStack, path: str, at: str, deep: bool) -> Side:
        place = (self._server_path, path)
        fetched = fetch_old(self._network, place, at, shallow=not deep)
        archive = stack.enter_context(fetched).archive
        return Side(ArchiveSource(archive), only_name(archive, basename(path)))

    def _place(self, path: str) -> str:
        """Return the local path for one of that time, in containers moved since."""
        above, slash, name = path.rpartition("/")
        return self._local(f"{moved_by(above, self._since)}{slash}{name}")

    def _local(self, path: str, top: str | None = None) -> str:
        """Return the local path for a path on the server, below ``top``."""
        local = self._top if top is None else top
        for key in filter(None, path.split("/")):
            manager = self._session.metadata.getmanager(local)
            name = manager.name_of(key) or paths.portable_name(key)
            local = join(local, name)
        return local


def _moved(network: Network, top: str, since: str) -> dict[str, str]:
    """Return the moves below ``top`` that it has received since a transaction."""
    received = info(None, top).get("transaction", NEWEST)
    return moved_since(network, top, since, received) if received > since else {}


def _is_in(path: str, above: str) -> bool:
    return path.startswith(f"{above}/")


class CopyMerge(ReverseMerge):
    """A reverse merge into a working copy."""

    def __init__(self, session: ChangingSession, label: str) -> None:
        super().__init__(label)
        self._session = session
        self._files = session.files
        self._metadata = session.metadata

    def is_here(self, path: str) -> bool:
        """See `ReverseMerge`, as for the other methods."""
        entry = self._metadata.getentry(path)
        return bool(entry) and entry.get("flag") != "removed"

    def here(self, path: str) -> Side:
        """Return the side that the working copy has."""
        return Side(TreeSource(self._metadata, self._files), path, False)

    def content(self, path: str) -> bytes:
        """Return the content of a file, empty if it does not exist."""
        if not self._files.isfile(path):
            return b""
        with self._files.open(path) as stream:
            found: bytes = stream.read()
        return found

    def below(self, path: str, key: str) -> str:
        """Return the path of the file of an item, or of a new one."""
        name = self._metadata.getmanager(path).name_of(key)
        return join(path, name or paths.portable_name(key))

    def part(self, path: str, what: str, name: str) -> str:
        """Return the path of a part in the control data."""
        return join(fsutil.getspecial(path, what), name)

    def write(self, path: str, content: bytes) -> None:
        """Write the file."""
        self._files.write(path, [content])

    def remove(self, path: str) -> None:
        """Register the removal."""
        remove(self._session, path, force=True)

    def restore(self, other: Side, path: str) -> None:
        """Register a removed object again, with all its parts."""
        entry = self._metadata.getentry(path)
        if entry.get("flag") == "removed":
            revert(self._session, path)
            return
        if entry or self._files.exists(path):
            if not (entry and is_same(other, self.here(path))):
                self.conflict(path, report.IN_THE_WAY)
            return
        self._bring_back(other, path)

    def add_part(self, other: Side, path: str) -> bool:
        """Register a new part, or a removed one again."""
        entry = self._metadata.getentry(path)
        if entry.get("flag") == "removed":
            del entry["flag"]
        elif entry or self._files.exists(path):
            return self.merge_content(ABSENT, other, path)
        self._files.mkdir(fsutil.split(path)[0])
        self._files.write(path, [other.content()])
        if not entry:
            said = other.entry
            factory = said.get("factory")
            basicadd(self._session, path, said.get("type"), factory)
        return True

    def changed(self, path: str) -> None:
        """Report a change."""
        self._session.reporter(Change(report.MODIFIED, path, "M"))

    def conflict(self, path: str, detail: str | None = None) -> None:
        """Mark the entry as in conflict."""
        entry = self._metadata.getentry(path)
        if entry:
            entry["conflict"] = "yes"
        self._session.fsmerger.report.conflict(path, detail)

    def _bring_back(self, other: Side, local: str) -> None:
        said = other.entry
        if other.kind == "dir":
            self._files.mkdir(local)
        else:
            self._files.write(local, [other.content()])
        register(self._session, local, said.get("type"), said.get("factory"))
        entry = self._metadata.getentry(local)
        entry.update({name: said[name] for name in KEPT if name in said})
        key = said.get("key", basename(other.path or local))
        if key != basename(local):
            entry["key"] = key
        for what in (paths.EXTRA, paths.ANNOTATIONS):
            for name, part in sorted(other.special(what).children().items()):
                self.add_part(part, join(fsutil.getspecial(local, what), name))
        for name, child in sorted(other.children().items()):
            self._bring_back(child, join(local, paths.portable_name(name)))


class _Revert(CopyMerge):
    """A reverse merge of all that there was; what is left out here stays so."""

    def restore(self, other: Side, path: str) -> None:
        """See `ReverseMerge`."""
        if not self._session.left_out.leaves_out(path, other.kind == "dir"):
            super().restore(other, path)
