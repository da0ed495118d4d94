"""Write the commits of transactions.

A transaction becomes the same commit in every clone: with its user, time and message,
and its id in a trailer.  A transaction that was pushed becomes the pushed commits
again.  If the server made something else of them, or stored another transaction
before, a commit with the tree of the server follows.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from zope.app.fssync.client.git import record
from zope.app.fssync.client.git.clone import Clone
from zope.app.fssync.client.git.differing import above
from zope.app.fssync.client.git.differing import is_in
from zope.app.fssync.client.git.differing import is_shared
from zope.app.fssync.client.git.plumbing import Commit
from zope.app.fssync.client.git.plumbing import FastImport
from zope.app.fssync.client.git.plumbing import TreeFile
from zope.app.fssync.client.git.record import Recorded
from zope.app.fssync.client.git.record import loads
from zope.app.fssync.client.git.record import parents
from zope.app.fssync.client.git.record import remake
from zope.app.fssync.client.git.replaying import left_places
from zope.app.fssync.client.git.replaying import local_path
from zope.app.fssync.client.git.trees import ArchivedTree
from zope.app.fssync.client.git.trees import drop
from zope.app.fssync.client.git.trees import lists
from zope.app.fssync.client.git.trees import object_names
from zope.app.fssync.client.log import Logged
from zope.fssync.errors import Error
from zope.fssync.limits import FOR_GIT
from zope.fssync.paths import fold
from zope.fssync.paths import join_archive_path
from zope.fssync.repository import SnarfRepository

__all__ = ["History", "commit_of"]


class History:
    """Write commits that follow the commit ``tip``."""

    def __init__(
        self,
        clone: Clone,
        writer: FastImport,
        tip: str,
        own: Mapping[str, str],
        for_git: Iterable[str],
        for_git_in_own: Collection[str] = (),
        shared: Iterable[str] = (),
    ) -> None:
        self.tip = tip
        self._clone = clone
        self._writer = writer
        self._before = tip
        self._own = own
        self._for_git_in_own = for_git_in_own
        self._files = _Files(writer, for_git, shared)
        self._made: set[str] = set()

    def add(self, logged: Logged, archive: SnarfRepository) -> bool:
        """Add a transaction; return False if the archive lacks some of its changes."""
        recorded = _recorded(logged)
        made = self._write(logged, archive, recorded)
        if made is None:
            return False
        pushed = self._pushed(logged, made, recorded)
        tree = self._writer.look(made)
        if pushed is None:
            self._advance(made)
        elif pushed.follows and pushed.tree == tree:
            self._advance(pushed.id)
        else:
            before = [] if pushed.follows else [self.tip]
            self._writer.begin(
                commit_of(logged, is_correction=True), [*before, pushed.id]
            )
            if tree is not None:
                self._writer.put("", tree)
            self._advance(self._writer.end())
        return True

    def _advance(self, commit: str) -> None:
        self.tip = commit
        self._made.add(commit)

    @property
    def for_git(self) -> tuple[str, ...]:
        """The files that only git needs."""
        return tuple(sorted(self._files.for_git))

    @property
    def shared(self) -> tuple[str, ...]:
        """See `Known`."""
        return tuple(sorted(self._files.shared))

    def _write(
        self, logged: Logged, archive: SnarfRepository, recorded: Sequence[Recorded]
    ) -> str | None:
        """Write a commit with the tree after a transaction, and return its id.

        None if the archive lacks some of the changes.
        """
        for_git = self._changed_for_git(logged, recorded)
        known = {place: self._names(place) for place in lists(archive)}
        found = ArchivedTree(archive)
        if not found.is_directory:
            raise Error(
                "only folders can be cloned", advice="Clone the folder that it is in."
            )
        self._files.begin(self.tip, commit_of(logged))
        is_known = True
        for letter, path, *before in logged.changes:
            for each in left_places(letter, path, before):
                local = local_path(each)
                if local:
                    is_known = is_known and not is_shared(local, self._files.shared)
                    directory, _, name = local.rpartition("/")
                    drop(self._files, directory, name)
        is_whole = found.write(self._files, known) and (is_known or found.is_all)
        for path, file in for_git.items():
            self._files.put_for_git(path, file)
        made = self._writer.end()
        return made if is_whole else None

    def _changed_for_git(
        self, logged: Logged, recorded: Sequence[Recorded]
    ) -> Mapping[str, TreeFile | bytes | None]:
        """Return the changed files that only git needs; None for a removed one."""
        if logged.id in self._own:
            own, present = self._own[logged.id], self._for_git_in_own
            return {
                path: self._writer.look(own, path) if path in present else None
                for path in self._files.for_git | set(present)
            }
        forms = record.for_git(recorded)
        return {k: v if isinstance(v, bytes) else None for k, v in forms.items()}

    def _names(self, place: str) -> set[str]:
        self._writer.flush()
        try:
            names = object_names(self._clone.git.files(self.tip, place))
        except Error:
            return set()
        return {
            name
            for name in names
            if join_archive_path(place, name) not in self._files.for_git
        }

    def _pushed(
        self, logged: Logged, made: str, recorded: Sequence[Recorded]
    ) -> _Pushed | None:
        """Return the pushed commit of a transaction, None if it cannot be remade."""
        found = None
        #: The remade commits; true for those that lead to the tip.
        mine: dict[str, bool] = {}
        for each in recorded:
            before = parents(each.raw)
            is_known = all(p in mine or self._has(p) for p in before)
            commit = remake(self._writer, each, made) if is_known else None
            if commit is None:
                found = None
                break
            follows = self.tip in (commit, *before) or any(map(mine.get, before))
            mine[commit] = follows
            found = _Pushed(commit, follows, self._writer.look(commit))
        if found is None and logged.id in self._own:
            commit = self._own[logged.id]
            follows = self.tip == self._before and self._has_before(commit)
            found = _Pushed(commit, follows, self._writer.look(commit))
        if found is not None:
            self._made |= mine.keys() | {found.id}
        return found

    def _has_before(self, commit: str) -> bool:
        """Return True if a commit follows the last one that was fetched before."""
        return self._clone.git.is_ancestor(self._before, commit)

    def _has(self, commit: str) -> bool:
        """Return True if a commit is part of the history that all clones have."""
        if commit == self.tip or commit in self._made:
            return True
        if self._before and self._clone.git.is_ancestor(commit, self._before):
            self._made.add(commit)
            return True
        return False


class _Pushed(NamedTuple):
    """A pushed commit; ``follows`` is True if the tip of all clones leads to it."""

    id: str
    follows: bool
    tree: object


class _Files:
    """The files of the commit that is being written.

    The files ``for_git`` are in no archive.  They stay until their folder is removed,
    or the server has an object of that name.
    """

    def __init__(
        self, writer: FastImport, for_git: Iterable[str], shared: Iterable[str]
    ) -> None:
        self._writer = writer
        self._tip = ""
        self.for_git = set(for_git)
        self.shared = set(shared)

    def begin(self, tip: str, commit: Commit) -> None:
        """Begin a commit that follows ``tip``."""
        self._tip = tip
        self._writer.begin(commit, [tip] if tip else [])

    def clear(self) -> None:
        """See `ITree`."""
        self._writer.clear()
        self.shared.clear()
        for path in list(self.for_git):
            self.put_for_git(path, self._writer.look(self._tip, path))

    def remove(self, path: str) -> None:
        """See `ITree`."""
        self._writer.remove(path)
        self.for_git = {each for each in self.for_git if not is_in(each, path)}

    def write(self, path: str, size: int, pieces: Iterable[bytes]) -> None:
        """See `ITree`."""
        self._writer.write(path, size, pieces)
        self.for_git.discard(path)

    def share(self, path: str) -> None:
        """See `ITree`."""
        self.shared.add(fold(path))

    def put_for_git(self, path: str, file: TreeFile | bytes | None) -> None:
        """Write a file that only git needs; None removes it."""
        if file is None:
            if path in self.for_git:
                self.remove(path)
        elif path in self.for_git or self._has_room(path):
            if isinstance(file, bytes):
                self._writer.write(path, len(file), [file])
            else:
                self._writer.put(path, file)
            self.for_git.add(path)

    def _has_room(self, path: str) -> bool:
        """Return False where a file would take the place of an object."""
        return len(self.for_git) < FOR_GIT and not any(
            map(self._writer.is_file, (path, *above(path)))
        )


def _recorded(logged: Logged) -> list[Recorded]:
    """Return the recorded commits of a transaction; none if they are not readable."""
    try:
        return loads(logged.record) if logged.record else []
    except ValueError:
        return []


def commit_of(logged: Logged, is_correction: bool = False) -> Commit:
    """Return author, date and message of the commit of a transaction.

    A correction follows a pushed commit of which the server made something else.
    """
    user = "".join(c for c in logged.user if c not in "<>\n\0").strip() or "unknown"
    who = f"{user} <{user}> {int(logged.time)} +0000".encode("utf-8", "replace")
    message = logged.message or _summary(logged)
    if is_correction:
        message = f"What the server made of it\n\n{message}"
    trailer = f"\n\nZsync-Transaction: 0x{logged.id}" if logged.id else ""
    text = f"{message}{trailer}\n"
    return Commit(who, who, text.encode("utf-8", "replace"))


_VERBS = {"A": "Add", "D": "Remove", "M": "Change", "R": "Move"}


def _summary(logged: Logged) -> str:
    """Return a message for a transaction that has none."""
    if not logged.changes:
        return "Change"
    letter, path = logged.changes[0][:2]
    more = f" and {logged.count - 1} more" if logged.count > 1 else ""
    return f"{_VERBS.get(letter, 'Change')} {path or 'the folder'}{more}"
