"""Databases that several application instances may use, packed and restored.

A backup is a copy of the files, as it is made of a database of files every night.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ZEO
import ZODB
import zope.processlifetime
from ZODB.FileStorage import FileStorage
from zope.event import notify

__all__ = ["Database", "FileDatabase", "ServedDatabase"]


class Database:
    """A database in a directory, opened by a number of instances."""

    #: How many instances use it at a time.
    instances = 1

    def __init__(self, place: Path) -> None:
        self.place = place
        self.data = place / "data"
        self.data.mkdir()
        self.opened: list[ZODB.DB] = []

    def open(self) -> None:
        """Open it in every instance, with cold caches."""
        self.opened = [self.connect() for _ in range(self.instances)]
        for db in self.opened:
            notify(zope.processlifetime.DatabaseOpened(db))

    def connect(self) -> ZODB.DB:
        """Open it in one instance."""
        raise NotImplementedError

    def close(self) -> None:
        """Close it in every instance."""
        for db in self.opened:
            db.close()
        self.opened = []

    def back_up(self, name: str) -> None:
        """Copy the files; they are whole between two transactions."""
        shutil.copytree(self.data, self.place / name, dirs_exist_ok=True)

    def restore(self, name: str) -> None:
        """Put a copy of the files in their place; the database is closed."""
        shutil.rmtree(self.data)
        shutil.copytree(self.place / name, self.data)
        for left in self.data.glob("Data.fs.*"):
            # An index of the other file, and its lock.
            left.unlink()

    def storage(self) -> Any:
        """Open the files."""
        path = str(self.data / "Data.fs")
        return FileStorage(path, blob_dir=str(self.data / "blobs"))


class FileDatabase(Database):
    """A FileStorage, which only one instance can have open."""

    def connect(self) -> ZODB.DB:
        """See `Database`."""
        return ZODB.DB(self.storage())


class ServedDatabase(Database):
    """A ZEO server and two instances that ask it."""

    instances = 2
    _stop: Callable[[], None] | None = None

    def open(self) -> None:
        """See `Database`."""
        blobs = str(self.data / "blobs")
        self.address, self._stop = ZEO.server(
            str(self.data / "Data.fs"), blob_dir=blobs
        )
        super().open()

    def connect(self) -> ZODB.DB:
        """See `Database`."""
        return ZEO.DB(
            self.address,
            wait_timeout=30,
            # An instance sees at once what another one has committed.
            server_sync=True,
            shared_blob_dir=True,
            blob_dir=str(self.data / "blobs"),
        )

    def close(self) -> None:
        """See `Database`."""
        super().close()
        assert self._stop is not None
        self._stop()
