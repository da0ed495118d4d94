"""The index of references, as it is kept and as it follows what changes."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from threading import Thread
from typing import Any

import pytest
import transaction
import ZODB
from persistent.mapping import PersistentMapping
from ZODB.FileStorage import FileStorage
from ZODB.utils import z64
from zope.processlifetime import DatabaseOpened

from zope.app.fssync.server import observing
from zope.app.fssync.server.changes import referrers as module
from zope.app.fssync.server.changes.below import signed
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.keptindex import KeptIndex
from zope.app.fssync.server.changes.referrers import LateReferrers
from zope.app.fssync.server.changes.referrers import NotYet
from zope.app.fssync.server.changes.referrers import Referrers
from zope.app.fssync.server.exchange import Running
from zope.fssync.limits import EXCHANGES_SHARE
from zope.fssync.limits import LISTED_RECORDS


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Any]:
    db = ZODB.DB(FileStorage(str(tmp_path / "Data.fs")))
    connection = db.open()
    yield connection
    transaction.abort()
    db.close()


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeptIndex:
    monkeypatch.setattr(module, "KEPT_RECORDS", 0)
    return KeptIndex(str(tmp_path / "cache"), "a")


def grow(connection: Any, number: int = 1) -> bytes:
    """Add something; return its oid."""
    for _ in range(number):
        new = connection.root()[str(random.random())] = PersistentMapping()
        transaction.commit()
    transaction.begin()
    found: bytes = new._p_oid
    return found


def whole(index: Referrers, history: History) -> set[tuple[bytes, bytes]]:
    return {
        (each.oid, oid)
        for each in history.current(1000)
        for oid in index.of(each.oid, history.now)
    }


def test_a_process_begins_with_what_one_before_has_kept(connection, kept, monkeypatch):
    grow(connection, 3)
    Referrers(kept).update(History(connection))
    new = grow(connection)
    monkeypatch.setattr(Referrers, "_build", None)
    index = Referrers(kept)
    index.update(History(connection))
    assert index.of(new, History(connection).now) == [connection.root()._p_oid]


def test_a_kept_index_has_the_same_as_a_new_one(connection, kept):
    for _ in range(5):
        grow(connection, 3)
        history = History(connection)
        index, new = Referrers(kept), Referrers()
        index.update(history)
        new.update(history)
        assert whole(index, history) == whole(new, history)


def test_kept_transactions_serve_after_a_pack(connection, kept, monkeypatch):
    grow(connection, 3)
    Referrers(kept).update(History(connection))
    grow(connection, 3)
    connection.db().pack()
    new = grow(connection)
    monkeypatch.setattr(Referrers, "_build", None)
    index = Referrers(kept)
    index.update(History(connection))
    assert index.of(new, History(connection).now) == [connection.root()._p_oid]


def test_an_index_of_a_restored_database_is_not_used(connection, kept, tmp_path):
    grow(connection)
    copy = (tmp_path / "Data.fs").read_bytes()
    grow(connection)
    Referrers(kept).update(History(connection))
    (tmp_path / "Old.fs").write_bytes(copy)
    db = ZODB.DB(FileStorage(str(tmp_path / "Old.fs")))
    with db.transaction() as restored:
        history = History(restored)
        index = Referrers(kept)
        index.update(history)
        assert index._tid == history.now
    db.close()


def test_little_news_is_not_kept_again(connection, kept, monkeypatch):
    grow(connection, 30)
    index = Referrers(kept)
    index.update(History(connection))
    monkeypatch.setattr(KeptIndex, "save", None)
    monkeypatch.setattr(module, "KEPT_RECORDS", 1000)
    grow(connection)
    index.update(History(connection))


def test_transactions_a_record_leads_to_are_remembered_and_follow_changes(connection):
    dice = random.Random(3)
    root = connection.root()
    root["tree"] = PersistentMapping()
    transaction.commit()
    oid = root["tree"]._p_oid
    known = Referrers()
    for _ in range(40):
        nodes = [root["tree"]]
        nodes += [each for node in nodes for each in node.values()]
        node = dice.choice(nodes)
        if dice.random() < 0.4:
            node[str(dice.random())] = PersistentMapping()
        else:
            node._p_changed = True
        transaction.commit()
        transaction.begin()
        history, new = History(connection), Referrers()
        found = []
        for index in (known, new):
            index.update(history)
            below = index.below(oid, history.now, [root._p_oid], 1000)
            assert below is not None
            found.append(dict(below))
            tids = [tid for _, tid in below]
            assert tids == sorted(tids, reverse=True)
        assert found[0] == found[1]


def test_only_so_many_are_remembered(connection, monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED_BELOW", 2)
    oids = [grow(connection) for _ in range(4)]
    history, index = History(connection), Referrers()
    index.update(history)
    for oid in oids:
        assert list(index.below(oid, history.now, [], 9) or ()) != []
    assert [oid for oid, *_ in index._below] == [signed(o) for o in oids[2:]]
    monkeypatch.setattr(module, "LISTED_RECORDS", 1)
    index.below(oids[0], history.now, [], 9)
    assert len(index._below) == 1


@pytest.fixture
def large(connection: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A connection to a database that counts as large."""
    grow(connection, 3)
    monkeypatch.setattr(module, "PREPARED_RECORDS", 3)
    monkeypatch.setattr(module, "INDEX_ROWS", 1)
    return connection


