"""The gate through which files and directories are touched.

Nothing is followed through a symbolic link, nothing but regular files is
opened, and a file is replaced as a whole or not at all.  Below a working copy only
the modules that `test_gates` lists open, rename or remove anything by themselves.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable
from typing import TYPE_CHECKING
from typing import BinaryIO

from zope.fssync import paths
from zope.fssync.contracts import keeps
from zope.fssync.errors import PathRefused
from zope.fssync.limits import CHUNK
from zope.fssync.patterns import late
from zope.fssync.terminal import escape

try:
    # The same as in hashlib, which loads OpenSSL: that takes as long as a status.
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

if TYPE_CHECKING:
    pass

__all__ = [
    "DISK",
    "NO_SIGNATURE",
    "SaveFile",
    "Signature",
    "Tree",
    "blake2b",
    "create",
    "folds",
    "is_temporary",
    "kind_of",
    "make_directories",
    "name_if_full",
    "open_regular",
    "overwrite",
    "replace",
    "signature",
    "signature_at",
    "signatures_in",
    "sync_directory",
    "write_all_new",
    "write_new",
]

#: Inode, size, time of modification, time of change.
Signature = list[int]

#: Stands for the signature of a missing file.
NO_SIGNATURE = (0, 0, 0, 0)

_nofollow = getattr(os, "O_NOFOLLOW", 0)
_binary = getattr(os, "O_BINARY", 0)
# A FIFO fails at once instead of waiting for its other end.
_nonblock = getattr(os, "O_NONBLOCK", 0)
_read_flags = os.O_RDONLY | _nofollow | _binary | _nonblock
_directory_flags = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_can_hold = {os.open, os.stat} <= os.supports_dir_fd
_create_flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _nofollow | _binary


def open_regular(path: str) -> BinaryIO:
    """Open a regular file for reading.

    A link, a FIFO or a device is refused and never opened to the end (a FIFO
    would block, a device may act).
    """
    return os.fdopen(_open_descriptor(path, _read_flags), "rb", CHUNK)


def _open_descriptor(path: str, flags: int) -> int:
    try:
        descriptor = os.open(path, flags, 0o666)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO):
            raise _not_regular(path) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_regular(path)
    return descriptor


def _not_regular(path: str) -> PathRefused:
    return PathRefused(
        f"not a regular file: '{escape(path)}'",
        path=path,
        advice="Links and special files are left alone; replace it by a file.",
    )


def create(path: str, mode: int = 0o666) -> BinaryIO:
    """Open a new file for writing; fails if there is anything at ``path``."""
    return os.fdopen(os.open(path, _create_flags, mode), "wb", CHUNK)


def write_new(path: str, chunks: Iterable[bytes]) -> Signature:
    """Write a new file; fails if there is anything at ``path``.

    Returns its signature.  Does without a stream, since a checkout writes many small
    files.
    """
    descriptor = os.open(path, _create_flags, 0o666)
    try:
        for chunk in chunks:
            written = os.write(descriptor, chunk)
            while written < len(chunk):
                chunk = chunk[written:]
                written = os.write(descriptor, chunk)
        return signature(os.fstat(descriptor))
    except OSError as error:
        name_if_full(error, path)
        raise
    finally:
        os.close(descriptor)


def write_all_new(contents: Iterable[tuple[str, bytes]]) -> list[Signature]:
    """Write new files, see `write_new`: paths, each with its content."""
    return [write_new(path, [content]) for path, content in contents]


def name_if_full(error: object, path: str) -> None:
    """Name the file in the error of a full disk, if it names none."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        error.filename = error.filename or path


def overwrite(path: str) -> BinaryIO:
    """Open a file for writing from its start, new or not; no link, no device."""
    flags = os.O_WRONLY | os.O_CREAT | _nofollow | _binary | _nonblock
    stream = os.fdopen(_open_descriptor(path, flags), "wb", CHUNK)
    stream.truncate()
    return stream


