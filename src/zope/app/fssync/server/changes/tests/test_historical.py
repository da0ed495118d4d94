"""Historical connections: few at a time, emptied, and never written to."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import ZODB.config
from persistent.mapping import PersistentMapping
from ZODB.POSException import ReadOnlyHistoryError

from zope.app.fssync.server.changes import historical
from zope.app.fssync.server.changes.historical import Backwards
from zope.app.fssync.server.changes.historical import moving
from zope.app.fssync.server.changes.historical import opened
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.fssync.limits import OLD_CONNECTIONS


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
    monkeypatch.setattr(historical, "OLD_CONNECTION_WAIT", 0.01)
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


@pytest.mark.parametrize("can_move", [True, False])
def test_backwards_shows_the_states_around_transactions(
    db: Any, monkeypatch: pytest.MonkeyPatch, can_move: bool
) -> None:
    monkeypatch.setattr(historical.Moving, "is_possible", lambda connection: can_move)
    past, found = Backwards(db), []
    tids = [each.tid for each in db.storage.iterator()][1:]
    with past.kept():
        for tid in reversed(tids[1:]):
            past.go_to(tid)
            for before in (False, True):
                with past.opened(tid, before, None) as old:
                    found.append((id(old), old.root()["a"]["x"]))
            past.pass_over(tid, [])
    assert [each for _, each in found] == [2, 1, 1, 0]
    assert not can_move or len({each for each, _ in found}) == 1
    assert all(each.opened is None for each in db.historical_pool)
