"""Send commits of git to a server, each as one transaction."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import ExitStack
from os.path import join

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.git.clone import Clone
from zope.app.fssync.client.git.clone import Known
from zope.app.fssync.client.git.differing import Difference
from zope.app.fssync.client.git.differing import differing_files
from zope.app.fssync.client.git.fetching import Fetch
from zope.app.fssync.client.git.plumbing import Objects
from zope.app.fssync.client.git.record import GONE
from zope.app.fssync.client.git.record import SAME
from zope.app.fssync.client.git.record import Recorded
from zope.app.fssync.client.git.record import dumps
from zope.app.fssync.client.git.record import lines_of
from zope.app.fssync.client.git.record import parents
from zope.app.fssync.client.git.worktree import WorkTree
from zope.app.fssync.client.git.worktree import work_tree
from zope.fssync.descriptionnames import is_description
from zope.fssync.errors import AccessDenied
from zope.fssync.limits import RECORD_SIZE

__all__ = ["Push", "check_message", "is_behind", "note_of"]


def is_behind(clone: Clone, tip: str, commit: str) -> bool:
    """Return True if ``tip``, the commit of the server, is no ancestor of a commit."""
    return not clone.git.is_ancestor(tip, commit)


class Push:
    """Push commits to the server of a clone."""

    def __init__(self, clone: Clone, network: Network, dry_run: bool = False) -> None:
        self._clone = clone
        self._network = network
        self._dry_run = dry_run
        self._git = clone.git

    def __call__(self, known: Known, commit: str) -> Known:
        """Send the commits from the known tip to a commit; return the new state.

        Raises `OutOfDate` if the server has changed.  Commits that were sent before
        the error stay on the server.
        """
        way = self.way(known.tip, commit)
        if not way:
            return known
        if self._dry_run:
            way = [(known.tip, commit)]
        with ExitStack() as stack:
            objects = stack.enter_context(Objects(self._git))
            differences = list(self._differences(objects, known, way))
            if not any(each.files for each in differences):
                # No object is changed: the next push that changes one sends it, too.
                return known
            directory = join(self._clone.directory, "push")
            work = stack.enter_context(
                work_tree(self._network, directory, differences, known.shared)
            )
            first = [change for each in differences for change in each.files]
            work.check(objects, known.tip, first)
            for (base, each), difference in zip(way, differences, strict=True):
                known = self._send(work, objects, known, base, each, difference)
        return known

    def _differences(
        self, objects: Objects, known: Known, way: list[tuple[str, str]]
    ) -> Iterator[Difference]:
        for_git: Iterable[str] = known.for_git
        for step in way:
            difference = Difference(self._git, objects, *step, for_git)
            yield difference
            for_git = difference.for_git

    def way(self, tip: str, commit: str) -> list[tuple[str, str]]:
        """Return the pairs of parent and child that lead from the tip to a commit."""
        said = self._git.line(
            "rev-list", "--parents", "--ancestry-path", f"{tip}..{commit}"
        )
        above = {words[0]: words[1:] for words in map(str.split, said.splitlines())}
        found: list[tuple[str, str]] = []
        while commit != tip:
            base = next(p for p in above[commit] if p == tip or p in above)
            found.append((base, commit))
            commit = base
        return found[::-1]

    def _send(
        self,
        work: WorkTree,
        objects: Objects,
        known: Known,
        base: str,
        commit: str,
        difference: Difference,
    ) -> Known:
        if not difference.files:
            return known
        raw = objects.content(commit)
        assert raw is not None
        work.apply(difference, objects)
        record = None
        if not self._dry_run:
            for_git = difference.for_git
            record = self.record(objects, known.tip, base, commit, for_git)
        location = self._network.location
        check_message(raw, (location and location.password) or "")
        note = note_of(raw, (location and location.user) or "")
        transaction = work.commit(note, record, True, self._dry_run)
        if self._dry_run or (transaction is None and not known.state):
            return known
        own = {(transaction or "").removeprefix("0x"): commit}
        return Fetch(self._clone, self._network)(own, difference.for_git)

    def record(
        self,
        objects: Objects,
        tip: str,
        base: str,
        commit: str,
        for_git: Collection[str] = (),
    ) -> bytes | None:
        """Return the record of the commits that become one transaction.

        It includes the commits before this one that changed no object.  ``for_git``
        are the files of the commit that only git needs.
        """
        said = self._git.line(
            "rev-list", "--topo-order", "--reverse", commit, f"^{tip}"
        )
        found = []
        for each in said.split():
            raw = objects.content(each)
            assert raw is not None
            above = base if each == commit else next(iter(parents(raw)), "")
            if not above:
                return None
            found.append(
                Recorded(raw, above, self._files(objects, above, each, commit, for_git))
            )
        return dumps(found)

    def _files(
        self,
        objects: Objects,
        base: str,
        commit: str,
        last: str,
        for_git: Collection[str],
    ) -> dict[str, str | bytes]:
        found: dict[str, str | bytes] = {}
        room = RECORD_SIZE
        for _, change, _ in differing_files(self._git, base, commit, "--no-renames"):
            path = change.path
            if change.new is None:
                found[path] = GONE
            elif any(is_description(name) for name in path.split("/")):
                found[path] = lines_of(objects.content(change.new.id) or b"")
            elif path not in for_git and (
                commit == last or self._is_as_in(change.new.id, last, path)
            ):
                found[path] = SAME
            else:
                _, size = objects.look(change.new.id) or ("", 0)
                room -= size
                content = objects.content(change.new.id) if room > 0 else None
                found[path] = SAME if content is None else content
        return found

    def _is_as_in(self, digest: str, commit: str, path: str) -> bool:
        return digest in self._git.line("ls-tree", "--full-tree", commit, "--", path)


def check_message(raw: bytes, password: str) -> None:
    """Refuse a commit whose message contains the password of the URL.

    git writes URLs into the messages of merges.
    """
    if password and f":{password}@".encode() in raw.partition(b"\n\n")[2]:
        raise AccessDenied(
            "the message of a commit holds the password of the URL",
            advice="Write another message, with 'git commit --amend'. 'git remote "
            "set-url' takes the password out of the URL, 'zsync login' keeps it.",
        )


def note_of(raw: bytes, user: str) -> str:
    """Return the message of a transaction; it names the author if not the user."""
    head, _, message = raw.partition(b"\n\n")
    said = dict(line.split(b" ", 1) for line in head.split(b"\n") if b" " in line)
    author = said.get(b"author", b"").decode("utf-8", "replace").rpartition(">")[0]
    text = message.decode("utf-8", "replace").strip()
    name = author.partition("<")[0].strip()
    if not author or (user and name.casefold() == user.casefold()):
        return text
    return f"{text}\n\nAuthor in git: {author}>"
