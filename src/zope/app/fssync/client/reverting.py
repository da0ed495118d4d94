"""Revert local changes that were not committed."""

from __future__ import annotations

from os.path import basename
from os.path import join

from zope.app.fssync.client.schedule import forget
from zope.app.fssync.client.schedule import forget_parts
from zope.app.fssync.client.schedule import free_beside
from zope.app.fssync.client.schedule import is_misplaced
from zope.app.fssync.client.schedule import lost
from zope.app.fssync.client.schedule import registered
from zope.app.fssync.client.session import ChangingSession
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import MOVED_TO
from zope.fssync.report import Change
from zope.fssync.report import is_of_other_kind

__all__ = ["revert", "revert_all", "set_aside"]


def revert_all(session: ChangingSession, target: str) -> None:
    """Undo all local changes of what a target stands for.

    Of a description the changes of the entry are undone, as of the type.
    """
    owner = session.files.owner_of(target)
    if owner is not None:
        _revert_entry(session, owner)
    for path in session.told(target):
        revert(session, path)


def revert(session: ChangingSession, target: str) -> None:
    """Undo the local changes of ``target``, and report each path.

    A file or directory in place of an object of another kind is renamed.
    """
    if fsutil.located(target) in session.relocated:
        return
    entry = session.entry(target)
    _revert_entry(session, target)
    if {MOVED, MOVED_TO} & entry.keys():
        _revert_move(session, target)
        return
    if is_misplaced(session, target):
        if is_of_other_kind(entry):
            _give_up_parts(session, target)
        set_aside(session, target)
    elif entry.get("flag") == "added":
        forget(session, target)
    elif not _revert(session, target, entry):
        return
    shown = join(target, "") if session.files.isdir(target) else target
    session.reporter(Change(report.REVERTED, shown, "Reverted"))


def _revert_entry(session: ChangingSession, target: str) -> None:
    """Undo changes of the entry, as of the type, in a description."""
    entry = session.metadata.getentry(target)
    if entry.get("flag") == "added" and MOVED not in entry:
        # All of the entry will be removed.
        return
    before = session.files.drop_edits(target)
    for name, value in before.items():
        if value is None:
            entry.pop(name, None)
        else:
            entry[name] = value
    if not before:
        return
    shown = session.files.description_of(target)
    session.reporter(Change(report.REVERTED, shown, "Reverted"))


def _revert(session: ChangingSession, target: str, entry: dict[str, str]) -> bool:
    """Restore a registered object; return True if ``target`` is to be reported."""
    marked = any([entry.pop("flag", None), entry.pop("conflict", None)])
    if marked:
        session.fsmerger.merger.forget_sides(target)
    for path in registered(session, target):
        if session.metadata.getentry(path):
            revert(session, path)
    if session.files.isdir(target):
        if session.has_lost_entries(target) and not marked:
            raise lost(target, "entries are")
        return marked
    return _revert_file(session, target, marked)


def _revert_file(session: ChangingSession, target: str, marked: bool) -> bool:
    original = fsutil.getoriginal(target)
    if session.files.isfile(original):
        if session.same_content(target, original):
            return marked
        session.fsmerger.merger.restore_original(target)
    elif not marked:
        raise lost(target, "original is")
    return True


def _revert_move(session: ChangingSession, target: str) -> None:
    """Undo the changes of a moved object, and move it back."""
    # Imported here: few objects are moved.
    from zope.app.fssync.client.moving import cancel

    entry = session.metadata.getentry(target)
    new = target if MOVED in entry else session.other_place(target)
    assert new is not None
    entry = session.metadata.getentry(new)
    _revert(session, new, entry)
    old = cancel(session, fsutil.located(new))
    shown = old if new == target else target
    session.reporter(Change(report.REVERTED, shown, "Reverted"))


def set_aside(session: ChangingSession, target: str) -> None:
    """Rename a file or directory, so that an update can restore the object."""
    head, name = fsutil.split(target)
    free = basename(free_beside(session, head, f"{name}.mine"))
    entry = session.metadata.getentry(target)
    for mark in ("flag", "conflict"):
        entry.pop(mark, None)
    forget_parts(session, target)
    session.files.tree.rename(target, free)
    line = f"Renamed {target} to {free}; 'zsync update' brings the server's"
    session.reporter(Change.of_line(line, report.RENAMED, target, free))


def _give_up_parts(session: ChangingSession, target: str) -> None:
    """Forget the parts of an object that is not the server's object any more.

    They would be merged with those of the server's object.
    """
    for what in (paths.EXTRA, paths.ANNOTATIONS):
        session.fsmerger.removal.remove_special(target, what)
