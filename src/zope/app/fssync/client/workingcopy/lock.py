"""Lock a working copy: one command at a time.

The operating system holds the lock and drops it when the process ends, however
it ends.  The content of the file names the process that holds it.
"""

from __future__ import annotations

import errno
import os
import stat
import time

from zope.fssync.errors import Locked
from zope.fssync.errors import PathRefused
from zope.fssync.errors import WorkingCopyError
from zope.fssync.limits import OWNER_SIZE
from zope.fssync.terminal import escape

if os.name == "nt":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]

    def _host() -> str:
        return os.environ.get("COMPUTERNAME", "this computer")
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _host() -> str:
        return os.uname().nodename


__all__ = ["Lock"]

_flags = os.O_RDWR | os.O_CREAT
for _name in ("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK"):
    _flags |= getattr(os, _name, 0)
#: Errors if another process holds the lock.
_taken = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
#: Errors if the file system has no locks.
_missing = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


class Lock:
    """A lock file, as a context manager; it never waits for another owner.

    ``left`` names the last owner, if their process ended without removing the file.
    """

    def __init__(self, path: str, command: str = "zsync") -> None:
        self.path = path
        self.command = command
        self.left = ""
        self._descriptor: int | None = None

    def __enter__(self) -> Lock:
        self.acquire()
        return self

    def __exit__(self, *error: object) -> None:
        self.release()

    def acquire(self) -> None:
        """Take the lock or raise `Locked`, naming its owner."""
        while self._descriptor is None:
            descriptor = self._open()
            try:
                _take(descriptor)
            except OSError as error:
                owner = _signature(descriptor)
                os.close(descriptor)
                if error.errno in _missing:
                    raise self._no_locks(error) from error
                if error.errno not in _taken:
                    raise
                raise self._locked(owner) from error
            if self._is_current(descriptor):
                self._descriptor = descriptor
            else:
                os.close(descriptor)
        self.left = _signature(self._descriptor)
        try:
            self._sign(self._descriptor)
        except BaseException:
            self.release()
            raise

    def _sign(self, descriptor: int) -> None:
        """Write the owner into the file."""
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            os.write(descriptor, self._owner())
        except OSError as error:
            # On a full disk, commands that free space must still run.
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise

    def release(self) -> None:
        """Give the lock back and remove the file."""
        if self._descriptor is not None:
            # Remove it while it is held: nobody else can have locked it then.
            # Windows removes no open file; there it stays.
            try:
                if os.name != "nt" and self._is_current(self._descriptor):
                    os.unlink(self.path)
            finally:
                os.close(self._descriptor)
                self._descriptor = None

    def _open(self) -> int:
        try:
            descriptor = os.open(self.path, _flags, 0o666)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.EMLINK, errno.ENXIO):
                raise
            raise self._not_ours() from error
        status = os.fstat(descriptor)
        # Do not write into a file with another hard link.
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            os.close(descriptor)
            raise self._not_ours()
        return descriptor

    def _not_ours(self) -> PathRefused:
        return PathRefused(
            f"the lock is a link, or no regular file: {escape(self.path)}",
            path=self.path,
            advice="Remove it.",
        )

    def _is_current(self, descriptor: int) -> bool:
        """Return False if the last owner removed the file in the meantime."""
        try:
            return os.path.samestat(os.fstat(descriptor), os.lstat(self.path))
        except FileNotFoundError:
            return False

    def _owner(self) -> bytes:
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        process = os.getpid()
        return f"{self.command}, process {process} on {_host()}, {since}\n".encode()

    def _no_locks(self, error: OSError) -> WorkingCopyError:
        return WorkingCopyError(
            f"the file system has no locks ({error.strerror}): {escape(self.path)}",
            path=self.path,
            advice="Keep the working copy on another one, or mount it with locks.",
        )

    def _locked(self, owner: str) -> Locked:
        return Locked(
            f"working copy is locked by {owner or 'another command'}",
            path=self.path,
            advice="Wait for it to end and try again.",
        )


def _signature(descriptor: int) -> str:
    """Return what the last owner wrote, and how long ago."""
    owner = os.read(descriptor, OWNER_SIZE).decode("utf-8", "replace").strip()
    if not owner:
        return ""
    age = time.time() - os.fstat(descriptor).st_mtime
    return f"{escape(owner)} ({_duration(age)} ago)"


def _duration(seconds: float) -> str:
    """Return a duration in its largest unit, for people."""
    count = max(0, int(seconds))
    unit = "second"
    for size, larger in ((60, "minute"), (60, "hour"), (24, "day")):
        if count < size:
            break
        count, unit = count // size, larger
    return f"{count} {unit}{'' if count == 1 else 's'}"
