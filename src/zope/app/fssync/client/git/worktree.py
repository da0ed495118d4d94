"""A temporary working copy for one push.

It has only the objects that the commits change.  The changes of each commit are applied
to its files, and committed as ``zsync commit`` does.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from os.path import join

from zope.app.fssync.client.adding import register
from zope.app.fssync.client.checkout import checkout
from zope.app.fssync.client.commit import commit
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.git.differing import Difference
from zope.app.fssync.client.git.differing import FileChange
from zope.app.fssync.client.git.differing import above
from zope.app.fssync.client.git.differing import descriptions_of
from zope.app.fssync.client.git.differing import is_shared
from zope.app.fssync.client.git.plumbing import Objects
from zope.app.fssync.client.git.plumbing import id_of_file
from zope.app.fssync.client.hiddencopy import ignore_line
from zope.app.fssync.client.moving import move
from zope.app.fssync.client.removing import remove
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import changing
from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import paths
from zope.fssync.description import merge as merge_descriptions
from zope.fssync.descriptionnames import is_description
from zope.fssync.errors import Error
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import OutOfDate
from zope.fssync.files import Tree
from zope.fssync.files import make_directories
from zope.fssync.files import open_regular
from zope.fssync.files import overwrite
from zope.fssync.sparse import EMPTY
from zope.fssync.sparse import INFINITY
from zope.fssync.sparse import Sparse
from zope.fssync.terminal import escape

__all__ = ["WorkTree", "needed", "object_of", "work_tree"]


@contextmanager
def work_tree(
    network: Network,
    directory: str,
    differences: Iterable[Difference],
    shared: Collection[str] = (),
) -> Iterator[WorkTree]:
    """Check out the objects that commits change; remove them after the block.

    ``shared`` has the paths of objects that are only told apart if all are there.
    """
    tree = Tree()
    if tree.isdir(directory):
        # Left by a push that was killed.
        tree.rmtree(directory)
    try:
        session = checkout(
            network,
            directory,
            ignore_line,
            needed(differences, shared),
            None,
            DESCRIBED,
        )
        names = session.metadata.getnames(session.root)
        top = join(session.root, names[0])
        with _named_as_in_git(top):
            yield WorkTree(network, session.root, top)
    finally:
        if tree.isdir(directory):
            tree.rmtree(directory)


@contextmanager
def _named_as_in_git(top: str) -> Iterator[None]:
    """Let errors name files by their paths in the commit."""
    try:
        yield
    except Error as error:
        error.msg = error.msg.replace(join(top, ""), "")
        if error.path is not None:
            error.path = error.path.replace(join(top, ""), "")
        if isinstance(error, MetadataDamaged):
            error.advice = "Correct it with 'git commit --amend', and push again."
        raise


def needed(
    differences: Iterable[Difference], shared: Collection[str] = ()
) -> Sparse | None:
    """Return the depths to check out; None for everything, if they are too many."""
    sparse = Sparse()
    sparse.depths[()] = EMPTY
    found = list(differences)
    whole = {path for each in found for path in _moved_or_gone(each)}
    touched = {object_of(change.path) for each in found for change in each.files}
    if any(is_shared(path, shared) for path in whole | touched):
        return None
    for path in sorted(whole | touched):
        for place in (*above(path), path):
            if place in whole:
                sparse.depths[_keys(place)] = INFINITY
                break
            if place:
                sparse.depths[_keys(place)] = EMPTY
    return sparse if sparse.header() is not None else None


def _moved_or_gone(difference: Difference) -> set[str]:
    return {move.old for move in difference.moves} | set(difference.gone)


def _keys(path: str) -> tuple[str, ...]:
    return tuple(paths.nfc(name) for name in path.split("/"))


def object_of(path: str) -> str:
    """Return the path of the object that a file, or a description, belongs to."""
    names = path.split("/")
    for number, name in enumerate(names):
        if is_description(name):
            owner = name.removeprefix("@@").rpartition(".")[0]
            return "/".join([*names[:number], owner] if owner else names[:number])
    return path


class WorkTree:
    """The working copy at ``root``, whose object is at ``top``."""

    def __init__(self, network: Network, root: str, top: str) -> None:
        self._network = network
        self._root = root
        self._top = top

    def _place(self, path: str) -> str:
        return join(self._top, *path.split("/")) if path else self._top

    def check(self, objects: Objects, tip: str, changes: Iterable[FileChange]) -> None:
        """Raise `OutOfDate` unless the server has the changed files as in ``tip``."""
        for change in changes:
            found = objects.look(f"{tip}:{change.path}")
            if self._is(change.path, found and found[0]):
                continue
            goes_without_saying = is_description(os.path.basename(change.path))
            if goes_without_saying and self._is(change.path, None):
                continue
            raise OutOfDate(f"'{escape(change.path)}' is another one on the server")

    def _is(self, path: str, expected: str | None) -> bool:
        """Return True if the file has that id; for None, if it is missing."""
        place = self._place(path)
        if not Tree().isfile(place):
            return expected is None
        if expected is None:
            return False
        with open_regular(place) as stream:
            return id_of_file(stream, Tree().size(place), len(expected)) == expected

    def apply(self, difference: Difference, objects: Objects) -> None:
        """Apply the changes of a commit to the files."""
        if difference.moves:
            with self._changing() as session:
                self._move(session, difference)
        gone = difference.gone
        removed = {each for path in gone for each in (path, *descriptions_of(path))}
        for change in difference.changes.values():
            if removed.isdisjoint((change.path, *above(change.path))):
                self._write(change, objects)
        with self._changing() as session:
            for path in gone:
                remove(session, self._place(path), force=True)
            for path in difference.new:
                if not session.metadata.getentry(self._place(path)):
                    register(session, self._place(path))

    @contextmanager
    def _changing(self) -> Iterator[ChangingSession]:
        with changing(WorkingCopy.find(self._root), "git", ignore_line) as session:
            yield session

    def _move(self, session: ChangingSession, difference: Difference) -> None:
        for each in difference.moves:
            for directory in above(each.new):
                place = self._place(directory)
                if not session.metadata.getentry(place):
                    session.files.mkdir(place)
                    register(session, place)
            move(session, [self._place(each.old)], self._place(each.new))

    def _write(self, change: FileChange, objects: Objects) -> None:
        place = self._place(change.path)
        if change.new is None:
            if Tree().isfile(place):
                Tree().remove(place)
            return
        make_directories(os.path.dirname(place))
        here = change.old and self._merged(change, objects)
        pieces = objects.pieces(change.new.id) if here is None else [here]
        assert pieces is not None
        with overwrite(place) as stream:
            for piece in pieces:
                stream.write(piece)

    def _merged(self, change: FileChange, objects: Objects) -> bytes | None:
        """Return a change merged with that of the server; None if that has none."""
        assert change.old is not None
        assert change.new is not None
        if self._is(change.path, None) or self._is(change.path, change.old.id):
            return None
        if is_description(os.path.basename(change.path)):
            with open_regular(self._place(change.path)) as stream:
                theirs = stream.read()
            base = objects.content(change.old.id)
            mine = objects.content(change.new.id)
            assert base is not None
            assert mine is not None
            merged = merge_descriptions(base, mine, theirs)
            if not merged.conflicts:
                return merged.text
        raise OutOfDate(
            f"the server made something else of '{escape(change.path)}' when it took "
            "the commit before"
        )

    def commit(
        self, note: str, record: bytes | None, alone: bool, dry_run: bool
    ) -> str | None:
        """Commit all changes; return the transaction id, None if none was made."""
        with self._changing() as session:
            refusal = commit(
                session,
                self._network,
                [self._top],
                note,
                dry_run=dry_run,
                alone=alone,
                record=record,
            )
        if refusal is not None:
            raise refusal
        return session.transaction
