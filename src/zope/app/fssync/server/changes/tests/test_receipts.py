"""Ids of commits lie in the database where its storage keeps none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import transaction
import ZODB
from ZODB.FileStorage import FileStorage
from ZODB.MappingStorage import MappingStorage

from zope.app.fssync.server.changes import receipts
from zope.app.fssync.server.changes.receipts import has_receipt
from zope.app.fssync.server.changes.receipts import keep_receipt


def commit_id(copy: int, digest: int) -> str:
    return f"{copy:016x}-{digest:032x}"


@pytest.fixture
def connection() -> Iterator[Any]:
    db = ZODB.DB(MappingStorage())
    yield db.open()
    transaction.abort()
    db.close()


def test_the_last_of_each_working_copy_is_kept(connection: Any) -> None:
    assert not has_receipt(connection, commit_id(1, 1))
    for copy, digest in ((1, 1), (2, 1), (1, 2)):
        keep_receipt(connection, commit_id(copy, digest))
        transaction.commit()
    found = [
        (copy, digest)
        for copy in (1, 2, 3)
        for digest in (1, 2)
        if has_receipt(connection, commit_id(copy, digest))
    ]
    assert found == [(1, 2), (2, 1)]


def test_nothing_is_kept_where_the_storage_does(tmp_path: Path) -> None:
    db = ZODB.DB(FileStorage(str(tmp_path / "Data.fs")))
    connection = db.open()
    keep_receipt(connection, commit_id(1, 1))
    transaction.commit()
    assert not has_receipt(connection, commit_id(1, 1))
    assert list(connection.root()) == []
    connection.close()
    db.close()


def test_old_ones_go(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 200 * 86400.0
    monkeypatch.setattr(receipts.time, "time", lambda: now)
    for copy in range(10, 30):
        keep_receipt(connection, commit_id(copy, 1))
    now = 250 * 86400.0
    keep_receipt(connection, commit_id(1, 1))
    assert has_receipt(connection, commit_id(10, 1))
    now = 350 * 86400.0
    keep_receipt(connection, commit_id(2, 1))
    assert not has_receipt(connection, commit_id(10, 1))
    # One that is in use stays.
    assert has_receipt(connection, commit_id(1, 1))
