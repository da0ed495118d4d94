"""Resolve: settle conflicts, with the present content or with one side.

A replaced file whose content is nowhere else is kept beside the object.
"""

from __future__ import annotations

from collections.abc import Callable
from os.path import basename
from os.path import dirname

from zope.app.fssync.client.conflicts import Conflict
from zope.app.fssync.client.conflicts import Sides
from zope.app.fssync.client.conflicts import check_markers
from zope.app.fssync.client.conflicts import conflicts
from zope.app.fssync.client.conflicts import kind_advice
from zope.app.fssync.client.reverting import set_aside
from zope.app.fssync.client.schedule import forget
from zope.app.fssync.client.schedule import free_beside
from zope.app.fssync.client.session import ChangingSession
from zope.fssync import fsutil
from zope.fssync.errors import Error
from zope.fssync.report import BOTH
from zope.fssync.report import OTHER_KIND
from zope.fssync.report import REMOVED_HERE
from zope.fssync.report import REMOVED_THERE
from zope.fssync.report import RENAMED
from zope.fssync.report import RESOLVED
from zope.fssync.report import Change
from zope.fssync.streams import chunks
from zope.fssync.terminal import escape

__all__ = ["BASE", "CHOICES", "MERGED", "MINE", "THEIRS", "WORKING", "resolve"]

# The possible results.
MINE, THEIRS, BASE = "mine", "theirs", "base"
MERGED, WORKING = "merged", "working"
CHOICES = (MINE, THEIRS, BASE, MERGED, WORKING)


def resolve(
    session: ChangingSession,
    target: str,
    force: bool = True,
    accept: str = WORKING,
    alone: bool = False,
) -> None:
    """Settle the conflicts in ``target``, and report each path.

    ``accept`` is one of `CHOICES`.  Without ``force`` a file with conflict markers is
    refused.  With ``alone`` conflicts below ``target`` are not settled.
    """
    found = list(conflicts(session, target))
    if alone:
        found = [each for each in found if each.path == target]
    if accept in (MERGED, WORKING):
        _check_decided(found)
        if accept == MERGED or not force:
            files = [conflict.path for conflict in found]
            check_markers(session.files, files, can_force=accept == WORKING)
    take = _takers.get(accept, _keep_working)
    for conflict in found:
        take(session, conflict)
        session.metadata.getentry(conflict.path).pop("conflict", None)
        session.fsmerger.merger.forget_sides(conflict.path)
        session.reporter(Change(RESOLVED, conflict.path, "Resolved"))


def _check_decided(found: list[Conflict]) -> None:
    for conflict in found:
        if conflict.kind == OTHER_KIND:
            raise _undecided(conflict.path)


def _undecided(path: str) -> Error:
    return Error(
        f"'{path}' is a file on one side and a directory on the other",
        path=path,
        advice=f"Nothing was resolved. {kind_advice(path)}",
    )


def _keep_working(session: ChangingSession, conflict: Conflict) -> None:
    """Accept the object unchanged."""


def _take_mine(session: ChangingSession, conflict: Conflict) -> None:
    if conflict.kind == OTHER_KIND:
        raise _undecided(conflict.path)
    if conflict.kind == BOTH:
        sides = Sides(session, conflict.path)
        _replace(session, sides, sides.mine)


def _take_theirs(session: ChangingSession, conflict: Conflict) -> None:
    path = conflict.path
    if conflict.kind == OTHER_KIND:
        set_aside(session, path)
    elif conflict.kind == REMOVED_THERE:
        _set_aside_content(session, Sides(session, path))
        if session.files.isfile(path):
            session.files.remove(path)
        forget(session, path)
    elif conflict.kind == REMOVED_HERE:
        _bring_back(session, path)
    else:
        sides = Sides(session, path)
        _replace(session, sides, sides.theirs)


def _bring_back(session: ChangingSession, path: str) -> None:
    """Undo a removal; the next update restores a directory."""
    sides = Sides(session, path)
    del session.metadata.getentry(path)["flag"]
    if sides.theirs is not None:
        _replace(session, sides, sides.theirs)
    else:
        session.reporter(f"'zsync update' brings {escape(path)}")


def _take_base(session: ChangingSession, conflict: Conflict) -> None:
    sides = Sides(session, conflict.path)
    if sides.base is None:
        raise Error(
            f"it is not known what '{conflict.path}' was before both sides changed it",
            path=conflict.path,
            advice="Nothing was resolved. Choose mine, theirs or working.",
        )
    if conflict.kind == REMOVED_HERE:
        del session.metadata.getentry(conflict.path)["flag"]
    _replace(session, sides, sides.base)


def _replace(session: ChangingSession, sides: Sides, chosen: str | None) -> None:
    """Replace a file by one of its sides."""
    if chosen is None or chosen == sides.path:
        return
    if session.same_content(chosen, sides.path):
        return
    _set_aside_content(session, sides, but=chosen)
    with session.files.open(chosen) as stream:
        session.files.write(sides.path, chunks(stream))


def _set_aside_content(
    session: ChangingSession, sides: Sides, but: str | None = None
) -> None:
    """Keep the content of a file under another name, unless a side has it."""
    kept = sides.mine if sides.is_merged() else sides.path
    if kept is None or not session.files.isfile(kept):
        return
    known = [path for path in (sides.theirs, but) if path is not None]
    if any(kept == each or session.same_content(kept, each) for each in known):
        return
    directory, name = _place_beside(sides.path)
    free = free_beside(session, directory, f"{name}.mine")
    with session.files.open(kept) as stream:
        session.files.write(free, chunks(stream))
    line = f"Kept what {sides.path} was as {free}"
    session.reporter(Change.of_line(line, RENAMED, sides.path, free))


def _place_beside(path: str) -> tuple[str, str]:
    """Return the directory and the name under which to keep a file.

    A part of an object is kept beside the object, where the user sees it.
    """
    owner = fsutil.getowner(dirname(path))
    if owner is None:
        return fsutil.split(path)
    directory, name = fsutil.split(owner)
    return directory, f"{name}.{basename(path)}"


_takers: dict[str, Callable[[ChangingSession, Conflict], None]] = {
    MINE: _take_mine,
    THEIRS: _take_theirs,
    BASE: _take_base,
}
