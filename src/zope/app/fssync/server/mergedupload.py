"""Merge an upload with the changes on the server since its download.

Files that the user has not changed stay as they are on the server; files that nobody
else has changed are taken from the upload.  If both have changed a file, texts are
merged, and other files are in conflict.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping

from zope.app.fssync.server.plainfiles import DESCRIPTION
from zope.app.fssync.server.plainfiles import DIRECTORY
from zope.app.fssync.server.plainfiles import PlainFile
from zope.app.fssync.server.uploaded import Upload
from zope.app.fssync.server.uploadplan import prefix_of
from zope.fssync.description.merging import merge
from zope.fssync.errors import Error
from zope.fssync.limits import DEFAULT
from zope.fssync.messages import _
from zope.fssync.textmerge import TextMerge

__all__ = ["MergedUpload"]

_CONFLICT = _("others have changed it since the download, which is in conflict")
_REMOVED = _("others have removed it since the download")


class MergedUpload:
    """The files of the merged upload, by their names.

    ``base`` are the files as they were downloaded, ``mine`` as they are now; the first
    of them is the object.  ``refused`` are pairs of a name and a reason.
    """

    def __init__(
        self, upload: Upload, base: Iterable[PlainFile], mine: list[PlainFile]
    ) -> None:
        self.refused: list[tuple[str, str]] = []
        self.directories: set[str] = set()
        self._upload = upload
        self._prefix = prefix_of(upload, mine)
        self._base = _by_name(base)
        self._mine = _by_name(mine)
        #: The merged contents.
        self._contents: dict[str, bytes] = {}
        self._as_now: set[str] = set()
        self._sent: set[str] = set()
        names = {self._prefix + path for path in upload.files}
        folders = {self._prefix + path for path in upload.directories}
        for name in sorted(names):
            self._merge(name)
        for name in self._mine.keys() - names - folders:
            self._keep(name)
        gone = self._base.keys() - self._mine.keys()
        self.directories |= folders - gone
        for name in (*self.files, *self.directories):
            self._add_folders(name)

    @property
    def files(self) -> frozenset[str]:
        """The names of the files."""
        return frozenset((*self._contents, *self._as_now, *self._sent))

    def read(self, name: str) -> bytes:
        """Return the content of a file."""
        if name in self._contents:
            return self._contents[name]
        if name in self._as_now:
            return _content(self._mine[name])
        return self._upload.read(name.removeprefix(self._prefix))

    def _merge(self, name: str) -> None:
        """Merge a file of the upload."""
        sent = self._upload.read(name.removeprefix(self._prefix))
        base, mine = self._base.get(name), self._mine.get(name)
        if mine is None:
            if base is None:
                self._sent.add(name)
            elif sent != _content(base):
                self.refused.append((name, _REMOVED))
        elif base is not None and sent == _content(base):
            self._as_now.add(name)
        elif (
            base is not None and _content(mine) == _content(base)
        ) or sent == _content(mine):
            self._sent.add(name)
        else:
            merge = self._merge_texts
            if mine.kind == DESCRIPTION:
                merge = self._merge_descriptions
            before = b"" if base is None else _content(base)
            merge(name, sent, before, _content(mine))

    def _merge_descriptions(
        self, name: str, sent: bytes, base: bytes, mine: bytes
    ) -> None:
        try:
            merged = merge(base, sent, mine, path=name)
        except Error as error:
            self.refused.append((name, error.message))
            self._as_now.add(name)
            return
        self._contents[name] = merged.text
        if merged.conflicts:
            self.refused.append((name, _CONFLICT))

    def _merge_texts(self, name: str, sent: bytes, base: bytes, mine: bytes) -> None:
        is_small = max(map(len, (sent, base, mine))) < DEFAULT.merge_size
        texts = TextMerge.of(sent, base, mine) if is_small else None
        if texts is None:
            self.refused.append((name, _CONFLICT))
            self._as_now.add(name)
            return
        last = name.rpartition("/")[2]
        labels = (f"{last} (upload)", f"{last} (server)")
        self._contents[name], conflicts = texts.merge(*labels)
        if conflicts:
            self.refused.append((name, _CONFLICT))

    def _keep(self, name: str) -> None:
        """Keep a file that the upload lacks, unless the user has removed it."""
        base, mine = self._base.get(name), self._mine[name]
        if mine.kind == DIRECTORY:
            if base is None:
                self.directories.add(name)
        elif base is None or _content(base) != _content(mine):
            # Others have added or changed the file.
            self._as_now.add(name)

    def _add_folders(self, name: str) -> None:
        while "/" in name:
            name = name.rpartition("/")[0]
            if name in self._mine or name not in self._base:
                self.directories.add(name)


def _by_name(files: Iterable[PlainFile]) -> Mapping[str, PlainFile]:
    return {file.name.rstrip("/"): file for file in files}


def _content(file: PlainFile) -> bytes:
    return b"".join(file.pieces())
