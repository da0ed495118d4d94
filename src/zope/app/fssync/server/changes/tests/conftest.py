"""A database in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ZODB.FileStorage import FileStorage

from zope.app.fssync.server.changes.tests.databases import opened


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "Data.fs"


@pytest.fixture
def connection(place: Path) -> Iterator[Any]:
    yield from opened(FileStorage(str(place)))