def prepared(index: Referrers) -> Any:
    assert index._preparing is not None
    return index._preparing


def test_a_thread_makes_the_index_of_a_large_database(large, monkeypatch):
    index = Referrers()
    index.prepare(large.db())
    thread = prepared(index)
    thread.join()
    assert not index.is_being_made()
    index.prepare(large.db())
    assert index._preparing is thread
    new = grow(large)
    monkeypatch.setattr(Referrers, "_build", None)
    index.update(History(large))
    assert index.of(new, History(large).now) == [large.root()._p_oid]


def test_an_index_of_a_small_database_is_made_on_demand(connection):
    index = Referrers()
    index.prepare(connection.db())
    assert index._preparing is None
    assert not index.is_being_made()


def test_a_user_who_needs_the_index_hurries_the_thread(large, monkeypatch):
    pauses, begun = [], Event()

    def pause(index: Referrers, seconds: float) -> None:
        begun.set()
        pauses.append(index._is_awaited.wait(60))

    monkeypatch.setattr(Referrers, "_yield", pause)
    index = Referrers()
    index.prepare(large.db())
    assert begun.wait(60)
    assert index.is_being_made()
    index.update(History(large))
    assert len(pauses) > 3
    assert all(pauses)
    assert large.root()._p_oid in index.of(new_of(large), History(large).now)
    prepared(index).join()


def new_of(connection: Any) -> bytes:
    found: bytes = next(iter(connection.root().values()))._p_oid
    return found


def test_a_thread_that_fails_leaves_the_index_to_who_needs_it(
    large, monkeypatch, caplog
):
    def fail(history: History, limit: int) -> None:
        raise OSError("the file is closed")

    index = Referrers()
    with monkeypatch.context() as patch, caplog.at_level("INFO"):
        patch.setattr(History, "current", fail)
        index.prepare(large.db())
        prepared(index).join()
    assert "is not made: the file is closed" in caplog.text
    index.update(History(large))
    assert not index.is_being_made()


def test_a_thread_that_has_ended_is_not_waited_for(large, monkeypatch):
    index = Referrers()
    with monkeypatch.context() as patch:
        patch.setattr(History, "current", None)
        index.prepare(large.db())
        prepared(index).join()
    assert not index.is_being_made()


