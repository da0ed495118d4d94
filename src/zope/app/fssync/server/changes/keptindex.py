"""The saved reference index of a database, in the cache directory of the user.

It is a copy of the SQLite database that a process works on: processes never share one.
It can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
import stat
from collections.abc import Iterable
from contextlib import closing
from contextlib import suppress

from zope.fssync import files
from zope.fssync.errors import Error
from zope.fssync.limits import KEPT_PAGES

__all__ = ["Asked", "KeptIndex", "cache_directory"]

#: The arguments of `Referrers.below`: the oid, ``without`` and the limit.
Asked = tuple[int, frozenset[int], int]

_log = logging.getLogger(__name__)

#: Increase this number when the tables change.
_FORMAT = 2


class KeptIndex:
    """The file in a directory with the index of the database of that name."""

    def __init__(self, directory: str, name: str) -> None:
        self._directory = directory
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        self.path = os.path.join(directory, f"references-{digest[:32]}.sqlite")
        self._asked = os.path.join(directory, f"references-{digest[:32]}.json")

    def is_there(self) -> bool:
        """Return whether there is a saved index that no other user can have written."""
        return _is_own(self._directory) and os.path.isfile(self.path)

    def load(self, table: sqlite3.Connection) -> bytes | None:
        """Copy the saved index to an empty database; return its transaction.

        None if there is no usable one; the database is not usable then, either.
        """
        if not self.is_there():
            return None
        try:
            with closing(_opened(self.path)) as kept:
                kept.backup(table)
            if table.execute("PRAGMA quick_check").fetchone() != ("ok",):
                return None
            if table.execute("PRAGMA user_version").fetchone() != (_FORMAT,):
                return None
            (tid,) = table.execute("SELECT tid FROM state").fetchone()
            return bytes(tid)
        except (sqlite3.Error, TypeError) as error:
            _log.warning("the index %s cannot be used: %s", self.path, error)
            return None

    def save(self, table: sqlite3.Connection, tid: bytes) -> None:
        """Save a database as the index of a transaction; log an error and go on.

        It may be read meanwhile.
        """
        temporary = f"{self.path}.{os.urandom(8).hex()}"
        try:
            self._make_directory()
            with closing(_opened(temporary)) as kept:
                table.backup(kept, pages=KEPT_PAGES)
                kept.execute("BEGIN")
                kept.execute("CREATE TABLE IF NOT EXISTS state (tid BLOB)")
                kept.execute("DELETE FROM state")
                kept.execute("INSERT INTO state VALUES (?)", (tid,))
                kept.execute(f"PRAGMA user_version = {_FORMAT}")
                kept.execute("COMMIT")
            files.replace(temporary, self.path)
        except (OSError, sqlite3.Error) as error:
            _log.warning("the index %s cannot be kept: %s", self.path, error)
            with suppress(OSError):
                os.unlink(temporary)

    def note(self, asked: Iterable[Asked]) -> None:
        """Save what was asked, so that the next process looks it up beforehand."""
        listed = [[oid, sorted(without), limit] for oid, without, limit in asked]
        try:
            self._make_directory()
            with files.SaveFile(self._asked) as stream:
                stream.write(json.dumps(listed).encode("ascii"))
        except OSError as error:
            _log.warning("%s cannot be kept: %s", self._asked, error)

    def asked(self) -> list[Asked]:
        """Return what was asked in a process before, as far as that is known."""
        if not _is_own(self._directory):
            return []
        try:
            with files.open_regular(self._asked) as stream:
                found = json.load(stream)
            return [
                (int(oid), frozenset(map(int, without)), int(limit))
                for oid, without, limit in found
            ]
        except (OSError, Error, ValueError, TypeError, RecursionError):
            return []

    def _make_directory(self) -> None:
        files.make_directories(os.path.dirname(self._directory))
        with suppress(FileExistsError):
            os.mkdir(self._directory, 0o700)
        if not _is_own(self._directory):
            raise PermissionError(f"others may write to {self._directory}")


def _opened(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def _is_own(directory: str) -> bool:
    """Return True if no other user can write to a directory."""
    try:
        found = os.lstat(directory)
    except OSError:
        return False
    if os.name != "posix":
        return stat.S_ISDIR(found.st_mode)
    is_own = found.st_uid == os.geteuid() and not found.st_mode & 0o022
    return stat.S_ISDIR(found.st_mode) and is_own


def cache_directory() -> str:
    """Return the cache directory of the user, or of the service under systemd."""
    named = os.environ.get("CACHE_DIRECTORY", "").split(":")[0]
    named = named or os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(named):
        named = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(named, "zsync")
