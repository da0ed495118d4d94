"""Watch: commit saved files, and update from the server.

The rules are those of commit and update.  Objects in conflict, or refused by the
server, are skipped until they are resolved or changed; all others are synchronized.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import suppress
from os.path import join
from time import monotonic
from typing import TYPE_CHECKING
from typing import NamedTuple

from zope.app.fssync.client.fileevents import is_of_an_editor
from zope.app.fssync.client.fileevents import is_probe
from zope.app.fssync.client.renames import likely_moves
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.status import status
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import paths as names
from zope.fssync import report
from zope.fssync.errors import Error
from zope.fssync.errors import Locked
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import ProxyFailed
from zope.fssync.errors import ServerUnreachable
from zope.fssync.files import Tree
from zope.fssync.files import signature_at
from zope.fssync.limits import MERGE_ATTEMPTS
from zope.fssync.limits import WATCH_DELETIONS
from zope.fssync.limits import WATCH_QUIET
from zope.fssync.report import Change
from zope.fssync.report import owner_and_part

if TYPE_CHECKING:
    from zope.app.fssync.client.api import FSSync

__all__ = ["TRANSIENT", "Rules", "Watch"]

#: Errors to retry after: the server is not reachable, another command is running.
TRANSIENT = (Locked, ProxyFailed, ServerUnreachable)

_SENT = (report.ADDED, report.MODIFIED, report.REMOVED, report.MOVED)


class Rules(NamedTuple):
    """The settings of a watch: the directions, and the seconds of quiet after a save.

    If more than ``deletions`` files disappear at once, the user has to confirm that;
    ``can_ask`` is True if there is a user to ask.
    """

    pull: bool = True
    push: bool = True
    quiet: float = WATCH_QUIET
    deletions: int = WATCH_DELETIONS
    can_ask: bool = False
    note: str = "fssync_watch"


class Watch:
    """Synchronize a working copy with its server, whenever one of them changes.

    ``tell`` is called with a word for JSON, a message, and a path; ``begin`` with True
    before a commit, with False before an update.
    """

    def __init__(
        self,
        fs: FSSync,
        target: str,
        rules: Rules,
        tell: Callable[[str, str, str | None], object],
        begin: Callable[[bool], object] = lambda committing: None,
    ) -> None:
        self.fs = fs
        self._begin = begin
        self.target = target
        self.rules = rules
        self.root = WorkingCopy.find(target).root
        self._tell = tell
        #: The last transaction that was received.
        self.received: str | None = None
        #: The objects that are skipped since they are in conflict.
        self.conflicts: set[str] = set()
        #: The objects that the server refused, with the signatures of their files.
        self._refused: dict[str, object] = {}
        #: True if there is a file with which an editor tests the directory.
        self._has_probes = False
        #: The times since when files are missing.
        self._missing: dict[str, float] = {}
        #: The missing files that the user is asked about.
        self.asked: list[str] = []
        #: The question about deletions by an update.
        self._asked_pull = ""
        #: True if the user has agreed to removals on the server, to deletions here.
        self._may_remove = self._may_delete = False
        #: The missing files that stay on the server.
        self._kept: set[str] = set()

    def push(self) -> float | None:
        """Commit changes; return the seconds until the next call, None if unknown."""
        changes = self._changes()
        self._note_conflicts(changes)
        new = [
            each.path.rstrip("/")
            for each in changes
            if each.action == report.UNREGISTERED
        ]
        gone = [each.path for each in changes if each.action == report.MISSING]
        self._register(new, gone)
        self._send(self._to_send())
        return self._next_look()

    def _changes(self) -> list[Change]:
        lines: list[str] = []
        session = reading(self.target, lines.append)
        for path in session.registered(self.target):
            status(session, path, verbose=False)
        return [each for each in lines if isinstance(each, Change)]

    def _note_conflicts(self, changes: Iterable[Change]) -> None:
        found = {
            owner_and_part(each.path)[0]
            for each in changes
            if each.action == report.CONFLICT
        }
        for path in sorted(found - self.conflicts):
            self._tell(
                "paused",
                "in conflict: it waits until 'zsync resolve', everything else goes on",
                path,
            )
        for path in sorted(self.conflicts - found):
            self._tell("resumed", "the conflict is resolved", path)
        self.conflicts = found

    def _register(self, new: list[str], gone: list[str]) -> None:
        """Register files that were created, moved and deleted without zsync."""
        self._has_probes = False
        new = [each for each in new if self._is_content(each)]
        moved = self._move(gone, new)
        # Register new folders before the files that were moved into them.
        inside = [
            path for each in new if each not in moved for path in self._all_of(each)
        ]
        folders = [each for each in inside if Tree().isdir(each)]
        files = [each for each in inside if each not in folders]
        if folders:
            self.fs.each(folders, self.fs.add)
            gone = [each for each in gone if each not in moved]
            moved |= self._move(gone, files)
        added = [each for each in files if each not in moved]
        if added:
            self.fs.each(added, self.fs.add)
        self._remove([each for each in gone if each not in moved])

    def _move(self, gone: list[str], new: list[str]) -> set[str]:
        """Register moves made without zsync; return the old and new paths."""
        moved: set[str] = set()
        if not (gone and new):
            return moved
        for old, path in list(likely_moves(reading(self.root), gone, new)):
            with suppress(Error):
                # An object that cannot be moved is removed and created again.
                self.fs.move([old], path, after=True)
                moved |= {old, path}
        return moved

    def _all_of(self, path: str) -> Iterator[str]:
        """Yield a new path and all below it, without ignored ones."""
        session = reading(path)
        yield path
        if not session.files.isdir(path):
            return
        for name in session.files.listdir(path):
            inside = join(path, name)
            kind = session.files.kind(inside)
            if names.is_control(name) or kind not in ("dir", "file"):
                continue
            if self._is_content(inside) and not session.ignores(inside, kind == "dir"):
                yield from self._all_of(inside)

    def _is_content(self, path: str) -> bool:
        """Return True unless a new file is a temporary one of an editor."""
        if is_probe(path):
            self._has_probes = True
            return False
        return not is_of_an_editor(os.path.basename(path))

    def _remove(self, gone: list[str]) -> None:
        """Register missing files for removal, or ask about them.

        It waits for a while, since some editors remove a file before they write it.
        """
        now = monotonic()
        self._missing = {each: self._missing.get(each, now) for each in gone}
        self._kept &= set(gone)
        lasting = [
            path
            for path, since in self._missing.items()
            if now - since >= 3 * self.rules.quiet and path not in self._kept
        ]
        if len(lasting) > self.rules.deletions and not self._may_remove:
            self._ask_about(lasting)
            return
        self.asked, self._may_remove = [], False
        if lasting:
            self.fs.each(lasting, self.fs.remove)
        for path in lasting:
            del self._missing[path]

    def _ask_about(self, lasting: list[str]) -> None:
        if set(lasting) == set(self.asked):
            return
        self.asked = lasting
        count = f"{len(lasting)} files are gone here, '{lasting[0]}' for one"
        if self.rules.can_ask:
            question = f"{count}. Remove them on the server, too? Type yes or no."
            self._tell("question", question, lasting[0])
        else:
            self._tell(
                "kept",
                f"{count}: they stay on the server, and are brought back. 'zsync "
                "remove' removes them there.",
                lasting[0],
            )
            self._kept |= set(lasting)

    def _to_send(self) -> list[str]:
        """Return the objects with registered changes that are not skipped."""
        found: dict[str, None] = {}
        for each in self._changes():
            if each.action in _SENT:
                found.setdefault(owner_and_part(each.path)[0].rstrip("/"))
        for path in list(self._refused):
            if self._refused[path] != signature_at(path):
                del self._refused[path]
        waiting = {*self.conflicts, *self._refused, *self._missing}
        return [
            path
            for path in found
            if path not in waiting
            and not any(each.startswith(join(path, "")) for each in waiting)
        ]

    def _send(self, paths: list[str]) -> None:
        for _ in range(MERGE_ATTEMPTS):
            if not paths:
                return
            try:
                self._begin(True)
                self.fs.commit_all(paths, self.rules.note)
            except OutOfDate as error:
                if not self.rules.pull:
                    self._refuse(paths, error)
                    return
                self.pull()
                paths = [each for each in paths if each not in self.conflicts]
                continue
            except TRANSIENT:
                raise
            except Error as error:
                self._refuse(paths, error)
            else:
                transaction = self.fs.transaction
                self._tell("committed", _committed(len(paths), transaction), None)
            return

    def _refuse(self, paths: list[str], error: Error) -> None:
        """Commit objects one by one, and skip those that the server refuses."""
        if len(paths) > 1:
            for path in paths:
                self._send([path])
            return
        (path,) = paths
        self._refused[path] = signature_at(path)
        self._tell("paused", f"not committed until it changes: {error}", path)

    def _next_look(self) -> float | None:
        waits = [each for each in self._missing if each not in self._kept]
        if self._has_probes or (waits and not self.asked):
            return self.rules.quiet
        # Check for resolved conflicts: `resolve` in another window changes no content.
        return 4 * self.rules.quiet if self.conflicts else None

    def brings_back(self) -> bool:
        """Return True if missing files have to be restored."""
        return bool(self._kept)

    def may_pull(self) -> bool:
        """Return True if an update may run: no question about it is open."""
        return not self._asked_pull

    def pull(self) -> None:
        """Merge the changes of the server."""
        self._begin(False)
        self.fs.conflicts.clear()
        self.fs.accept_deletions = self._accepts
        # Do not restore missing files that are about to be removed on the server.
        self.fs.brings_back = bool(self._kept) or not self.rules.push
        self.fs.transaction = None
        try:
            self.fs.update_all([self.target])
        except Error:
            if not self._asked_pull:
                raise
            return
        finally:
            self._may_delete = False
        self._begin(False)
        self.received = self.fs.transaction or self.received
        if self.fs.conflicts:
            self._note_conflicts(self._changes())

    def _accepts(self, question: str) -> bool:
        if self._may_delete:
            return True
        self._asked_pull = question
        self._tell(
            "question" if self.rules.can_ask else "kept",
            f"{question}. "
            + (
                "Delete them? Type yes or no."
                if self.rules.can_ask
                else "Nothing is brought until 'zsync update --accept-deletions'."
            ),
            None,
        )
        return False

    def answer(self, yes: bool) -> None:
        """Process the answer of the user to the open question."""
        if self.asked and yes:
            self._may_remove = True
        elif self.asked:
            self._kept |= set(self.asked)
        elif yes:
            self._may_delete = True
        if self.asked:
            self.asked = []
        elif yes:
            self._asked_pull = ""


def _committed(number: int, transaction: str | None) -> str:
    what = "1 object" if number == 1 else f"{number} objects"
    return f"Committed {what}{f' as {transaction}' if transaction else ''}."
