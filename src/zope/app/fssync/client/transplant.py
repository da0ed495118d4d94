"""Transplant: apply the changes of one working copy to another.

They become local changes of the target, whose originals stay as they are, and the
next commit sends them.  Only registered objects of the source are read, and nothing
is removed from the target.
"""

from __future__ import annotations

import os
from os.path import basename
from os.path import join
from typing import Any

from zope.app.fssync.client.copying import Registrar
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import Session
from zope.fssync import fsutil
from zope.fssync import report
from zope.fssync.copier import ObjectCopier
from zope.fssync.copier import SpecialCopier
from zope.fssync.errors import Error
from zope.fssync.report import Change
from zope.fssync.streams import chunks

__all__ = ["check_targets", "merge", "transplant"]


def check_targets(
    session: Session, source: str, target: str = os.curdir, *ignored: str
) -> tuple[str, str]:
    """Return source and target, which have to be working copies of one object."""
    source, target = session.single(source), session.single(target)
    for path, role in ((target, "Target"), (source, "Source")):
        if not session.metadata.getentry(path):
            raise Error(f"{role} must be a fssync checkout directory", path=path)
    source_path, target_path = map(session.server_path, (source, target))
    if source_path != target_path:
        raise Error(f"Cannot merge from {source_path} to {target_path}")
    return source, target


def transplant(session: ChangingSession, source: str, target: str) -> None:
    """Merge the object ``source`` into the object ``target``."""
    merge(os.path.abspath(source), os.path.abspath(target), Registrar(session))
    session.conflicts.extend(session.fsmerger.conflicts)


def merge(source: str, target: str, sync: Any) -> None:
    """Merge the object ``source`` into the object ``target``.

    ``sync`` is an `FSSync` or a `Registrar`.  A changed file is reported as M, an
    added one as A, one in conflict or of another kind as C.
    """
    files = sync.files
    if not files.exists(source):
        return
    if sync.metadata.getentry(target):
        changed = _merge_content(source, target, sync)
        if _merge_specials(source, target, sync) or changed:
            sync.reporter(Change(report.MODIFIED, target, "M"))
    elif files.exists(target):
        # The user has made it and not registered it.
        sync.fsmerger.report.conflict(target)
        return
    else:
        ObjectCopier(sync).copy(source, target, False)
    if files.isdir(source) and files.isdir(target):
        for name in sync.metadata.getnames(source):
            key = sync.metadata.getentry(join(source, name)).get("key", name)
            file = sync.metadata.getmanager(target).name_of(key) or name
            merge(join(source, name), join(target, file), sync)


def _merge_content(source: str, target: str, sync: Any) -> bool:
    """Merge registered files; returns whether the target changed."""
    files, same = sync.files, sync.fsmerger.merger.cmpfile
    original = fsutil.getoriginal(target)
    if same(source, original) or same(source, target):
        return False
    if files.kind(source) != files.kind(target):
        _conflict(target, sync)
        return False
    if files.isdir(source):
        return False
    if same(target, original):
        with files.open(source) as stream:
            files.write(target, chunks(stream))
        return True
    return _merge_edited(source, target, sync)


def _merge_edited(source: str, target: str, sync: Any) -> bool:
    """Merge into a file with edits of its own, which must not be lost."""
    texts = sync.fsmerger.merger.texts(target, fsutil.getoriginal(target), source)
    if texts is None:
        _conflict(target, sync)
        return False
    name = basename(target)
    merged, conflicts = texts.merge(f"{name} (mine)", f"{name} (other working copy)")
    sync.files.write(target, [merged])
    if conflicts:
        _conflict(target, sync)
    return not conflicts


def _merge_specials(source: str, target: str, sync: Any) -> bool:
    """Merge extras and annotations; returns whether any of them changed."""
    changed = False
    for getwhat in (fsutil.getextra, fsutil.getannotations):
        special = getwhat(source)
        for name in sync.metadata.getnames(special):
            from_path, to_path = join(special, name), join(getwhat(target), name)
            if not sync.files.isfile(from_path):
                continue
            if sync.metadata.getentry(to_path):
                changed |= _merge_content(from_path, to_path, sync)
            else:
                sync.files.mkdir(getwhat(target))
                SpecialCopier(sync).copy(from_path, to_path)
                changed = True
    return changed


def _conflict(target: str, sync: Any) -> None:
    sync.metadata.getentry(target)["conflict"] = "yes"
    sync.fsmerger.report.conflict(target)
