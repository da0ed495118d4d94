"""Brings what differs in one working copy into another as local changes.

Originals stay as they are, so the next commit of the target sends what came
in.  Only what is registered in the source is looked at, and nothing is removed
from the target.
"""

from __future__ import annotations

from os.path import join
from typing import Any

from zope.fssync import fsutil
from zope.fssync.copier import ObjectCopier
from zope.fssync.files import same_content
from zope.fssync.merge3 import merge3

__all__ = ["MergeCopier", "merge"]


class MergeCopier(ObjectCopier):
    """Copies over objects that are registered in the target already."""

    def addEntry(self, source: str, target: str) -> None:
        self._copyspecials(source, target, fsutil.getextra)
        self._copyspecials(source, target, fsutil.getannotations)

    def _copyspecials(self, source: str, target: str, getwhat: Any) -> None:
        special = getwhat(source)
        if not self.files.isdir(special):
            return
        for name in self.sync.metadata.getnames(special):
            from_path, to_path = join(special, name), join(getwhat(target), name)
            if self.sync.metadata.getentry(to_path):
                self.copy(from_path, to_path, False)
            else:
                self.files.mkdir(getwhat(target))
                self.files.write(to_path, self._chunks(from_path))
                type, factory = self.sync.metadata.gettypeinfo(from_path)
                self.sync.basicadd(to_path, type, factory)


def merge(source: str, target: str, sync: Any) -> None:
    """Merge the object ``source`` into the object ``target``.

    ``sync`` is an `FSSync`; a file that is changed is reported as M, one that
    was added as A, one in conflict or of another kind as C.
    """
    metadata, files = sync.metadata, sync.files
    if not files.exists(source):
        return
    if not metadata.getentry(target):
        ObjectCopier(sync).copy(source, target, False)
    elif files.kind(source) != files.kind(target):
        _conflict(target, sync)
    elif files.isfile(source) and not _same_file(source, target, files):
        _merge_file(source, target, sync)
    elif not _same_specials(source, target, sync):
        MergeCopier(sync).copy(source, target, False)
        sync.reporter(f"M {target}")
    if files.isdir(source) and files.isdir(target):
        for name in metadata.getnames(source):
            merge(join(source, name), join(target, name), sync)


def _merge_file(source: str, target: str, sync: Any) -> None:
    original = fsutil.getoriginal(target)
    if sync.fsmerger.merger.cmpfile(target, original):
        MergeCopier(sync).copy(source, target, False)
        sync.reporter(f"M {target}")
        return
    # The target has edits of its own, which must not be lost.
    if sync.metadata.getentry(target).get("binary") == "true":
        _conflict(target, sync)
        return
    base = _content(original, sync) if sync.files.isfile(original) else b""
    merged, conflicts = merge3(
        _content(target, sync), base, _content(source, sync), target, source
    )
    sync.files.write(target, [merged])
    if conflicts:
        _conflict(target, sync)
    else:
        sync.reporter(f"M {target}")


def _content(path: str, sync: Any) -> bytes:
    with sync.files.open(path) as stream:
        return stream.read()


def _conflict(target: str, sync: Any) -> None:
    sync.metadata.getentry(target)["conflict"] = "yes"
    sync.fsmerger.reportconflict(target)


def _same_file(source: str, target: str, files: Any) -> bool:
    with files.open(source) as first, files.open(target) as second:
        return same_content(first, second)


def _same_specials(source: str, target: str, sync: Any) -> bool:
    for getwhat in (fsutil.getextra, fsutil.getannotations):
        first, second = getwhat(source), getwhat(target)
        names = sync.metadata.getnames(first)
        if names != sync.metadata.getnames(second):
            return False
        for name in names:
            if not sync.files.isfile(join(second, name)):
                return False
            if not _same_file(join(first, name), join(second, name), sync.files):
                return False
    return True
