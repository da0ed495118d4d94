"""Turns the transactions of a server into commits.

A transaction becomes the same commit in every clone: of its user, its time and its
message, with its id in a trailer; or the very commits that were pushed.  Where what was
pushed is not what the server made of it, or others were faster, a commit follows that
has the tree of the server.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.git import record
from zope.app.fssync.client.git.clone import Clone
from zope.app.fssync.client.git.clone import Known
from zope.app.fssync.client.git.differing import is_in
from zope.app.fssync.client.git.plumbing import Commit
from zope.app.fssync.client.git.plumbing import FastImport
from zope.app.fssync.client.git.plumbing import TreeFile
from zope.app.fssync.client.git.record import Recorded
from zope.app.fssync.client.git.record import loads
from zope.app.fssync.client.git.record import parents
from zope.app.fssync.client.git.record import remake
from zope.app.fssync.client.git.trees import ArchivedTree
from zope.app.fssync.client.git.trees import drop
from zope.app.fssync.client.git.trees import lists
from zope.app.fssync.client.git.trees import object_names
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import Query
from zope.app.fssync.client.log import log_pages
from zope.app.fssync.client.response import SHORT
from zope.app.fssync.client.response import ask
from zope.app.fssync.client.response import fetch
from zope.app.fssync.client.revisions import time_of
from zope.app.fssync.protocol.headers import CODING
from zope.app.fssync.protocol.headers import NO_STATE
from zope.app.fssync.protocol.headers import transaction_of
from zope.app.fssync.protocol.views import REPLAY
from zope.fssync import paths
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.descriptionnames import local_name
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import Error
from zope.fssync.errors import NotThere
from zope.fssync.errors import OutOfDate
from zope.fssync.files import chunks
from zope.fssync.files import exact_chunks
from zope.fssync.files import spooled
from zope.fssync.limits import FOR_GIT
from zope.fssync.limits import REPLAYED_TRANSACTIONS
from zope.fssync.paths import join_archive_path
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import DEFLATE
from zope.fssync.snarf import inflated
from zope.fssync.snarf import read_header
from zope.fssync.terminal import escape

__all__ = ["Fetch", "commit_of", "wanted"]

#: Called with how many of how many transactions have come.
Progress = Callable[[int, int], object]


class Fetch:
    """Brings what is new on a server into a clone.

    ``depth`` is how many transactions a new clone is to have, None for all.
    """

    def __init__(
        self,
        clone: Clone,
        network: Network,
        depth: int | None = None,
        progress: Progress = lambda done, total: None,
    ) -> None:
        self._clone = clone
        self._network = network
        self._depth = depth
        self._progress = progress
        self._path = network.rootpath or "/"

    def __call__(
        self, own: Mapping[str, str] | None = None, for_git: Collection[str] = ()
    ) -> Known:
        """Fetch what is new, and return what is known then.

        ``own`` has the commits that this clone has pushed, by their transactions; in
        them the files ``for_git`` are no objects.
        """
        known = self._clone.known()
        news = None if known.state else self._news(known)
        if news is None:
            after = self._present(known, own or {}, for_git)
        elif news.logged:
            after = self._take(known, news, own or {}, for_git)
        else:
            return known
        if after != known:
            self._clone.keep(after)
        return after

    def _news(self, known: Known) -> _News | None:
        """Return the transactions that are new; None where no history can be read."""
        since = known.transaction or None
        limit = None if since else self._depth
        query = Query(limit=limit, since=since, records=True)
        logged: list[Logged] = []
        packed = ""
        try:
            for page in log_pages(self._network, self._path, query, since or ""):
                if not page.has_history:
                    return None
                logged += page.transactions
                packed = page.packed
        except OutOfDate as error:
            raise self._restored(error) from error
        except (AccessDenied, NotThere) as error:
            if since or not self._may_read():
                raise
            self._network.warn_once(
                f"warning: the history cannot be read, a fetch is one commit: "
                f"{error.message}"
            )
            return None
        # Older ones are versions that an application keeps by itself.
        logged = [each for each in logged if each.id > packed]
        logged.reverse()
        if logged and logged[0].id == since:
            # What was packed then does not matter.
            return _News(logged[1:])
        if limit is not None and len(logged) >= limit:
            return _News(logged)
        if packed and packed > (since or ""):
            # All before is one state.
            began = Logged(packed, page.begins or 0, "", _BEGINS)
            return _News([began, *logged], True)
        return _News(logged, not since) if logged or since else None

    def _restored(self, error: OutOfDate) -> Error:
        place = self._clone.directory
        return Error(
            f"{error.msg}: it was put back from a backup",
            path=place,
            advice="Nothing was changed here, and your branches have all that it lost. "
            f"To go on with what it has now, delete the directory {place} and fetch "
            "again; then rebase your commits.",
        )

    def _may_read(self) -> bool:
        """Is the object itself there, and may it be read?"""
        try:
            fp, _ = ask(self._network, self._path, NO_STATE)
        except (AccessDenied, NotThere):
            return False
        fp.close()
        return True

    def _present(
        self, known: Known, own: Mapping[str, str], for_git: Collection[str]
    ) -> Known:
        """Make one commit of the state that the server has now.

        It follows what was pushed, if anything was.
        """
        state = known.state or NO_STATE
        before = next(iter(own.values()), known.tip)
        with (
            fetch(self._network, self._path, state) as response,
            FastImport(self._clone.git, self._clone.reference) as writer,
        ):
            if response.back:
                raise self._restored(OutOfDate("the database of the server is older"))
            here = for_git if own else known.for_git
            history = _History(self._clone, writer, before, {}, here)
            now = transaction_of(response.state) or ""
            tid = now.removeprefix("0x") or f"{known.transaction}"
            when = time_of(tid) if tid else time.time()
            history.add(Logged(tid, when, "", _PRESENT), response.archive)
            tip = history.tip
            if before and writer.look(tip) == self._tree(before):
                tip = before
        return known._replace(
            tip=tip,
            transaction=tid,
            state=response.state or _NONE,
            for_git=history.for_git,
        )

    def _tree(self, commit: str) -> TreeFile:
        tree = self._clone.git.line("rev-parse", f"{commit}^{{tree}}")
        return TreeFile("040000", tree)

    def _take(
        self,
        known: Known,
        news: _News,
        own: Mapping[str, str],
        for_git: Collection[str],
    ) -> Known:
        git, done, logged = self._clone.git, 0, news.logged
        with FastImport(git, self._clone.reference) as writer:
            here = known.for_git
            history = _History(self._clone, writer, known.tip, own, here, for_git)
            for each, archive in self._replayed(logged, news.is_whole or not known.tip):
                if not history.add(each, archive):
                    for _, whole in self._replayed([each], True):
                        history.add(each, whole)
                done += 1
                self._progress(done, len(logged))
        last = logged[-1].id
        return known._replace(
            tip=history.tip, transaction=last, for_git=history.for_git
        )

    def _replayed(
        self, logged: Sequence[Logged], whole: bool
    ) -> Iterator[tuple[Logged, SnarfRepository]]:
        """Yield what each transaction made; of the first all, where that is wanted."""
        place = 0
        while place < len(logged):
            several = logged[place : place + REPLAYED_TRANSACTIONS]
            asked: list[list[object]] = [[each.id, wanted(each)] for each in several]
            if whole and place == 0:
                asked[0][1] = None
            before = place
            for each, archive in zip(several, self._ask(asked), strict=False):
                yield each, archive
                place += 1
            if place == before:
                raise ArchiveDamaged("the server told nothing of the transactions")

    def _ask(self, asked: list[list[object]]) -> Iterator[SnarfRepository]:
        body = io.BytesIO(json.dumps(asked).encode("ascii"))
        kind = "application/json"
        fp, headers = self._network.httpreq(
            self._path, REPLAY, body, kind, headers=[SHORT]
        )
        with fp:
            is_deflated = headers.get(CODING) == DEFLATE
            stream = spooled(chunks(inflated(fp) if is_deflated else fp))
        with stream:
            stream.seek(0)
            for tid, _ in asked:
                header = read_header(stream)
                if header is None:
                    return
                if header.path != tid:
                    raise ArchiveDamaged(f"the server told of {escape(header.path)}")
                short = ArchiveDamaged("the archive ends within a file")
                pieces = exact_chunks(stream, header.size, short)
                with spooled(pieces) as inner:
                    yield SnarfRepository(inner)


class _News(NamedTuple):
    """New transactions; of the first all is to come if it ``is_whole``."""

    logged: list[Logged]
    is_whole: bool = False


_BEGINS = "History begins here: what was before has been packed away"
_PRESENT = "What the server has now"
#: Stands for the state of a server that tells none.
_NONE = NO_STATE


def wanted(logged: Logged) -> list[list[str]] | None:
    """Return the marks of what a transaction changed, None for all of the object."""
    if logged.count > len(logged.changes):
        return None
    found = []
    for letter, path, *before in logged.changes:
        if letter == "A" and not path:
            return None
        if letter == "M":
            found.append([NODE, path])
        elif letter in "AR" and path:
            found.append([TREE, path])
        for gone in before if letter == "R" else [path] if letter == "D" else []:
            if _local(gone) is None:
                found.append([LIST, gone.rpartition("/")[0]])
    return found


def _local(path: str) -> str | None:
    """Return the path of the file of an object; None if only its folder tells it."""
    names = path.split("/")
    try:
        if any(paths.check_name(name) != name for name in names):
            return None
    except Error:
        return None
    return "/".join(local_name(name, name) for name in names)


class _History:
    """The commits that are being written, from a commit of before on."""

    def __init__(
        self,
        clone: Clone,
        writer: FastImport,
        tip: str,
        own: Mapping[str, str],
        for_git: Iterable[str],
        for_git_in_own: Collection[str] = (),
    ) -> None:
        self.tip = tip
        self._clone = clone
        self._writer = writer
        self._before = tip
        self._own = own
        self._for_git_in_own = for_git_in_own
        self._files = _Files(writer, for_git)
        self._made: set[str] = set()

    def add(self, logged: Logged, archive: SnarfRepository) -> bool:
        """Add a transaction; return False if the archive does not have all of it."""
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
            above = [] if pushed.follows else [self.tip]
            self._writer.begin(commit_of(logged, "after"), [*above, pushed.id])
            if tree is not None:
                self._writer.put("", tree)
            self._advance(self._writer.end())
        return True

    def _advance(self, commit: str) -> None:
        self.tip = commit
        self._made.add(commit)

    @property
    def for_git(self) -> tuple[str, ...]:
        """The files that are no objects."""
        return tuple(sorted(self._files.for_git))

    def _write(
        self, logged: Logged, archive: SnarfRepository, recorded: Sequence[Recorded]
    ) -> str | None:
        """Write a commit with the tree after a transaction, and return its id."""
        told = self._told_for_git(logged, recorded)
        known = {place: self._names(place) for place in lists(archive)}
        found = ArchivedTree(archive)
        if not found.is_directory:
            raise Error(
                "only folders can be cloned", advice="Clone the folder that it is in."
            )
        self._files.begin(self.tip, commit_of(logged))
        for letter, path, *before in logged.changes:
            gone = before if letter == "R" else [path] if letter == "D" else []
            for each in gone:
                local = _local(each)
                if local:
                    directory, _, name = local.rpartition("/")
                    drop(self._files, directory, name)
        is_whole = found.write(self._files, known)
        for path, file in told.items():
            self._files.tell(path, file)
        made = self._writer.end()
        return made if is_whole else None

    def _told_for_git(
        self, logged: Logged, recorded: Sequence[Recorded]
    ) -> Mapping[str, TreeFile | bytes | None]:
        """Return what a transaction tells of files that are no objects."""
        if logged.id in self._own:
            own, there = self._own[logged.id], self._for_git_in_own
            paths = self._files.for_git | set(there)
            return {
                each: self._writer.look(own, each) if each in there else None
                for each in paths
            }
        told = record.for_git(recorded)
        return {k: v if isinstance(v, bytes) else None for k, v in told.items()}

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
        """Return the commit of which a transaction came, if it can be made again."""
        found = None
        mine: dict[str, list[str]] = {}
        for each in recorded:
            if not all(p in mine or self._has(p) for p in parents(each.raw)):
                found = None
                break
            commit = remake(self._writer, each, made)
            if commit is None:
                found = None
                break
            mine[commit] = parents(each.raw)
            follows = self.tip in _reached(commit, mine)
            found = _Pushed(commit, follows, self._writer.look(commit))
        if found is None and logged.id in self._own:
            commit = self._own[logged.id]
            follows = self.tip == self._before and self._has_before(commit)
            found = _Pushed(commit, follows, self._writer.look(commit))
        if found is not None:
            self._made |= mine.keys() | {found.id}
        return found

    def _has_before(self, commit: str) -> bool:
        """Does a commit follow the tip that was fetched before?"""
        return self._clone.git.is_ancestor(self._before, commit)

    def _has(self, commit: str) -> bool:
        """Is a commit part of the history that all clones have?"""
        if commit == self.tip or commit in self._made:
            return True
        return bool(self._before) and self._clone.git.is_ancestor(commit, self._before)


class _Pushed(NamedTuple):
    """A commit as it was pushed; it ``follows`` the last one that all have, or not."""

    id: str
    follows: bool
    tree: object


class _Files:
    """The files of the commit that is being written.

    Those ``for_git`` are in no archive: they stay until the folder goes that they are
    in, or the server has an object of that name.
    """

    def __init__(self, writer: FastImport, for_git: Iterable[str]) -> None:
        self._writer = writer
        self._tip = ""
        self.for_git = set(for_git)

    def begin(self, tip: str, commit: Commit) -> None:
        """Begin a commit that follows ``tip``."""
        self._tip = tip
        self._writer.begin(commit, [tip] if tip else [])

    def clear(self) -> None:
        """See `ITree`."""
        self._writer.clear()
        for path in list(self.for_git):
            self.tell(path, self._writer.look(self._tip, path))

    def remove(self, path: str) -> None:
        """See `ITree`."""
        self._writer.remove(path)
        self.for_git = {each for each in self.for_git if not is_in(each, path)}

    def write(self, path: str, size: int, pieces: Iterable[bytes]) -> None:
        """See `ITree`."""
        self._writer.write(path, size, pieces)
        self.for_git.discard(path)

    def tell(self, path: str, file: TreeFile | bytes | None) -> None:
        """Write a file that is no object; None removes it."""
        if file is None:
            if path in self.for_git:
                self.remove(path)
        elif len(self.for_git) < FOR_GIT or path in self.for_git:
            if isinstance(file, bytes):
                self._writer.write(path, len(file), [file])
            else:
                self._writer.put(path, file)
            self.for_git.add(path)


def _recorded(logged: Logged) -> list[Recorded]:
    """Return the record of a transaction; none where it cannot be read."""
    try:
        return loads(logged.record) if logged.record else []
    except ValueError:
        return []


def _reached(commit: str, known: Mapping[str, Iterable[str]]) -> set[str]:
    """Return the commits to which others of a record lead, and those themselves."""
    found, left = set(), [commit]
    while left:
        each = left.pop()
        if each not in found:
            found.add(each)
            left += known.get(each, ())
    return found


def commit_of(logged: Logged, what: str = "") -> Commit:
    """Return what the commit of a transaction says."""
    user = "".join(c for c in logged.user if c not in "<>\n\0").strip() or "unknown"
    who = f"{user} <{user}> {int(logged.time)} +0000".encode()
    message = logged.message or _summary(logged)
    if what:
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