def sync_directory(path: str) -> None:
    """Make the names in a directory lasting, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems have no such operation.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def make_directories(path: str) -> None:
    """Make a directory and its parents, which may be links to directories.

    It is for paths that the user or the application named; names from outside go
    through a `Tree`.
    """
    os.makedirs(path, exist_ok=True)


def new_directory(path: str, there: bool = False) -> None:
    """Make a directory in one that is new too; it may be ``there`` already."""
    if not (there and os.path.isdir(path)):
        os.mkdir(path)


def replace(source: str, target: str) -> None:
    """Move a file or a directory into place, in one step."""
    os.replace(source, target)


_temporary_name = late(r"\.#[0-9a-f]{16}")


def is_temporary(name: str) -> bool:
    """Return True for the name of a file that `SaveFile` has not finished."""
    return _temporary_name.fullmatch(name) is not None


class SaveFile:
    """A file that appears at its path whole, or not at all.

    A context manager giving the stream.  At a normal end the data is on the
    disk before the name points to it; after an error the old file is
    untouched and nothing is left beside it.
    """

    def __init__(self, path: str, mode: int = 0o666) -> None:
        self.path = path
        self.mode = mode
        # The name is short, since that of the file may have the maximal length; and
        # if a power cut leaves it behind, status ignores a name of this form.
        name = f".#{os.urandom(8).hex()}"
        self._temporary = os.path.join(os.path.dirname(path), name)
        self._stream: BinaryIO | None = None

    def __enter__(self) -> BinaryIO:
        self._stream = create(self._temporary, self.mode)
        return self._stream

    def __exit__(self, kind: object, value: object, traceback: object) -> None:
        stream = self._stream
        assert stream is not None
        if kind is not None:
            name_if_full(value, self.path)
            self._discard(stream)
            return
        try:
            stream.flush()
            os.fsync(stream.fileno())
            stream.close()
            os.replace(self._temporary, self.path)
        except BaseException as error:
            name_if_full(error, self.path)
            self._discard(stream)
            raise
        sync_directory(os.path.dirname(self.path) or os.curdir)

    def _discard(self, stream: BinaryIO) -> None:
        # Closing writes what is buffered, which fails again on a full disk.
        with contextlib.suppress(OSError):
            stream.close()
        os.unlink(self._temporary)


def kind_of(status: os.stat_result) -> str:
    """Return "file", "dir", or "other" (a link, a device)."""
    kind = stat.S_IFMT(status.st_mode)
    return {stat.S_IFREG: "file", stat.S_IFDIR: "dir"}.get(kind, "other")


def signature(status: os.stat_result) -> Signature:
    """Return what changes when a file is edited or replaced."""
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def signature_at(path: str) -> Signature | None:
    """Return the signature of the file at a path, None where there is none."""
    try:
        return signature(os.lstat(path))
    except (FileNotFoundError, NotADirectoryError):
        return None


def signatures_in(prefix: str, names: Iterable[str]) -> list[int]:
    """Return the signatures of files in a directory, one after the other.

    ``prefix`` is the directory, with a slash.  A missing file has `NO_SIGNATURE`.
    Names are looked up from the open directory, where the system can.
    """
    numbers: list[int] = []
    directory = os.open(prefix, _directory_flags) if _can_hold else None
    start = prefix if directory is None else ""
    try:
        for name in names:
            try:
                status = os.stat(start + name, dir_fd=directory, follow_symlinks=False)
            except (FileNotFoundError, NotADirectoryError):
                numbers += NO_SIGNATURE
            else:
                numbers += (
                    status.st_ino,
                    status.st_size,
                    status.st_mtime_ns,
                    status.st_ctime_ns,
                )
    finally:
        if directory is not None:
            os.close(directory)
    return numbers


def folds(directory: str) -> bool:
    """Return whether the file system of a directory takes ``a`` and ``A`` for one name.

    Its control directory tells; where it has none there are no files of ours.
    """
    for name in (paths.CONTROL, paths.DATA):
        other = os.path.join(directory, name.swapcase())
        if os.path.lexists(other):
            control = os.path.join(directory, name)
            return os.path.lexists(control) and os.path.samefile(control, other)
    return False


@keeps("zope.fssync.fileinterfaces.IFileTree")
class Tree:
    """The files of the operating system below one directory, changed at once.

    Parents are looked at before anything is written below them: a link in
    their place is refused.
    """

    def __init__(self, root: str = os.sep) -> None:
        self.root = root

    def kind(self, path: str) -> str | None:
        try:
            return kind_of(os.lstat(path))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def isfile(self, path: str) -> bool:
        return self.kind(path) == "file"

    def isdir(self, path: str) -> bool:
        return self.kind(path) == "dir"

    def exists(self, path: str) -> bool:
        return self.kind(path) is not None

    def file_name(self, name: str, key: str) -> str:
        return name

    def folds(self, path: str) -> bool:
        return folds(path)

    def realdir(self, path: str) -> str:
        return os.path.realpath(path)

    def listdir(self, path: str) -> list[str]:
        return sorted(os.listdir(path))

    def open(self, path: str) -> BinaryIO:
        return open_regular(path)

    def size(self, path: str) -> int:
        return os.lstat(path).st_size

    def modified(self, path: str) -> int:
        return os.lstat(path).st_mtime_ns

    def keep(self, path: str, content: bytes) -> None:
        """Do nothing: files have no place for it."""

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        self.mkdir(os.path.dirname(path) or os.curdir)
        with SaveFile(path) as stream:
            stream.writelines(chunks)

    def remove(self, path: str) -> None:
        self.check_parents(path)
        os.unlink(path)

    def mkdir(self, path: str) -> None:
        self.check_parents(os.path.join(path, ""))
        os.makedirs(path, exist_ok=True)

    def rmdir(self, path: str) -> bool:
        self.check_parents(path)
        try:
            os.rmdir(path)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                return False
            raise
        return True

    def rmtree(self, path: str) -> None:
        if not self.rmdir(path):
            # Not imported before: commands start often, and few remove trees.
            import shutil

            shutil.rmtree(path)

    def check_parents(self, path: str) -> None:
        """Raise `PathRefused` if a parent of ``path`` is not a directory."""
        if os.path.isabs(self.root):
            path = os.path.join(os.getcwd(), path)
        parent = os.path.dirname(path)
        while len(parent) > len(self.root) and parent.startswith(self.root):
            if self.kind(parent) not in (None, "dir"):
                raise PathRefused(
                    f"not a directory: '{escape(parent)}'",
                    path=parent,
                    advice="Links are left alone; replace it by a directory.",
                )
            parent = os.path.dirname(parent)


#: All files of the operating system.
DISK = Tree()
