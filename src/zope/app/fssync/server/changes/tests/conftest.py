"""Databases in files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import ZODB
from persistent.mapping import PersistentMapping
from ZODB.FileStorage import FileStorage

from zope.app.fssync.server.changes.tests.databases import opened


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "Data.fs"


@pytest.fixture
def connection(place: Path) -> Iterator[Any]:
    yield from opened(FileStorage(str(place)))


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Any]:
    """A database with three versions of ``a``."""
    db = ZODB.DB(FileStorage(str(tmp_path / "Data.fs")))
    for number in range(3):
        with db.transaction() as connection:
            connection.root()["a"] = PersistentMapping({"x": number})
    yield db
    db.close()
