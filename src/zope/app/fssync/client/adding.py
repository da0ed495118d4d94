"""Add files and directories: register them for the next commit."""

from __future__ import annotations

import os
from os.path import basename
from os.path import join

from zope.app.fssync.client.schedule import check_entries
from zope.app.fssync.client.schedule import check_free
from zope.app.fssync.client.schedule import check_name
from zope.app.fssync.client.schedule import container_advice
from zope.app.fssync.client.schedule import folder_of
from zope.app.fssync.client.schedule import make_new
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.workingcopy.naming import check_twin
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused
from zope.fssync.report import Change
from zope.fssync.terminal import escape

__all__ = ["add", "basicadd", "mkdir", "mkdir_parent", "register"]


def add(
    session: ChangingSession,
    path: str,
    type: str | None = None,
    factory: str | None = None,
    recursive: bool = False,
    parents: bool = False,
) -> None:
    """Register a file or directory, to be added by the next commit.

    With ``recursive`` a directory is added with all it contains; of a registered one
    the new files are added.  ``type`` and ``factory`` are those of ``path`` itself.
    With ``parents`` unregistered directories above are added, without their content.
    """
    if parents:
        _add_parents(session, path)
    is_directory = session.files.isdir(path)
    known = session.metadata.getentry(path)
    if not (
        recursive and is_directory and known and known.get("flag") in (None, "added")
    ):
        register(session, path, type, factory)
    if recursive and is_directory:
        _add_content(session, path)


def _add_parents(session: ChangingSession, path: str) -> None:
    missing = []
    head, _ = fsutil.split(path)
    while session.inside(head) is not None and not session.metadata.getentry(head):
        missing.append(head)
        head, _ = fsutil.split(head)
    for directory in reversed(missing):
        register(session, directory)


def _add_content(session: ChangingSession, directory: str) -> None:
    """Add the unregistered files and directories in a directory."""
    for name in session.files.listdir(directory):
        path = join(directory, name)
        if name == paths.CONTROL:
            continue
        kind = session.files.kind(path)
        if session.metadata.getentry(path):
            if kind == "dir":
                _add_content(session, path)
        elif not session.ignores(path, kind == "dir"):
            _add_child(session, path, kind)


def _add_child(session: ChangingSession, path: str, kind: str | None) -> None:
    if kind not in ("dir", "file"):
        # Links and devices are no content: they stay unregistered.
        session.reporter(Change(report.UNREGISTERED, path, "?"))
        return
    if session.files.exists(join(path, paths.CONTROL, paths.ROOT)):
        raise Error(
            f"'{path}' is a working copy of its own",
            path=path,
            advice="Nothing was added. Move it away, or name it in .zsyncignore.",
        )
    try:
        register(session, path)
    except PathRefused as error:
        error.advice = (
            "Nothing was added. Give it another name, or ignore it: a line "
            f"'{escape(path.rpartition('/')[2])}' in .zsyncignore."
        )
        raise
    if kind == "dir":
        _add_content(session, path)


def register(
    session: ChangingSession,
    path: str,
    type: str | None = None,
    factory: str | None = None,
) -> None:
    """Register a file or directory, to be added by the next commit.

    The removal of a file that is scheduled for it, and exists again, is cancelled.  A
    directory that was moved here without zsync is added with its registered objects.
    """
    head, tail = fsutil.split(path)
    if fsutil.getowner(head) is not None:
        _add_part(session, path, head, type, factory)
        return
    check_name(path, tail)
    check_free(session, path)
    if _keep_removed(session, path):
        session.reporter(Change(report.MODIFIED, path, "M"))
        return
    check_twin(session.metadata, path)
    entry = basicadd(session, path, type, factory)
    above = _id_of_folder(session, path)
    check_entries(session, head, f"can't add '{path}'")
    # The server composes the names of new objects.
    entry["id"] = f"{above.rstrip('/')}/{paths.nfc(tail)}"
    if session.is_partial:
        # Others may make an object of that name meanwhile: ask for it.
        session.left_out.want(session, path)
    if session.files.isdir(path):
        # It is known to have no children.
        session.fsmerger.make_dir(path)
    _report_added(session, path)


