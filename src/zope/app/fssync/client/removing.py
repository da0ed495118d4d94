"""Schedule objects for removal by the next commit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from os.path import join

from zope.app.fssync.client.schedule import check_whole
from zope.app.fssync.client.schedule import forget
from zope.app.fssync.client.schedule import is_misplaced
from zope.app.fssync.client.schedule import registered
from zope.app.fssync.client.session import ChangingSession
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.errors import Error
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import MOVED_TO
from zope.fssync.report import Change
from zope.fssync.terminal import escape

__all__ = ["remove"]


def remove(
    session: ChangingSession, path: str, force: bool = False, keep_local: bool = False
) -> None:
    """Schedule a file or directory for removal by the next commit.

    Delete the files as well, if all of them are on the server, or with ``force``.
    With ``keep_local`` they are kept as unregistered files.
    """
    entry = session.metadata.getentry(path)
    if not entry:
        raise Error(f"nothing known about '{path}'", path=path)
    if not fsutil.ispart(path) and not entry.get("id"):
        raise Error(f"can't remove '{path}': its zope path is unknown")
    _refuse_moved_away(session, path)
    if not force:
        check_whole(session, path, "remove", " --force")
    shown = join(path, "") if session.files.isdir(path) else path
    if session.files.exists(path):
        if keep_local:
            _unregister_below(session, path)
        else:
            _delete(session, path, force)
    if MOVED in entry:
        _remove_moved(session, path)
    elif entry.get("flag") == "added":
        forget(session, path)
    else:
        entry["flag"] = "removed"
        if entry.pop("conflict", None):
            session.fsmerger.merger.forget_sides(path)
    # 3.6.0 reports a directory like a file.
    session.reporter(Change.of_line(f"R {path}", report.REMOVED, shown))


def _remove_moved(session: ChangingSession, path: str) -> None:
    """Remove a moved object at its old path."""
    entry = session.metadata.getentry(path)
    parts = paths.split_archive_path(entry[MOVED])
    session.metadata.getentry(join(session.root, *parts)).pop(MOVED_TO, None)
    for what in (paths.ORIGINAL, paths.EXTRA, paths.ANNOTATIONS):
        session.fsmerger.removal.remove_special(path, what)
    entry.clear()


def _refuse_moved_away(session: ChangingSession, path: str) -> None:
    """Refuse to remove a directory with objects moved into or out of it."""
    for each in registered(session, path):
        marks = session.metadata.getentry(each).keys() & {MOVED, MOVED_TO}
        if marks:
            raise Error(
                f"can't remove '{path}': '{each}' was moved, and that is not committed",
                path=path,
                advice=f"Commit that first, or 'zsync revert {escape(each)}'.",
            )
        _refuse_moved_away(session, each)


def _unregister_below(session: ChangingSession, path: str) -> None:
    """Remove the control data in a directory, and nothing else."""
    if not session.files.isdir(path):
        return
    for name in session.metadata.getnames(path):
        _unregister_below(session, join(path, name))
    session.metadata.forget(path)
    control = join(path, paths.CONTROL)
    if session.files.isdir(control):
        session.files.rmtree(control)


def _delete(session: ChangingSession, path: str, force: bool = False) -> None:
    """Delete the registered files; others, as backup files, stay."""
    edited = None if force else next(_changed(session, path), None)
    if edited is not None:
        owner = fsutil.getowner(os.path.dirname(edited))
        named = owner or edited
        what = "changes of metadata" if owner else "changes"
        raise Error(
            f"'{named}' still exists and has {what} that are not on the server",
            path=named,
            advice=_removal_advice(session, named),
        )
    if session.files.isdir(path):
        session.fsmerger.removal.remove_registered(path)
    else:
        session.files.remove(path)


def _removal_advice(session: ChangingSession, path: str) -> str:
    known = session.files.isfile(fsutil.getoriginal(path))
    if known or {"conflict", "flag"} & session.metadata.getentry(path).keys():
        first = f"'zsync revert {escape(path)}'"
    else:
        first = f"'zsync update {escape(path)}'"
    return (
        f"{first} first, or use --force to lose the changes, --keep-local to keep "
        "the file."
    )


def _changed(session: ChangingSession, path: str) -> Iterator[str]:
    """Yield the changed registered objects at and below ``path``."""
    flag = session.metadata.getentry(path).get("flag")
    original = fsutil.getoriginal(path)
    if MOVED in session.metadata.getentry(path):
        flag = None
    is_there = session.files.isfile(path) and flag != "removed"
    is_edited = is_there and not session.same_content(path, original)
    if is_edited or flag == "added" or is_misplaced(session, path):
        yield path
    for each in registered(session, path):
        yield from _changed(session, each)
