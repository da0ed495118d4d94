"""A working copy as a whole: where it begins, and changing it safely."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from os.path import dirname
from typing import TYPE_CHECKING

from zope.app.fssync.client.workingcopy import layout
from zope.app.fssync.client.workingcopy.lock import Lock
from zope.app.fssync.client.workingcopy.ownership import check_trusted
from zope.app.fssync.client.workingcopy.place import ROOT_ADVICE
from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.client.workingcopy.place import data_of
from zope.app.fssync.client.workingcopy.place import is_outside
from zope.app.fssync.client.workingcopy.place import is_root
from zope.app.fssync.client.workingcopy.place import journal_of
from zope.app.fssync.client.workingcopy.place import left_at
from zope.app.fssync.client.workingcopy.place import staging_of
from zope.fssync import paths
from zope.fssync.errors import Error
from zope.fssync.errors import Locked
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.errors import UnsafeData
from zope.fssync.files import DISK
from zope.fssync.files import Tree
from zope.fssync.files import is_temporary
from zope.fssync.files import replace
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges
    from zope.app.fssync.client.workingcopy.journal import Journal

__all__ = ["WorkingCopy"]


class WorkingCopy:
    """The directory in whose control directory `Root` is, and all below it.

    ``root`` is its real path; a new one becomes one of ``new_layout``.
    """

    def __init__(self, root: str, new_layout: int | None = None) -> None:
        self.root = root
        self.new_layout = layout.NEW if new_layout is None else new_layout

    @property
    def control(self) -> str:
        """The control directory of the root."""
        return control_of(self.root)

    @classmethod
    def find(cls, target: str, named: str | None = None) -> WorkingCopy:
        """Return the working copy that ``target`` is in; errors name ``named``.

        The nearest root above decides; a tree that was taken out of
        its working copy has none and begins where the control directories
        begin.  Raises `Error` outside of any, and `PathRefused` where another user
        can have made it.
        """
        path = os.path.abspath(target)
        # A link in a working copy belongs to where it lies.
        lies_within = _check_way(path) and os.path.islink(path)
        if lies_within or not os.path.isdir(path):
            path = os.path.dirname(path)
        directory = os.path.realpath(path)
        topmost = None
        tree = DISK
        while True:
            for name in (paths.DATA, paths.CONTROL):
                control = os.path.join(directory, name)
                if not tree.isdir(control):
                    continue
                if name == paths.DATA:
                    control = data_of(directory)
                if tree.isfile(os.path.join(control, paths.ROOT)):
                    check_trusted(directory)
                    return cls(directory)
                topmost = directory
            parent = os.path.dirname(directory)
            if parent == directory:
                break
            directory = parent
        if topmost is None:
            is_one = named is not None and is_root(named)
            raise Error(
                f"nothing known about {named or target!r}",
                path=named or target,
                advice=ROOT_ADVICE
                if is_one
                else "It is not in a working copy; 'zsync checkout' makes one.",
            )
        check_trusted(topmost)
        return cls(topmost)

    @classmethod
    @contextmanager
    def making(
        cls, target: str, new_layout: int | None = None, outside: str | None = None
    ) -> Iterator[WorkingCopy]:
        """A working copy in ``target``, which is made if need be.

        Its control data gets into the directory ``outside``, if there is one.  If the
        block fails, the directories that were made are removed again.
        """
        root = os.path.realpath(target)
        if outside is not None:
            # Imported here: few working copies need it.
            from zope.app.fssync.client.workingcopy.outside import placing

            with placing(root, outside), cls.making(target, new_layout) as copy:
                yield copy
            return
        tree = DISK
        copy = cls(root, new_layout)
        if copy.new_layout == layout.DESCRIBED and not tree.isdir(
            os.path.join(root, paths.CONTROL)
        ):
            control = data_of(root)
        else:
            control = control_of(root)
        check_trusted(root)
        made, path = [], control
        while not os.path.lexists(path):
            made.append(path)
            path = os.path.dirname(path)
        os.makedirs(control, exist_ok=True)
        try:
            yield copy
        except BaseException:
            for path in made:
                tree.rmdir(path)
            raise

    @contextmanager
    def changing(self, command: str) -> Iterator[CompactChanges]:
        """Yield changes that are made when the block ends, unless it fails.

        The working copy is locked meanwhile.  What an interrupted command left is
        finished or dropped first.
        """
        # Imported here: commands that only look need none of it.
        from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges
        from zope.app.fssync.client.workingcopy.staging import Changes

        with self.locked(command) as kept:
            new = self._is_new()
            compact = (new and self.new_layout != layout.PLAIN) or (
                self.layout() != layout.PLAIN
            )
            changes = CompactChanges(Changes(self.root), compact)
            changes.journal.command = command
            changes.journal.kept.extend(kept)
            try:
                yield changes
                if new:
                    layout.write_layout(changes, self.root, self.new_layout)
                    layout.write_ignored(changes, self.root)
                changes.apply()
            except BaseException:
                changes.abandon()
                raise

    def check_inside(self) -> None:
        """Raise an error where the control data is outside of the tree."""
        if is_outside(self.root):
            data = escape(os.path.join(self.root, paths.DATA))
            raise Error(
                f"the control data of {escape(self.root)} is outside of it: "
                f"{escape(self.control)}",
                path=self.root,
                advice=f"Older layouts have it inside: remove {data}, and move that "
                "directory there.",
            )

    @contextmanager
    def converting(self, command: str, new_layout: int) -> Iterator[CompactChanges]:
        """Yield changes that may move the control directory of the root."""
        from zope.app.fssync.client.workingcopy.convert import remove_left

        with self._both_locked(command, new_layout), self.changing(command) as changes:
            yield changes
        remove_left(self.root)

    @contextmanager
    def _both_locked(self, command: str, new_layout: int) -> Iterator[None]:
        """Keep those out who look for the control directory elsewhere."""
        names = [paths.CONTROL, paths.DATA]
        there = [n for n in names if os.path.isdir(os.path.join(self.root, n))]
        if layout.DESCRIBED in (self.layout(), new_layout):
            there = names
        with ExitStack() as stack:
            for name in there:
                control = os.path.join(self.root, name)
                Tree(self.root).mkdir(control)
                if control != self.control:
                    lock = Lock(os.path.join(control, "Lock"), f"zsync {command}")
                    stack.enter_context(lock)
            yield

    def layout(self) -> int:
        """The number of its layout; raises where a newer zsync has made it."""
        return layout.read_layout(DISK, self.root)

    def _is_new(self) -> bool:
        return not any(
            DISK.exists(os.path.join(self.control, name))
            for name in (paths.ROOT, paths.ENTRIES)
        )

    @contextmanager
    def locked(self, command: str) -> Iterator[list[str]]:
        """Keep all other commands out.

        What an interrupted one left is finished or dropped first; yield the paths where
        edits are kept that came in between.
        """
        with Lock(os.path.join(self.control, "Lock"), f"zsync {command}"):
            journal = self._journal()
            journal.recover()
            kept = [*journal.kept, *self._remove_left()]
            self._remove_temporaries()
            yield kept

    def _journal(self) -> Journal:
        # Imported here: commands that only look need none of it.
        from zope.app.fssync.client.workingcopy.journal import Journal

        return Journal(self.root)

    def _remove_left(self) -> list[str]:
        """Remove what an interrupted conversion has left; return where edits are."""
        if not left_at(self.root):
            return []
        # Imported here: hardly any command needs it.
        from zope.app.fssync.client.workingcopy.left import remove_all

        return remove_all(self.root)

    def clean(self) -> list[str]:
        """Finish or drop what interrupted commands left; a line for each of them."""
        done = []
        lock = Lock(os.path.join(self.control, "Lock"), "zsync cleanup")
        with lock:
            if lock.left:
                done.append(f"removed the lock that nobody holds: {lock.left}")
            journal = self._journal()
            planned = journal.planned
            if journal.recover():
                done.append(
                    "finished the change that was interrupted"
                    if planned
                    else "removed what was staged for a change that was interrupted"
                )
            kept = [*journal.kept, *self._remove_left()]
            done.extend(f"{path} was edited meanwhile" for path in kept)
            done.extend(self._remove_temporaries())
        return done

    def discard_journal(self) -> str | None:
        """Move a journal that cannot be read out of the way; says what it did."""
        journal = self._journal()
        with Lock(os.path.join(self.control, "Lock"), "zsync doctor"):
            try:
                journal.verify()
            except (MetadataDamaged, UnsafeData) as error:
                if os.path.lexists(journal.staging) and (
                    journal.staging != journal.directory
                ):
                    _set_aside(journal.staging)
                moved = _set_aside(journal.directory)
                return f"repaired: {error.message}: moved to {moved}"
        return None

    def _remove_temporaries(self) -> list[str]:
        """Remove what a power cut left of files that were being replaced."""
        tree, done = Tree(self.root), []
        # If the control data is outside, there are files beside the pointer as well.
        for directory in dict.fromkeys((self.control, dirname(staging_of(self.root)))):
            for name in tree.listdir(directory):
                path = os.path.join(directory, name)
                if is_temporary(name) and tree.isfile(path):
                    tree.remove(path)
                    done.append(f"removed {path}, which was never finished")
        return done

    def recover(self) -> bool:
        """Finish what an interrupted command left, where that is to be seen.

        Local commands that only look call this: they need no lock, what another
        command is staging does not concern them, and a working copy that cannot
        be written has nothing to recover.  Returns whether there was anything.
        """
        if not DISK.isdir(journal_of(self.root)) or not os.access(
            self.control, os.W_OK
        ):
            return False
        try:
            with self.locked("status"):
                return True
        except Locked:
            if self._journal().planned:
                raise
            return False


def _set_aside(path: str) -> str:
    """Give a directory another name; return its new path."""
    number, moved = 1, f"{path}.damaged"
    while os.path.lexists(moved):
        number += 1
        moved = f"{path}.damaged{number}"
    replace(path, moved)
    return moved


def _check_way(path: str) -> bool:
    """Return True if ``path`` leads through a working copy; raise for a link in it.

    The target of such a link is not part of the working copy, which may itself be
    reached through links.
    """
    way, within = os.sep, False
    for part in [*os.path.dirname(path).split(os.sep), ""]:
        within = within or any(
            os.path.isdir(os.path.join(way, name))
            for name in (paths.DATA, paths.CONTROL)
        )
        way = os.path.join(way, part)
        if within and part and os.path.islink(way):
            raise PathRefused(
                f"a link in a working copy is not followed: {escape(way)}",
                path=way,
                advice="Name what it leads to, if you mean that.",
            )
    return within
