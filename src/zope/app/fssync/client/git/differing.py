"""The changes of objects that a commit of git makes.

git knows files.  An object is a file with its description beside it, or a directory
with its description in it.  A rename that git detects is a move if the old path is
gone and the new one was free.  Files that configure git, as ``.gitignore``, are not
objects: the server keeps them in the record of the commit.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from zope.app.fssync.client.git.plumbing import FILE
from zope.app.fssync.client.git.plumbing import Git
from zope.app.fssync.client.git.plumbing import Objects
from zope.app.fssync.client.git.plumbing import TreeFile
from zope.app.fssync.client.ignoring import default_rule
from zope.fssync import paths
from zope.fssync.descriptionnames import aside_name
from zope.fssync.descriptionnames import description_name
from zope.fssync.descriptionnames import is_description
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PathRefused
from zope.fssync.limits import FOR_GIT
from zope.fssync.limits import LFS_POINTER
from zope.fssync.paths import fold
from zope.fssync.terminal import escape

__all__ = [
    "Difference",
    "FileChange",
    "Move",
    "above",
    "check_files",
    "descriptions_of",
    "differing_files",
    "is_for_git",
    "is_in",
    "is_shared",
]

_FOR_GIT = frozenset([".gitignore", ".gitattributes"])

#: What is said of other modes, and the advice.
_KINDS = {
    "100755": (
        "is a program: an object has no such permission",
        "'git update-index --chmod=-x FILE' takes it away.",
    ),
    "120000": (
        "is a symbolic link, which an object cannot be",
        "Take it out of the commit, and name it in .git/info/exclude.",
    ),
    "160000": (
        "is a submodule, which an object cannot be",
        "Take it out of the commit, or add its files instead.",
    ),
}

#: A pointer of Git LFS begins so.
_POINTER = b"version https://git-lfs.github.com/spec/"


class FileChange(NamedTuple):
    """The old and the new version of a file; None where it does not exist."""

    path: str
    old: TreeFile | None
    new: TreeFile | None


class Move(NamedTuple):
    """An object that was at one path and is at another."""

    old: str
    new: str

    def to(self, path: str) -> str | None:
        """Return the new path for an old one, None if the move does not affect it."""
        return _rebased(path, self.old, self.new)

    def was(self, path: str) -> str | None:
        """Return the old path for a new one, None if the move does not affect it."""
        return _rebased(path, self.new, self.old)


def _rebased(path: str, old: str, new: str) -> str | None:
    if is_in(path, old):
        return new + path[len(old) :]
    return None


def is_in(path: str, directory: str) -> bool:
    """Return True if a path is a directory or below it."""
    return path == directory or path.startswith(f"{directory}/")


def is_for_git(path: str) -> bool:
    """Return True for the name of a file that configures git."""
    return path.rpartition("/")[2] in _FOR_GIT


def is_shared(path: str, shared: Collection[str]) -> bool:
    """Return True if a path, or one above it, is ``shared``; see `Known`."""
    return any(fold(each) in shared for each in (*above(path), path))


def above(path: str) -> list[str]:
    """Return the directories above a path, the outermost first."""
    names = path.split("/")[:-1]
    return ["/".join(names[: number + 1]) for number in range(len(names))]


def differing_files(
    git: Git, first: str, second: str, *options: str
) -> Iterator[tuple[str, FileChange, str]]:
    """Yield the files that differ between two commits.

    Each comes as git's status letter, the change, and the old path of a rename.
    """
    said = git.run(
        *("diff-tree", "-r", "-z", "--raw", "--no-abbrev", *options),
        *("--end-of-options", first, second),
    )
    words = iter(said.split(b"\0"))
    for head in words:
        if not head:
            continue
        old_mode, new_mode, old, new, status = head[1:].decode("ascii").split()
        letter, before = status[0], ""
        if letter == "R":
            before = os.fsdecode(next(words))
        path = os.fsdecode(next(words))
        yield (
            letter,
            FileChange(path, _file(old_mode, old), _file(new_mode, new)),
            before,
        )


def _file(mode: str, digest: str) -> TreeFile | None:
    return None if mode == "000000" else TreeFile(mode, digest)


def check_kind(change: FileChange) -> None:
    """Raise an error unless the new version is an ordinary file."""
    path, new = change.path, change.new
    if new is not None and new.mode != FILE:
        reason, advice = _KINDS.get(new.mode, ("is no file", None))
        raise PathRefused(f"'{escape(path)}' {reason}", path=path, advice=advice)


def check_files(changes: Iterable[FileChange]) -> None:
    """Raise an error if a changed file cannot be an object."""
    for change in changes:
        path = change.path
        check_kind(change)
        if change.new is None:
            continue
        for name in path.split("/"):
            paths.check_name(name)
        rule = default_rule(path) if change.old is None else None
        if rule is not None:
            raise PathRefused(
                f"'{escape(path)}' is no content: by the rule '{escape(rule)}' such "
                "files stay where they are",
                path=path,
                advice="Take it out of the commit, and name it in .git/info/exclude.",
            )


def check_pointers(objects: Objects, changes: Iterable[FileChange]) -> None:
    """Raise an error if a file is a pointer of Git LFS, which has the content."""
    for change in changes:
        if change.new is None or _describes(change.path):
            continue
        found = objects.look(change.new.id)
        if found is None or found[1] > LFS_POINTER:
            continue
        if (objects.content(change.new.id) or b"").startswith(_POINTER):
            raise PathRefused(
                f"'{escape(change.path)}' is a pointer of Git LFS: the commit does not "
                "have the content",
                path=change.path,
                advice="Take the pattern out of .gitattributes, and add the file again "
                "with 'git add --renormalize'.",
            )


class Difference:
    """The difference between the trees of two commits.

    ``files`` are the changed files of objects; ``changes`` are those that still differ
    after the ``moves``, by path.  ``for_git`` are the paths of the files that only git
    needs: the argument has them before the change, the attribute after it.
    """

    def __init__(
        self,
        git: Git,
        objects: Objects,
        first: str,
        second: str,
        for_git: Iterable[str] = (),
    ) -> None:
        self._objects = objects
        self._first, self._second = first, second
        self.for_git = frozenset(for_git)
        self.files: list[FileChange] = []
        renames: list[Move] = []
        found = differing_files(git, first, second, "--find-renames")
        for letter, change, before in found:
            if letter == "R":
                self._add(FileChange(before, change.old, None))
                self._add(change._replace(old=None))
                renames.append(Move(before, change.path))
            else:
                self._add(change)
        check_files(self.files)
        check_pointers(objects, self.files)
        objects_of = {each.path for each in self.files}
        self.moves = self._find_moves(
            [each for each in renames if objects_of.issuperset(each)]
        )
        self._by_old = {move.old: move for move in self.moves}
        self._by_new = {move.new: move for move in self.moves}
        self._described = {
            place: Move(place, after)
            for move in self.moves
            for place, after in zip(*map(descriptions_of, move), strict=True)
        }
        self.changes = {each.path: each for each in self._after_moves()}

    def _add(self, change: FileChange) -> None:
        path = change.path
        if path not in self.for_git and (change.old or not is_for_git(path)):
            self.files.append(change)
            return
        check_kind(change)
        self.for_git = (
            self.for_git - {path} if change.new is None else self.for_git | {path}
        )
        if len(self.for_git) > FOR_GIT:
            raise LimitExceeded(
                f"more than {FOR_GIT} files that only git needs", path=path
            )

    def was(self, path: str) -> bool:
        """Return True if an object was at a path before, or was moved to it."""
        move = _nearest(self._by_new, path)
        if move is not None:
            return self._has(self._first, move.was(path) or "")
        if _nearest(self._by_old, path) is not None:
            return False
        return self._has(self._first, path)

    def _has(self, commit: str, path: str) -> bool:
        return not path or self._objects.has(f"{commit}:{path}")

    @cached_property
    def gone(self) -> list[str]:
        """The objects that were removed, without those below them."""
        found: set[str] = set()
        for change in self.changes.values():
            if change.new is not None:
                continue
            missing = (
                each for each in above(change.path) if not self._has(self._second, each)
            )
            path = next(missing, change.path)
            if not _describes(path) and self.was(path):
                found.add(path)
        return sorted(found)

    @cached_property
    def new(self) -> list[str]:
        """The objects that were added, a directory before those below it."""
        found: dict[str, None] = {}
        for path, change in sorted(self.changes.items()):
            if change.new is None:
                continue
            for each in (*above(path), path):
                if not _describes(each) and not self.was(each):
                    found.setdefault(each)
        return sorted(found, key=lambda each: (each.count("/"), each))

    def _find_moves(self, renames: list[Move]) -> list[Move]:
        """Return the moves of objects; the move of a directory stands for all in it."""
        found: list[Move] = []
        votes: dict[Move, int] = {}
        for rename in renames:
            for move in _around(rename):
                votes[move] = votes.get(move, 0) + 1
        olds, news = _Apart(), _Apart()
        for move in sorted(votes, key=lambda m: (m.old.count("/"), -votes[m], m)):
            has_room = olds.has_room(move.old) and news.has_room(move.new)
            if has_room and self._is_move(move):
                olds.add(move.old)
                news.add(move.new)
                found.append(move)
        return found

    def _is_move(self, move: Move) -> bool:
        if _describes(move.old) or _describes(move.new) or is_in(move.new, move.old):
            return False
        return not self._has(self._second, move.old) and not self._has(
            self._first, move.new
        )

    def _after_moves(self) -> Iterator[FileChange]:
        """Yield the files that still differ after the moves."""
        before: dict[str, TreeFile | None] = {}
        after: dict[str, TreeFile | None] = {}
        for change in self.files:
            if change.old is not None:
                place = self._moved_path(change.path)
                before[place] = change.old
                after.setdefault(place, None)
            if change.new is not None:
                after[change.path] = change.new
        for path, new in after.items():
            old = before.get(path)
            if old != new:
                yield FileChange(path, old, new)

    def _moved_path(self, path: str) -> str:
        """Return the path of a file or a description after the moves."""
        move = _nearest(self._by_old, path) or _nearest(self._described, path)
        return path if move is None else move.to(path) or path


def _around(rename: Move) -> Iterator[Move]:
    """Yield the rename, and the renames of directories that it may be part of."""
    old, new = rename.old.split("/"), rename.new.split("/")
    yield rename
    while len(old) > 1 and len(new) > 1 and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
        if old != new:
            yield Move("/".join(old), "/".join(new))


def _nearest(moves: Mapping[str, Move], path: str) -> Move | None:
    """Return the move of a path or of a directory above it."""
    return next((moves[each] for each in (path, *above(path)) if each in moves), None)


class _Apart:
    """Paths of which none is in another one."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._above: set[str] = set()

    def has_room(self, path: str) -> bool:
        """Return True if a path is in none of them, and none of them in it."""
        return path not in self._above and self._paths.isdisjoint((path, *above(path)))

    def add(self, path: str) -> None:
        """Add a path for which there is room."""
        self._paths.add(path)
        self._above.update(above(path))


def descriptions_of(path: str) -> list[str]:
    """Return the paths of the description of an object, and of what is beside it."""
    directory, _, name = path.rpartition("/")
    return [
        f"{directory}/{f(name)}".lstrip("/") for f in (description_name, aside_name)
    ]


def _describes(path: str) -> bool:
    """Return True if a path is a description, or is below one."""
    return any(is_description(name) for name in path.split("/"))
