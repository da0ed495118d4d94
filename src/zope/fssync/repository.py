"""Repositories: they keep the files that objects become."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from collections.abc import Iterator
from typing import IO
from typing import TYPE_CHECKING
from typing import Any
from typing import BinaryIO

from zope.fssync import files
from zope.fssync import paths
from zope.fssync.contracts import keeps
from zope.fssync.errors import PathRefused
from zope.fssync.limits import CHUNK
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import DIRECTORY_MEMORY
from zope.fssync.limits import MEMBER_MEMORY
from zope.fssync.limits import MEMORY_FREE
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.limits import Limits
from zope.fssync.metadata import Entries
from zope.fssync.metadata import Entry
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import load_sent_entries
from zope.fssync.snarf import Header
from zope.fssync.snarf import HeaderReader
from zope.fssync.snarf import SizedWriteable
from zope.fssync.snarf import SnarfReadable
from zope.fssync.snarf import SnarfWriteable
from zope.fssync.streams import check_memory
from zope.fssync.streams import same_content
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IMetadata
    from zope.fssync.fileinterfaces import IReadable
    from zope.fssync.fileinterfaces import IWriteable

__all__ = [
    "FileSystemRepository",
    "Repository",
    "SnarfMetadata",
    "SnarfRepository",
    "StreamRepository",
]


@keeps("zope.fssync.fileinterfaces.IRepository")
class Repository:
    """The base of all repositories: names and their collisions."""

    chunk_size = CHUNK

    def __init__(
        self,
        case_insensitive: bool = False,
        enforce_nfd: bool = False,
        metadata: IMetadata | None = None,
        limits: Limits = DEFAULT,
    ) -> None:
        self.limits = limits
        self.case_insensitive = case_insensitive
        self.enforce_nfd = enforce_nfd
        self.metadata = metadata
        # Per directory, per name in its normal form: the last number it was given.
        self._taken: dict[str, dict[str, int]] = {}

    def getMetadata(self) -> IMetadata:
        return self.metadata or Metadata(limits=self.limits)

    def disambiguate(self, dirpath: str, name: str) -> str:
        """Number the stem where the name is taken, and leave the case alone.

        Without ``case_insensitive`` and ``enforce_nfd`` names are left as
        they are.
        """
        if not (self.case_insensitive or self.enforce_nfd):
            return name
        name = self.preferred(name)
        taken = self._taken.setdefault(dirpath, {})
        # A preferred name is decomposed.
        wanted = name.lower() if self.case_insensitive else name
        if wanted not in taken:
            taken[wanted] = 0
            return name
        stem, suffix = _split_suffix(name)
        number = taken[wanted]
        while (form := self.normalize(name)) in taken:
            number += 1
            name = paths.portable_name(f"{stem}-{number}{suffix}")
        taken[form] = 0
        taken[wanted] = number
        return name

    def forget_names(self, dirpath: str) -> None:
        """Let all names in a directory be free again."""
        self._taken.pop(dirpath, None)

    def preferred(self, name: str) -> str:
        """Return the name of a file that is alone in its directory."""
        if self.enforce_nfd:
            if len(name) > self.limits.name_size:
                # A long name takes long to decompose, and is shortened anyway.
                name = paths.portable_name(name)
            name = paths.nfd(name)
        return paths.portable_name(name)

    def are_distinct(self, names: Iterable[str]) -> bool:
        """Return True if each name can have its preferred form."""
        if not (self.case_insensitive or self.enforce_nfd):
            return True
        taken = set()
        for count, name in enumerate(names, 1):
            taken.add(self.normalize(self.preferred(name)))
            if len(taken) < count:
                return False
        return True

    def dirname(self, path: str) -> str:
        return path.rpartition("/")[0]

    join = staticmethod(paths.join_archive_path)

    def normalize(self, name: str) -> str:
        if self.enforce_nfd:
            name = paths.nfd(name)
        return name.lower() if self.case_insensitive else name

    def encode(self, path: str, encoding: str | None = None) -> bytes:
        return self.normalize(path).encode(encoding or sys.getfilesystemencoding())

    def exists(self, path: str) -> bool:
        raise NotImplementedError

    def isdir(self, path: str) -> bool:
        raise NotImplementedError

    def readable(self, path: str) -> IReadable:
        raise NotImplementedError

    def writeable(self, path: str) -> IWriteable:
        raise NotImplementedError

    def readFile(self, path: str) -> bytes:
        stream = self.readable(path)
        try:
            found: bytes = stream.read()
            return found
        finally:
            stream.close()

    def compare(self, readable1: IReadable | None, readable2: IReadable | None) -> bool:
        if readable1 is None or readable2 is None:
            return False
        try:
            return same_content(readable1, readable2)
        finally:
            readable1.close()
            readable2.close()


def _split_suffix(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if dot else (name, "")


@keeps("zope.fssync.fileinterfaces.IFileSystemRepository")
class FileSystemRepository(Repository):
    """Keeps files in directories of the operating system."""

    def dirname(self, path: str) -> str:
        return os.path.dirname(path)

    def join(self, path: str, *names: str) -> str:
        return os.path.join(path, *names)

    def exists(self, path: str) -> bool:
        return os.path.lexists(path)

    def isdir(self, path: str) -> bool:
        return os.path.isdir(path)

    def readable(self, path: str) -> BinaryIO:
        return files.open_regular(path)

    def writeable(self, path: str) -> BinaryIO:
        directory = os.path.dirname(path)
        if directory:
            files.make_directories(directory)
        return files.overwrite(path)


@keeps("zope.fssync.fileinterfaces.IArchiveRepository")
class SnarfRepository(Repository):
    """Keeps files in one SNARF archive on a seekable stream.

    The archive is scanned once, when it is first read from: of each member
    only the place is remembered.  Directories exist by what they hold or by a
    record of their own.
    """

    #: How sizes are written, by 3.6.0's servers too.
    len_format = "%08d"

    def __init__(
        self,
        stream: IO[bytes],
        case_insensitive: bool = False,
        enforce_nfd: bool = False,
        limits: Limits = DEFAULT,
    ) -> None:
        super().__init__(case_insensitive, enforce_nfd, limits=limits)
        self.stream = stream
        # Per directory, per name: where the content is and how long.
        self._index: dict[str, dict[str, tuple[int, int]]] | None = None
        self._writing: SnarfWriteable | None = None

    def getMetadata(self) -> SnarfMetadata:
        return SnarfMetadata(self)

    def detach(self) -> None:
        """Let go of the stream, which tasks and views may outlive for a while."""
        self.stream = io.BytesIO()
        self._index = None

    def exists(self, path: str) -> bool:
        return self.isfile(path) or self.isdir(path)

    def kind(self, path: str) -> str | None:
        """Return "file", "dir", or None."""
        members = self._members()
        directory, _, name = path.rpartition("/")
        if name in members.get(directory, ()):
            return "file"
        # An empty directory has no record but has an entry of its own.
        return "dir" if path.removesuffix("/") in members else None

    def isfile(self, path: str) -> bool:
        """Return True if a file is at ``path``."""
        directory, _, name = path.rpartition("/")
        return name in self._members().get(directory, ())

    def isdir(self, path: str) -> bool:
        return path.removesuffix("/") in self._members()

    def size(self, path: str) -> int:
        """The size of the file ``path`` in bytes."""
        return self._place(path)[1]

    def ends_with(self, path: str) -> bool:
        """Return True if the file ``path`` is the last one."""
        start, size = self._place(path)
        return start + size == self.stream.seek(0, io.SEEK_END)

    def listdir(self, path: str) -> list[str]:
        """The sorted names of the files in the directory ``path``."""
        return sorted(self._members().get(path, ()))

    def iterPaths(self) -> Iterator[str]:
        for directory, members in self._members().items():
            for name in members:
                yield paths.join_archive_path(directory, name)

    def readable(self, path: str) -> SnarfReadable:
        start, size = self._place(path)
        return SnarfReadable(self.stream, start, size, path)

    def _place(self, path: str) -> tuple[int, int]:
        directory, _, name = path.rpartition("/")
        try:
            return self._members()[directory][name]
        except KeyError:
            raise FileNotFoundError(f"not in the archive: '{escape(path)}'") from None

    def writeable(self, path: str) -> SnarfWriteable:
        """Members are written one after the other: close each."""
        self._finish_member(path)
        self._writing = SnarfWriteable(self.stream, path, self.len_format)
        return self._writing

    def _finish_member(self, following: str) -> None:
        paths.split_archive_path(following, self.limits)
        if self._writing is not None:
            self._writing.close()
        self._index = None

    def _members(self) -> dict[str, dict[str, tuple[int, int]]]:
        if self._index is None:
            if self._writing is not None:
                self._writing.close()
                self._writing = None
            self._index = self._scan()
        return self._index

    def _scan(self) -> dict[str, dict[str, tuple[int, int]]]:
        end = self.stream.seek(0, io.SEEK_END)
        index: dict[str, dict[str, tuple[int, int]]] = {}
        needed = 0
        for headers in HeaderReader(self.stream, self.limits).scan():
            for header, start in headers:
                needed += self._add(index, header, start)
                if needed > MEMORY_FREE:
                    check_memory(needed, end, "the archive")
        return index

    def _add(
        self, index: dict[str, dict[str, tuple[int, int]]], header: Header, start: int
    ) -> int:
        """Add a member to the index; return how much memory that takes."""
        path = header.path
        if header.isdir:
            return _add_directory(index, path)
        directory, _, name = path.rpartition("/")
        needed = _add_directory(index, directory)
        members = index[directory]
        if name in members or path in index:
            raise _twice(path)
        members[sys.intern(name)] = start, header.size
        return needed + MEMBER_MEMORY + len(name)


def _add_directory(index: dict[str, dict[str, tuple[int, int]]], path: str) -> int:
    needed = 0
    while path not in index:
        index[path] = {}
        needed += DIRECTORY_MEMORY + len(path)
        path, _, name = path.rpartition("/")
        if name in index.get(path, ()):
            raise _twice(paths.join_archive_path(path, name))
    return needed


def _twice(path: str) -> PathRefused:
    return PathRefused(f"path stands twice in archive: '{escape(path)}'", path=path)


@keeps("zope.fssync.fileinterfaces.IStreamRepository")
class StreamRepository(SnarfRepository):
    """An archive that is sent while it is being written: nothing of it is kept."""

    def __init__(self, **options: Any) -> None:
        # Imported here: only servers stream.
        import tempfile

        super().__init__(tempfile.SpooledTemporaryFile(SPOOL_SIZE), **options)  # noqa: SIM115

    def waiting(self) -> int:
        """Return how many bytes can be taken.

        Members count when they are closed, those of a known size at once.
        """
        return self.stream.tell()

    def sized(self, path: str, size: int) -> SizedWriteable:
        """See `IStreamRepository`."""
        self._finish_member(path)
        self._writing = SizedWriteable(self.stream, path, self.len_format, size)
        return self._writing

    def take(self) -> Iterator[bytes]:
        """Yield what was written since, in pieces."""
        stream: IO[bytes] = self.stream
        size = stream.tell()
        stream.seek(0)
        while size:
            data = stream.read(min(CHUNK, size))
            size -= len(data)
            yield data
        stream.seek(0)
        stream.truncate()

    def close(self) -> None:
        """Drop what was not taken."""
        self.stream.close()


_entries = f"{paths.CONTROL}/{paths.ENTRIES}"


@keeps("zope.fssync.fileinterfaces.IMetadata")
class SnarfMetadata:
    """The entries in an archive, each directory read when it is asked for."""

    def __init__(self, repository: SnarfRepository) -> None:
        self.repository = repository
        self.cache: dict[str, ArchivedDirectory] = {}
        self._added = False

    def getnames(self, dir: str) -> list[str]:
        entries = self.getmanager(dir).entries
        return sorted(name for name, entry in entries.items() if entry)

    def getentry(self, file: str) -> Entry:
        directory, _, name = file.rpartition("/")
        return self.getmanager(directory).getentry(name)

    def gettypeinfo(self, path: str) -> tuple[str | None, str | None]:
        entry = self.getentry(path)
        return entry.get("type"), entry.get("factory")

    def getmanager(self, dir: str) -> ArchivedDirectory:
        manager = self.cache.get(dir)
        if manager is None:
            manager = self.cache[dir] = ArchivedDirectory(self._load(dir))
        return manager

    def _load(self, dir: str) -> Entries:
        path = f"{dir}/{_entries}" if dir else _entries
        if not self.repository.isfile(path):
            return {}
        limits = self.repository.limits
        with self.repository.readable(path) as stream:
            entries = load_sent_entries(
                stream.read(limits.entries_size + 1), limits, path
            )
        if self._added:
            for entry in entries.values():
                if entry.get("flag") != "removed":
                    entry["flag"] = "added"
        return entries

    def added(self) -> None:
        self._added = True
        self.cache.clear()

    def release(self, dir: str) -> None:
        """Forget one directory, to keep memory flat in a large tree."""
        self.cache.pop(dir, None)

    def flush(self) -> None:
        """An archive that is read is never changed."""


class ArchivedDirectory:
    """The entries of one directory in an archive."""

    def __init__(self, entries: Entries) -> None:
        self.entries = entries

    def getentry(self, name: str) -> Entry:
        """The entry of ``name``, empty and new if there is none."""
        return self.entries.setdefault(name, {})