@pytest.fixture
def shared(large: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A database whose index is kept in a directory of its own."""
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "KEPT_RECORDS", 0)
    monkeypatch.setattr(module, "_known", {})
    return large


def test_the_index_is_loaded_when_the_database_is_opened_if_it_is_kept(shared):
    event = DatabaseOpened(shared.db())
    module.load_kept(event)
    assert module.referrers(shared)._preparing is None
    module.referrers(shared).prepare(shared.db())
    prepared(module.referrers(shared)).join()
    module._known.clear()
    module.load_kept(event)
    index = module.referrers(shared)
    prepared(index).join()
    assert index._tid == History(shared).now


def test_the_next_process_looks_up_the_objects_of_earlier_requests(shared, monkeypatch):
    index, root, now = module.referrers(shared), z64, History(shared).now
    index.prepare(shared.db())
    prepared(index).join()
    assert index.below(root, now, [], 9) is not None
    module._known.clear()
    module.load_kept(DatabaseOpened(shared.db()))
    index = module.referrers(shared)
    prepared(index).join()
    monkeypatch.setattr(module, "Descent", None)
    found = index.below(root, now, [], 9)
    assert found is not None
    assert root in found


def test_a_finished_index_looks_up_objects_that_were_loaded_before(shared, monkeypatch):
    index, history = module.referrers(shared), History(shared)
    assert index.walks.records(shared, history, z64, [], 9) is not None
    index.prepare(shared.db())
    prepared(index).join()
    monkeypatch.setattr(module, "Descent", None)
    assert index.below(z64, history.now, [], LISTED_RECORDS) is not None
    assert index.walks.end() == []


def test_exchanges_have_most_of_the_time(large, monkeypatch):
    pauses: list[float] = []
    index = Referrers()
    monkeypatch.setattr(index._is_awaited, "wait", pauses.append)
    index._yield(1.0)
    running = Running("toFS.snarf", "/a", "ann", "update")
    observing.begin(running)
    try:
        index._yield(1.0)
    finally:
        observing.retry(running)
    assert pauses == [1.0, EXCHANGES_SHARE]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked here")
def test_a_forked_process_begins_anew(shared):
    module.referrers(shared).prepare(shared.db())
    prepared(module.referrers(shared)).join()
    child = os.fork()
    if not child:
        os._exit(len(module._known))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert module._known


class Waiting:
    """Has a method of `History` wait, at the second record, until it may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.begun, self.go_on = Event(), Event()
        read = getattr(History, name)

        def wait(history: History, *arguments: Any) -> Iterator[Any]:
            for each in read(history, *arguments):
                yield each
                self.begun.set()
                assert self.go_on.wait(60)

        monkeypatch.setattr(History, name, wait)


@pytest.mark.parametrize("name", ["since", "current"])
def test_nobody_waits_for_what_is_read_to_look_up_what_is_known(
    connection, monkeypatch, name
):
    new = grow(connection)
    index, known = Referrers(), History(connection).now
    index.update(History(connection))
    later = grow(connection)
    if name == "current":
        # As for a database that was restored from a backup.
        monkeypatch.setattr(Referrers, "_is_of", lambda index, history: False)
    waiting = Waiting(monkeypatch, name)
    history = History(connection)
    thread = Thread(target=index.update, args=(history,))
    thread.start()
    assert waiting.begun.wait(60)
    root = connection.root()._p_oid
    assert index.of(new, known) == [root]
    assert index.below(new, known, [], 9) is not None
    with pytest.raises(HistoryUnavailable):
        index.of(later, history.now)
    waiting.go_on.set()
    thread.join()
    assert index.of(later, history.now) == [root]


def test_a_reader_of_an_older_state_does_not_wait_for_an_update(
    connection, monkeypatch
):
    index, old = Referrers(), History(connection)
    index.update(old)
    new = grow(connection)
    waiting = Waiting(monkeypatch, "since")
    history = History(connection)
    thread = Thread(target=index.update, args=(history,))
    thread.start()
    assert waiting.begun.wait(60)
    index.update(old)
    waiting.go_on.set()
    thread.join()
    assert index.of(new, history.now) == [connection.root()._p_oid]


def test_an_index_that_cannot_be_written_is_made_anew(connection, monkeypatch):
    index = Referrers()
    index.update(History(connection))
    new = grow(connection)
    history = History(connection)

    def fail(rows: Any, table: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(module._Rows, "write", fail)
        with pytest.raises(sqlite3.OperationalError):
            index.update(history)
    with pytest.raises(HistoryUnavailable):
        index.of(new, history.now)
    index.update(history)
    assert index.of(new, history.now) == [connection.root()._p_oid]


def test_records_that_were_loaded_serve_until_the_index_has_been_asked(shared):
    found = LateReferrers(shared, History(shared))
    assert found.walks.records(shared, History(shared), z64, [], 9) is not None
    module.referrers(shared).update(History(shared))
    found.waits = False
    with pytest.raises(NotYet):
        found.below(z64, [], 9)
    assert found.below(new_of(shared), [], 9) is not None
    found.waits = True
    assert found.below(z64, [], 9) is not None
    found.waits = False
    module.referrers(shared)._look_up()
    assert found.below(z64, [], 9) is not None


def test_two_requests_for_the_same_object_look_it_up_once(connection, monkeypatch):
    for _ in range(3):
        grow(connection)
    index, now = Referrers(), History(connection).now
    index.update(History(connection))
    made: list[Any] = []
    begun, go_on = Event(), Event()

    class Slow(module.Descent):
        def step(self, table: sqlite3.Connection) -> None:
            made.append(self)
            begun.set()
            assert go_on.wait(60)
            super().step(table)

    monkeypatch.setattr(module, "Descent", Slow)
    threads = [Thread(target=index.below, args=(z64, now, [], 99)) for _ in range(2)]
    threads[0].start()
    assert begun.wait(60)
    threads[1].start()
    go_on.set()
    for each in threads:
        each.join()
    assert len(set(map(id, made))) == 1
