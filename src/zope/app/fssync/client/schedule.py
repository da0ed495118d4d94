"""Functions and checks of the verbs that register changes for the next commit.

These verbs need no server, and work in a session that is open.
"""

from __future__ import annotations

import os
from os.path import basename
from os.path import join

from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.workingcopy.place import ROOT_ADVICE
from zope.app.fssync.client.workingcopy.place import is_root
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.descriptionnames import is_description
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused
from zope.fssync.errors import WorkingCopyError
from zope.fssync.fsutil import free_name
from zope.fssync.metadata import MOVED
from zope.fssync.report import is_of_other_kind
from zope.fssync.terminal import escape

__all__ = [
    "check_entries",
    "check_free",
    "check_kind",
    "check_name",
    "check_whole",
    "container_advice",
    "folder_of",
    "forget",
    "forget_parts",
    "free_beside",
    "is_misplaced",
    "lost",
    "make_new",
    "registered",
]


def registered(session: Session, target: str) -> list[str]:
    """Return the registered paths below ``target``, also of extras and annotations."""
    children = []
    if session.files.isdir(target):
        children = [join(target, name) for name in session.metadata.getnames(target)]
    for getwhat in (fsutil.getextra, fsutil.getannotations):
        special = getwhat(target)
        if session.files.isdir(special):
            names = session.metadata.getnames(special)
            children.extend(join(special, name) for name in names)
    return children


def make_new(session: ChangingSession, path: str) -> bool:
    """Make an object a new one, without its originals; return False without object."""
    session.fsmerger.merger.remove_original(path)
    entry = session.metadata.getentry(path)
    entry.pop("conflict", None)
    entry["flag"] = "added"
    if not session.files.exists(path):
        entry.clear()
    return bool(entry)


def forget(session: ChangingSession, path: str) -> None:
    """Unregister an added object; delete the file if it is a part."""
    forget_parts(session, path)
    session.metadata.getentry(path).clear()
    if fsutil.ispart(path) and session.files.isfile(path):
        session.files.remove(path)


def forget_parts(session: ChangingSession, path: str) -> None:
    """Forget the extras and annotations added with an object."""
    for getwhat in (fsutil.getextra, fsutil.getannotations):
        special = getwhat(path)
        for name in session.metadata.getnames(special):
            part = join(special, name)
            if session.metadata.getentry(part).get("flag") == "added":
                forget(session, part)
        if session.files.isdir(special) and not session.metadata.getnames(special):
            session.fsmerger.removal.remove_special(
                path, basename(fsutil.split(special)[0])
            )


def folder_of(path: str) -> str:
    """Return the directory that ``path`` is in: a link to it has no entry."""
    return os.path.dirname(fsutil.located(path))


def free_beside(session: Session, directory: str, name: str) -> str:
    """Return the path of a free name in a directory, similar to ``name``."""
    taken = {*session.files.listdir(directory), *session.metadata.getnames(directory)}
    return join(directory, free_name(name, taken.__contains__))


def check_name(path: str, name: str) -> None:
    try:
        paths.check_name(name)
    except PathRefused as error:
        error.advice = (
            "It is control data of the working copy; leave it as it is."
            if paths.is_control(name)
            else "Give it another name."
        )
        raise
    if paths.is_control(name):
        raise Error(f"can't add '{path}': it is control data", path=path)


def check_free(session: Session, path: str) -> None:
    """Refuse the name of a description, which an object cannot have."""
    directory, name = fsutil.split(path)
    if is_description(name) and session.files.is_described(directory):
        raise Error(
            f"can't add '{path}': it is the name of a description",
            path=path,
            advice="What is described is sent with the object: add and name that. "
            "For an object of your own choose another name.",
        )


def check_entries(session: ChangingSession, directory: str, what: str) -> None:
    """Refuse to register anything in a directory that is to be removed, or is lost.

    A directory whose entries are lost would count as complete then, and its registered
    objects would never be restored.
    """
    entry = session.metadata.getentry(directory)
    if entry.get("flag") == "removed":
        raise Error(
            f"{what}: its folder is scheduled for removal",
            path=directory,
            advice="Commit the removal first, or take it back: "
            f"'zsync revert {escape(directory)}'.",
        )
    is_new = entry.get("flag") == "added" and MOVED not in entry
    if not is_new and session.has_lost_entries(directory):
        raise WorkingCopyError(
            f"{what}: the entries of its folder are lost",
            path=directory,
            advice="The folder was deleted and made anew. Run 'zsync update', which "
            "brings back what was in it, then try again.",
        )


def check_kind(session: ChangingSession, path: str, verb: str) -> None:
    """Refuse a file in place of a received directory, or the reverse.

    Another directory in its place is refused as well.
    """
    entry, kind = session.metadata.getentry(path), session.files.kind(path)
    is_new = entry.get("flag") == "added" and MOVED not in entry
    if kind is None or is_new:
        return
    was_file = session.files.isfile(fsutil.getoriginal(path))
    if kind == "dir" and not was_file and session.has_lost_entries(path):
        raise lost(path, "entries are", verb)
    if was_file != (kind == "file"):
        raise Error(
            f"can't {verb} '{escape(path)}': it is of another kind than what was sent, "
            "or its original is lost",
            path=path,
            advice="Run 'zsync update' first.",
        )


def check_whole(
    session: ChangingSession,
    path: str,
    verb: str,
    option: str = "",
    named: str | None = None,
) -> None:
    """Refuse to change a directory on the server that is incomplete here."""
    entry = session.metadata.getentry(path)
    if (
        not session.is_partial
        or entry.get("flag") == "added"
        or not session.files.isdir(path)
        or not session.left_out.may_lack(path)
    ):
        return
    shown = escape(named or path)
    force = f", or 'zsync {verb}{option} {shown}'" if option else ""
    raise Error(
        f"can't {verb} '{shown}': this working copy may leave out some of it",
        path=path,
        advice="Nothing was changed. Bring the rest first: "
        f"'zsync update --set-depth infinity {shown}'{force}.",
    )


def is_misplaced(session: Session, path: str) -> bool:
    """Return True if a file or directory of another kind replaces an object."""
    entry, kind = session.metadata.getentry(path), session.files.kind(path)
    if is_of_other_kind(entry):
        return True
    was_file = session.files.isfile(fsutil.getoriginal(path))
    if entry.get("flag") == "removed":
        # Both a new file here and a change of others are in its place.
        return "conflict" in entry and bool(kind) and was_file != (kind == "file")
    return was_file and "flag" not in entry and kind not in (None, "file")


def lost(target: str, what: str, verb: str = "revert") -> Error:
    return WorkingCopyError(
        f"can't {verb} '{target}': its {what} lost",
        path=target,
        advice="Run 'zsync update', which brings it back.",
    )


def container_advice(directory: str) -> str | None:
    """Return the advice for a directory outside of the checked out objects."""
    if is_root(directory):
        return ROOT_ADVICE
    try:
        WorkingCopy.find(directory)
    except Error as error:
        return error.advice
    return None
