"""Copy a file or an object, and register the copy."""

from __future__ import annotations

import os
from os.path import basename
from os.path import join

from zope.app.fssync.client import adding
from zope.app.fssync.client.schedule import check_kind
from zope.app.fssync.client.schedule import container_advice
from zope.app.fssync.client.schedule import folder_of
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import Session
from zope.fssync import fsutil
from zope.fssync.errors import Error

__all__ = ["Registrar", "copy", "copy_target"]


class Registrar:
    """Register copies for the copiers of `zope.fssync.copier`."""

    def __init__(self, session: ChangingSession) -> None:
        self._session = session
        self.metadata = session.metadata
        self.files = session.files
        self.fsmerger = session.fsmerger
        self.reporter = session.reporter

    def add(
        self, path: str, type: str | None = None, factory: str | None = None
    ) -> None:
        adding.register(self._session, path, type, factory)

    def basicadd(
        self, path: str, type: str | None = None, factory: str | None = None
    ) -> dict[str, str]:
        return adding.basicadd(self._session, path, type, factory)


def copy_target(session: Session, src: str, dst: str | None) -> str:
    """Return the path of the copy of ``src``, written as the user wrote ``dst``."""
    if not os.path.lexists(src):
        raise Error(f"{src} does not exist", path=src)
    if not dst or os.path.isdir(dst):
        directory, name = dst or os.curdir, basename(os.path.abspath(src))
    else:
        directory, name = os.path.split(dst)
        directory = directory or os.curdir
    if not os.path.isdir(directory):
        raise Error(f"destination directory does not exist: {directory!r}")
    target = join("" if directory == os.curdir else directory, name)
    if os.path.lexists(target):
        raise Error(f"'{target}' already exists", path=target)
    if not session.metadata.getentry(folder_of(target)):
        raise Error(
            f"nothing known about '{directory}'",
            path=directory,
            advice=container_advice(directory),
        )
    return target


def copy(session: ChangingSession, src: str, target: str, children: bool) -> None:
    """Copy a file or an object, and register the copy."""
    from zope.fssync.copier import FileCopier
    from zope.fssync.copier import ObjectCopier

    # A part and an object have no types in common.
    known = session.metadata.getentry(src) and (
        fsutil.ispart(src) == fsutil.ispart(target)
    )
    if known and session.inside(src) is not None:
        _check_kinds(session, src, children)
    copier = (ObjectCopier if known else FileCopier)(Registrar(session))
    copier.copy(src, target, children)


def _check_kinds(session: ChangingSession, path: str, children: bool) -> None:
    """Refuse to copy an object of another kind, or one that contains such an object."""
    check_kind(session, path, "copy")
    if children and session.files.isdir(path):
        for name in session.metadata.getnames(path):
            each = join(path, name)
            if session.metadata.getentry(each).get("flag") != "removed":
                _check_kinds(session, each, children)
