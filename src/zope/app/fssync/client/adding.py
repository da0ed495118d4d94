"""Add directories with their content, except ignored files."""

from __future__ import annotations

from os.path import join

from zope.app.fssync.client import schedule
from zope.app.fssync.client.session import ChangingSession
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused
from zope.fssync.report import Change
from zope.fssync.terminal import escape

__all__ = ["add"]


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
        schedule.add(session, path, type, factory)
    if recursive and is_directory:
        _add_content(session, path)


def _add_parents(session: ChangingSession, path: str) -> None:
    missing = []
    head, _ = fsutil.split(path)
    while session.inside(head) is not None and not session.metadata.getentry(head):
        missing.append(head)
        head, _ = fsutil.split(head)
    for directory in reversed(missing):
        schedule.add(session, directory)


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
        # Links and devices are not content; the line says that it stays unknown.
        session.reporter(Change(report.UNREGISTERED, path, "?"))
        return
    if session.files.exists(join(path, paths.CONTROL, paths.ROOT)):
        raise Error(
            f"'{path}' is a working copy of its own",
            path=path,
            advice="Nothing was added. Move it away, or name it in .zsyncignore.",
        )
    try:
        schedule.add(session, path)
    except PathRefused as error:
        error.advice = (
            "Nothing was added. Give it another name, or ignore it: a line "
            f"'{escape(path.rpartition('/')[2])}' in .zsyncignore."
        )
        raise
    if kind == "dir":
        _add_content(session, path)