def _id_of_folder(session: Session, path: str) -> str:
    """Return the path on the server of the folder that ``path`` is added to."""
    folder = folder_of(path)
    parent = session.metadata.getentry(folder)
    if not parent:
        raise Error(
            f"can't add '{path}': its parent is not registered",
            path=path,
            advice=container_advice(folder)
            or "Add the parent first, or use --parents.",
        )
    if "id" not in parent:
        raise Error(f"can't add '{path}': its parent has no 'id' key")
    return parent["id"]


def _report_added(session: ChangingSession, path: str) -> None:
    """Report an addition, and add the registered objects in a directory."""
    if session.files.isdir(path):
        session.reporter(Change(report.ADDED, join(path, ""), "A"))
        _add_registered(session, path)
    else:
        session.reporter(Change(report.ADDED, path, "A"))


def _add_registered(session: ChangingSession, directory: str) -> None:
    """Add the registered objects in a directory that was moved here without zsync."""
    above = session.metadata.getentry(directory)["id"]
    for name in session.metadata.getnames(directory):
        path = join(directory, name)
        entry = session.metadata.getentry(path)
        if not make_new(session, path):
            continue
        # An object that was moved by hand is a new one, named as its file.
        entry.pop("key", None)
        entry["id"] = f"{above.rstrip('/')}/{paths.nfc(name)}"
        for special in (fsutil.getextra(path), fsutil.getannotations(path)):
            for part in session.metadata.getnames(special):
                make_new(session, join(special, part))
        _report_added(session, path)


def _keep_removed(session: ChangingSession, path: str) -> bool:
    """Cancel the removal of a file that exists; return False if there is none."""
    entry = session.metadata.getentry(path)
    if entry.get("flag") != "removed" or not session.files.exists(path):
        return False
    original = fsutil.getoriginal(path)
    if not session.files.isfile(path) or not session.files.isfile(original):
        raise Error(
            f"'{path}' is scheduled for removal",
            path=path,
            advice="Commit the removal first, then add the new file.",
        )
    del entry["flag"]
    return True


def _add_part(
    session: ChangingSession,
    path: str,
    head: str,
    type: str | None,
    factory: str | None,
) -> None:
    """Register a file as one of the extras or annotations of an object."""
    if not session.files.isfile(path):
        raise Error(f"can't add '{path}': it is no file", path=path)
    owner = fsutil.getowner(head)
    if owner is None or not session.metadata.getentry(owner):
        raise Error(
            f"can't add '{path}': what it belongs to is not registered", path=path
        )
    basicadd(session, path, type, factory)
    session.reporter(Change(report.ADDED, path, "A"))


def basicadd(
    session: Session, path: str, type: str | None = None, factory: str | None = None
) -> dict[str, str]:
    """Register a file that need not have a path on the server."""
    kind = session.files.kind(path)
    if kind is None:
        raise Error(f"nothing known about '{path}'", path=path)
    if kind == "other":
        raise Error(
            f"can't add '{path}': it is neither a file nor a directory", path=path
        )
    entry = session.metadata.getentry(path)
    if entry:
        raise Error(f"object '{path}' is already registered", path=path)
    entry["flag"] = "added"
    if type:
        entry["type"] = type
    if factory:
        entry["factory"] = factory
    return entry


def mkdir_parent(session: Session, path: str) -> str:
    """Return the directory in which ``path`` can be made."""
    directory = os.path.dirname(path.rstrip(os.sep)) or os.curdir
    folder = folder_of(path)
    if not session.files.exists(folder):
        raise Error(f"directory {directory!r} does not exist", path=directory)
    if not session.files.isdir(folder):
        raise Error(f"{directory!r} is not a directory", path=directory)
    if session.files.exists(path.rstrip(os.sep)):
        raise Error(f"{path!r} already exists", path=path)
    if not session.metadata.getentry(folder):
        raise Error(
            f"know nothing about container for {path!r}",
            path=path,
            advice=container_advice(folder)
            or f"'zsync add -N {escape(directory)}' registers it.",
        )
    return directory


def mkdir(session: ChangingSession, path: str) -> None:
    """Make a directory, and register it."""
    check_name(path, basename(path.rstrip(os.sep)))
    check_free(session, path)
    session.files.mkdir(path)
    register(session, path)
