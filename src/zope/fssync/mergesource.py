"""The sources of a merge: a second tree of files, an archive, a submission."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from zope.fssync.changeset import sent_path
from zope.fssync.contracts import keeps
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import SnarfReadable
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree
    from zope.fssync.fileinterfaces import IMetadata

__all__ = ["AnsweredSource", "ArchiveSource", "SentFiles", "TreeSource"]


@keeps("zope.fssync.fileinterfaces.IMergeSource")
class TreeSource:
    """A source of files beside their metadata."""

    def __init__(self, metadata: IMetadata, files: IFileTree) -> None:
        self.kind = files.kind
        self.size = files.size
        self.open = files.open
        self.getentry = metadata.getentry
        self.getnames = metadata.getnames
        self.listdir = files.listdir

    def release(self, path: str) -> None:
        """The metadata is the one that is being changed."""


@keeps("zope.fssync.fileinterfaces.IMergeSource")
class ArchiveSource:
    """A source that is an archive; its paths have slashes."""

    def __init__(self, archive: SnarfRepository) -> None:
        self.archive = archive
        self._metadata = archive.getMetadata()
        self.getentry = self._metadata.getentry
        self.getnames = self._metadata.getnames
        self.release = self._metadata.release
        self.kind = archive.kind
        self.size = archive.size
        self.open = archive.readable
        self.listdir = archive.listdir


class AnsweredSource(ArchiveSource):
    """A source that is the answer to a commit, which leaves out what was sent.

    ``sent`` is the archive that was sent, if any, ``same`` are the paths of the files
    in it that stand for those of the answer; raises `ArchiveDamaged` for others.
    """

    def __init__(
        self,
        archive: SnarfRepository,
        sent: SnarfRepository | None,
        same: Iterable[str],
    ) -> None:
        super().__init__(archive)
        self._sent = sent or archive
        self._same = {path: sent_path(self._sent, path) for path in same}
        for path, there in self._same.items():
            if not self._sent.isfile(there) or archive.exists(path):
                raise ArchiveDamaged(
                    f"the server takes '{escape(path)}' for sent, which it was not",
                    path=path,
                )

        self.kind = self._kind
        self.size = self._size
        self.open = self._open
        self.listdir = self._listdir

    def _kind(self, path: str) -> str | None:
        return "file" if path in self._same else self.archive.kind(path)

    def _size(self, path: str) -> int:
        if path in self._same:
            return self._sent.size(self._same[path])
        return self.archive.size(path)

    def _open(self, path: str) -> SnarfReadable:
        if path in self._same:
            return self._sent.readable(self._same[path])
        return self.archive.readable(path)

    def _listdir(self, path: str) -> list[str]:
        same = [name for head, _, name in map(_split, self._same) if head == path]
        return sorted({*self.archive.listdir(path), *same})


def _split(path: str) -> tuple[str, str, str]:
    return path.rpartition("/")


class SentFiles:
    """The files below a directory that were sent, by their local paths.

    The answer shows what the server made of them, if it ``tells``.  A server of 3.6.0
    may also have kept what it had, and it still takes the same another time.
    """

    def __init__(
        self, archive: SnarfRepository, directory: str, tells: bool = True
    ) -> None:
        self.tells = tells
        self.archive = archive
        self._start = len(os.path.join(directory, ""))

    def _path(self, local: str) -> str:
        return local[self._start :].replace(os.sep, "/")

    def kind(self, local: str) -> str | None:
        """See `IMergeSource`, as for the other methods."""
        return self.archive.kind(self._path(local))

    def size(self, local: str) -> int:
        """See `IMergeSource`."""
        return self.archive.size(self._path(local))

    def open(self, local: str) -> SnarfReadable:
        """See `IMergeSource`."""
        return self.archive.readable(self._path(local))

    def listdir(self, local: str) -> list[str]:
        """See `IMergeSource`."""
        return self.archive.listdir(self._path(local))
