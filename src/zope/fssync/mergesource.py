"""Where a merge takes its files from: a tree beside, an archive, what was sent."""

from __future__ import annotations

import os

from zope.interface import implementer

from zope.fssync.fileinterfaces import IFileTree
from zope.fssync.fileinterfaces import IMergeSource
from zope.fssync.fileinterfaces import IMetadata
from zope.fssync.member import SnarfReadable
from zope.fssync.repository import SnarfRepository

__all__ = ["ArchiveSource", "SentFiles", "TreeSource"]


@implementer(IMergeSource)
class TreeSource:
    """Changes come from files beside their metadata."""

    def __init__(self, metadata: IMetadata, files: IFileTree) -> None:
        self.kind = files.kind
        self.size = files.size
        self.open = files.open
        self.getentry = metadata.getentry
        self.getnames = metadata.getnames
        self.listdir = files.listdir

    def release(self, path: str) -> None:
        """The metadata is the one that is being changed."""


@implementer(IMergeSource)
class ArchiveSource:
    """Changes come from an archive; paths use slashes."""

    def __init__(self, archive: SnarfRepository) -> None:
        self.archive = archive
        self._metadata = archive.getMetadata()
        self.size = archive.size
        self.open = archive.readable
        self.getentry = self._metadata.getentry
        self.getnames = self._metadata.getnames
        self.listdir = archive.listdir
        self.release = self._metadata.release

    def kind(self, path: str) -> str | None:
        if self.archive.isfile(path):
            return "file"
        # An empty directory has no record but has an entry of its own.
        return "dir" if self.archive.isdir(path) else None


class SentFiles:
    """What was sent of the files below a directory, by their local paths."""

    def __init__(self, archive: SnarfRepository, directory: str) -> None:
        self._source = ArchiveSource(archive)
        self._start = len(os.path.join(directory, ""))

    def _path(self, local: str) -> str:
        return local[self._start :].replace(os.sep, "/")

    def kind(self, local: str) -> str | None:
        """See `IMergeSource`, as for the other methods."""
        return self._source.kind(self._path(local))

    def size(self, local: str) -> int:
        """See `IMergeSource`."""
        return self._source.size(self._path(local))

    def open(self, local: str) -> SnarfReadable:
        """See `IMergeSource`."""
        return self._source.open(self._path(local))

    def listdir(self, local: str) -> list[str]:
        """See `IMergeSource`."""
        return self._source.listdir(self._path(local))
