"""Connections to the past: few at a time, emptied, and never written to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import transaction
import ZODB
import ZODB.config
from persistent.mapping import PersistentMapping
from ZODB.FileStorage import FileStorage
from ZODB.POSException import ReadOnlyHistoryError

from zope.app.fssync.server.changes import past
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.past import Today
from zope.app.fssync.server.changes.past import Where
from zope.app.fssync.server.changes.past import moving
from zope.app.fssync.server.changes.past import opened
from zope.fssync.limits import OLD_CONNECTIONS


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Any]:
    db = ZODB.DB(FileStorage(str(tmp_path / "Data.fs")))
    for number in range(3):
        with db.transaction() as connection:
            connection.root()["a"] = PersistentMapping({"x": number})
    yield db
    db.close()


def first(db: Any) -> bytes:
    with db.transaction() as connection:
        return History(connection).beginning()


def test_an_old_state_is_not_written(db: Any) -> None:
    before = db.lastTransaction()
    with opened(db, at=before) as old:
        old.root()["a"]["x"] = 5
        with pytest.raises(ReadOnlyHistoryError):
            old.transaction_manager.commit()
        old.transaction_manager.abort()
    assert db.lastTransaction() == before


def test_connections_are_emptied_and_given_back(db: Any) -> None:
    for _ in range(3):
        with opened(db, at=db.lastTransaction()) as old:
            assert old.root()["a"]["x"] == 2
    (kept,) = db.historical_pool
    assert kept.opened is None
    assert kept._cache.cache_non_ghost_count == 0


def test_one_connection_goes_to_any_transaction(db: Any) -> None:
    tids = [each.tid for each in db.storage.iterator()][1:]
    with moving(db, tids[-1], tids[-1]) as old:
        assert old is not None
        found = []
        for tid in (*reversed(tids), *tids):
            old.at(tid)
            found.append(old.connection.root()["a"]["x"])
    assert found == [2, 1, 0, 0, 1, 2]


def test_no_more_are_open_than_the_limit(
    db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "OLD_CONNECTION_WAIT", 0.01)
    with ExitStack() as stack:
        for _ in range(OLD_CONNECTIONS):
            stack.enter_context(opened(db, at=db.lastTransaction()))
        with pytest.raises(HistoryUnavailable, match="busy"):
            stack.enter_context(opened(db, at=db.lastTransaction()))
    with opened(db, at=db.lastTransaction()):
        pass


def relational(place: Path) -> Any:
    """One process of a site, with a storage that shows snapshots."""
    return ZODB.config.databaseFromString(
        "%import relstorage\n<zodb>\n<relstorage>\nkeep-history true\n"
        f"<sqlite3>\ndata-dir {place}\n</sqlite3>\n</relstorage>\n</zodb>"
    )


def test_a_kept_connection_sees_what_was_stored_since(tmp_path: Path) -> None:
    writer, reader = relational(tmp_path), relational(tmp_path)
    tids, found = [], []
    for number in range(3):
        with writer.transaction() as connection:
            root = connection.root()
            root["a"] = PersistentMapping({"x": number})
        with writer.transaction() as connection:
            tids.append(History(connection).now)
        with moving(reader, tids[0], tids[-1]) as old:
            assert old is not None
            old.at(tids[-1])
            found.append(old.connection.root()["a"]["x"])
    assert found == [0, 1, 2]
    writer.close()
    reader.close()


class Tracer:
    """Knows of each object whether it is in its place."""

    def __init__(self, connection: Any, *there: bytes) -> None:
        self.connection = connection
        self.there = there

    def in_place(self, oid: bytes) -> Any:
        return self.connection.get(oid) if oid in self.there else None

    def above(self, obj: Any) -> Any:
        return getattr(obj, "__parent__", None)


def test_what_is_there_today_is_found_and_what_is_gone_has_its_container(
    db: Any,
) -> None:
    with db.transaction() as connection:
        root = connection.root()
        tracer: Any = Tracer(connection, root._p_oid)
        today = Today(tracer)
        with opened(db, at=db.lastTransaction()) as old:
            gone = old.root()["a"]
            gone.__parent__ = old.root()
            assert today(old.root(), old) == Where(root, False)
            assert today(gone, old) == Where(root, True)
            # A part that is stored with its object.
            part = type("Part", (), {"__parent__": gone})()
            assert today(part, old) == Where(root, True)
            assert today(object(), old) is None
            assert today(root, old) == Where(root, False)
            old.transaction_manager.abort()
        # It is of no connection that is being read.
        assert today(gone, None) is None
    transaction.abort()
