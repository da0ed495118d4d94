"""Undo the last operation on a working copy.

The files that it replaced are restored, with their pristine copies and entries.  Files
that were edited since are kept beside them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterator
from os.path import basename
from os.path import dirname
from os.path import join

from zope.app.fssync.client.workingcopy.journal import Journal
from zope.app.fssync.client.workingcopy.journal import Step
from zope.app.fssync.client.workingcopy.operations import Done
from zope.app.fssync.client.workingcopy.operations import Operation
from zope.app.fssync.client.workingcopy.operations import Operations
from zope.app.fssync.client.workingcopy.place import below
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync.errors import Error
from zope.fssync.files import Signature
from zope.fssync.files import signature_at
from zope.fssync.report import BOTH
from zope.fssync.report import CONFLICT
from zope.fssync.report import REVERTED
from zope.fssync.report import Change

__all__ = ["operations", "undo_operation"]


def operations(target: str) -> list[Operation]:
    """Return the recorded operations on a working copy, the newest first."""
    copy = WorkingCopy.find(target)
    copy.recover()
    return Operations(copy.root).newest_first()


def undo_operation(
    target: str, reporter: Callable[[str], object]
) -> tuple[Operation, list[str]]:
    """Undo the last operation; return it, and the paths of kept files.

    Reports each file that is restored or removed; as C one that was edited since, whose
    edited version is kept.
    """
    copy = WorkingCopy.find(target)
    with copy.locked("undo") as edited:
        journal = Journal(copy.root)
        journal.kept.extend(edited)
        kept = journal.operations
        operation = _undoable(next(iter(kept.newest_first()), None))
        try:
            journal.perform(list(_steps(journal, operation.number)))
        except BaseException:
            journal.abandon()
            raise
        kept.forget(operation.number)
    for path in dict.fromkeys(operation.paths):
        reporter(Change(REVERTED, below(copy.root, path), "Reverted"))
    for path in journal.kept:
        reporter(Change(CONFLICT, path, "C", BOTH))
    return operation, journal.kept


def _undoable(operation: Operation | None) -> Operation:
    if operation is None:
        raise Error(
            "no operation is known that could be taken back",
            advice="'zsync undo REV' takes back a transaction of the server.",
        )
    if operation.is_final:
        raise Error(
            f"the last operation was '{operation.verb}', which is not taken back here",
            advice="What is on the server is taken back by 'zsync undo REV'.",
        )
    return operation


def _steps(journal: Journal, number: int) -> Iterator[Step]:
    """Yield steps of the journal that undo an operation, and stage their files."""
    for place, done in enumerate(journal.operations.back(number)):
        path, now = (below(journal.root, each) for each in (done.path, done.now))
        if done.verb == "relocate":
            yield Step("relocate", below(journal.root, done.staged), done.path)
        elif done.verb == "rename":
            yield Step("rename", join(dirname(path), done.staged), basename(path))
        elif done.verb == "made":
            yield Step("rmdir", now)
        elif done.verb == "rmdir":
            os.mkdir(journal.stage(str(place), path))
            yield Step("move", path, str(place))
        elif done.kept is not None:
            target = now if done.verb == "move" else path
            staged = journal.stage(str(place), target)
            journal.operations.stage(number, done.kept, staged)
            yield Step("move", target, str(place), _unedited(journal, target, done))
        elif done.verb == "move":
            yield Step("remove", now, "", _unedited(journal, now, done))


def _unedited(journal: Journal, path: str, done: Done) -> Signature | None:
    """Return the signature of a file that was not edited since an operation, else None.

    Later commands may have rewritten the files with the server's state.
    """
    found = signature_at(path)
    if found is None or journal.operations.is_state(path):
        return found
    return found if found[1:3] == done.seen else None
