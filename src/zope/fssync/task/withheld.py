"""What a commit may not do to objects, and parts of them, that are withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from zope.fssync import paths
from zope.fssync.errors import Withheld
from zope.fssync.messages import _
from zope.fssync.metadata import BASE
from zope.fssync.metadata import can_hold
from zope.fssync.task.base import SyncTask
from zope.fssync.task.base import isdirectory
from zope.fssync.task.compare import same_files
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.task.commit import Commit

__all__ = ["is_any_touched", "is_touched", "refuse_hidden", "refuse_loss"]


def is_any_touched(task: Commit, path: str, entry: dict[str, str]) -> bool:
    """Return True if the caller changed a withheld object, or a part of it."""
    parts = [task.special(path, w) for w in (paths.EXTRA, paths.ANNOTATIONS)]
    return is_touched(task, path, entry) or any(
        is_touched(task, part, {}) for part in parts if task.repository.isdir(part)
    )


def is_touched(task: Commit, path: str, entry: dict[str, str]) -> bool:
    """Return True if the caller changed a part that is withheld from them."""
    if entry.get("flag"):
        return True
    if task.repository.isdir(path):
        return any(
            is_touched(task, where, task.metadata.getentry(where))
            for where in (
                task.repository.join(path, name)
                for name in task.metadata.getnames(path)
            )
        )
    there = task.repository.exists(path)
    if task.scope is not None and BASE in entry:
        found: bool = there
        return found
    original = task.special(path, paths.ORIGINAL)
    return task.repository.exists(original) and not (
        there and same_files(task.repository, original, path)
    )


def refuse_hidden(task: SyncTask, synchronizer: Any, obj: Any, path: str) -> None:
    """Refuse to remove an object that holds what the caller may not see."""
    if not isdirectory(synchronizer):
        return
    for key, value in task.items(synchronizer):
        below = task.lookup(value, context=obj)
        if below is None:
            raise Withheld(
                _(
                    "you may not remove ${path}, something in it is withheld from you",
                    mapping={"path": escape(path)},
                ),
            )
        if not can_hold(str(key)):
            raise Withheld(
                _(
                    "you may not remove ${path}, it holds ${key}, which no "
                    "working copy shows",
                    mapping={"path": escape(path), "key": escape(str(key))},
                ),
                advice=_("Give that object another name on the server first."),
            )
        refuse_hidden(task, below, value, path)


def refuse_loss(task: SyncTask, synchronizer: Any, obj: Any, path: str) -> None:
    """Refuse to replace an object that has annotations the caller may not see."""
    mapping = synchronizer.annotations()
    if not mapping:
        return
    below = task.lookup(mapping, context=obj)
    if below is None or (
        isdirectory(below)
        and any(
            task.lookup(value, context=obj) is None for _, value in task.items(below)
        )
    ):
        raise Withheld(
            _(
                "you may not replace ${path}, an annotation of it is withheld from you",
                mapping={"path": escape(path)},
            ),
        )
