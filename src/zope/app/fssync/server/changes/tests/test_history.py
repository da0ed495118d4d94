"""What storages tell of transactions, and what is known of references."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
import transaction
import ZODB
from persistent.mapping import PersistentMapping
from ZODB.DemoStorage import DemoStorage
from ZODB.FileStorage import FileStorage
from ZODB.FileStorage.FileStorage import CorruptedError
from ZODB.MappingStorage import MappingStorage
from ZODB.utils import p64
from ZODB.utils import u64

from zope.app.fssync.server.changes import history as module
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.history import TooLarge
from zope.app.fssync.server.changes.history import user_name
from zope.app.fssync.server.changes.tests.databases import change
from zope.app.fssync.server.changes.tests.databases import opened
from zope.app.fssync.server.changes.token import State


class TestHistory:
    @pytest.mark.parametrize("kind", ["file", "mapping", "demo"])
    def test_history_tells_what_was_stored_since(self, kind, place):
        kinds = {
            "file": lambda: FileStorage(str(place)),
            "mapping": MappingStorage,
            "demo": lambda: DemoStorage(base=MappingStorage()),
        }
        for connection in opened(kinds[kind]()):
            before = History(connection)
            tid = change(connection)
            after = History(connection)
            assert after.now == tid
            assert after.has(tid)
            assert after.has(before.now)
            found = [each.oid for each in after.since(before.now, 10)]
            assert found == [connection.root()["a"]._p_oid]
            assert list(after.since(tid, 10)) == []
            assert {each.oid for each in after.current(100)} >= set(found)

    def test_records_that_do_not_concern_are_left_out(self, connection):
        before, tid = History(connection).now, change(connection)
        history = History(connection)
        oid = connection.root()["a"]._p_oid
        for concerns, left in ((lambda data: True, [oid]), (lambda data: False, [])):
            found = history.records(before, tid, concerns)
            assert list(found[tid]) == left

    def test_history_ends_with_what_the_connection_sees(self, connection):
        transaction.begin()
        history = History(connection)
        manager = transaction.TransactionManager()
        other = connection.db().open(manager)
        other.root()["a"]["y"] = 1
        new = other.root()["b"] = PersistentMapping()
        manager.commit()
        other.close()
        assert list(history.since(p64(0), 100)) == list(
            History(connection).since(p64(0), 100)
        )
        assert history.now < connection.db().lastTransaction()
        # Both what it sees, and what it will see.
        oid = connection.root()["a"]._p_oid
        oids = [each.oid for each in history.current(100)]
        assert (oids.count(oid), oids.count(new._p_oid)) == (2, 1)

    def test_history_gives_up_beyond_a_limit(self, connection):
        first = History(connection).now
        for _ in range(3):
            change(connection)
        history = History(connection)
        assert len(list(history.since(first, 3))) == 3
        with pytest.raises(HistoryUnavailable):
            list(history.since(first, 2))
        with pytest.raises(TooLarge):
            list(history.current(1))
        with pytest.raises(HistoryUnavailable):
            history.has_commit("c", first, 2)

    def test_packed_away_transactions_are_not_there(self, connection):
        first = change(connection)
        last = change(connection)
        connection.db().pack()
        transaction.begin()
        history = History(connection)
        assert not history.has(first)
        assert history.has(last)

    def test_history_knows_what_was_packed_whenever_that_was(self, connection):
        first = change(connection)
        assert History(connection).last_packed() == p64(0)
        connection.db().pack()
        transaction.begin()
        assert History(connection).last_packed() == first
        second = change(connection)
        for _ in range(2):
            assert History(connection).last_packed() == first
        change(connection, commit="third")
        connection.db().pack()
        transaction.begin()
        assert History(connection).last_packed() > second

    def test_history_looks_at_few_transactions_to_know_that(
        self, connection, monkeypatch
    ):
        for _ in range(9):
            change(connection)
        asked: list[Any] = []
        storage = connection.db().storage
        iterator = storage.iterator

        def noting(start: Any, stop: Any) -> Any:
            for each in iterator(start, stop):
                asked.append(each.tid)
                yield each

        monkeypatch.setattr(storage, "iterator", noting)
        for _ in range(3):
            History(connection).last_packed()
        assert len(asked) == 1

    @pytest.mark.parametrize("number", [0, 7, 23])
    def test_with_zeo_it_does_not_read_all_that_was_packed(
        self, connection, monkeypatch, number
    ):
        for _ in range(9):
            connection.root()[str(len(connection.root()))] = PersistentMapping()
            last = change(connection)
        connection.db().pack()
        following = [change(connection) for _ in range(number)]
        History(connection).last_packed()
        expected = module._boundaries.pop(connection.db())
        assert expected[:2] == (last, following[0] if following else None)
        storage = connection.db().storage
        monkeypatch.setattr(storage, "ping", lambda: None, raising=False)
        monkeypatch.setattr(module, "LOG_PAGE", 2)
        assert History(connection).last_packed() == last
        assert module._boundaries[connection.db()][:2] == expected[:2]

    def test_with_zeo_a_pack_is_noticed_later(self, connection, monkeypatch):
        storage = connection.db().storage
        monkeypatch.setattr(storage, "ping", lambda: None, raising=False)
        monkeypatch.setattr(storage, "getName", lambda: "a socket")
        change(connection)
        assert History(connection).last_packed() == p64(0)
        change(connection)
        connection.db().pack()
        transaction.begin()
        assert History(connection).last_packed() == p64(0)
        monkeypatch.setattr(module, "PACKED_UNSEEN", 0)
        assert History(connection).last_packed() != p64(0)

    def test_nor_what_was_undone_by_a_backup(self, connection, place):
        backup = place.with_name("backup")
        first = change(connection)
        shutil.copy(place, backup)
        lost = change(connection)
        db = ZODB.DB(str(backup))
        try:
            restored = db.open()
            change(restored)
            history = History(restored)
            assert history.has(first)
            assert not history.has(lost)
        finally:
            transaction.abort()
            db.close()

    def test_a_time_between_two_transactions_is_none_of_them(self, connection):
        tid = change(connection)
        history = History(connection)
        assert not history.has(p64(u64(tid) + 1))
        assert not history.has(p64(u64(tid) - 1))

    def test_history_finds_commits_and_leaves_out_those_of_one_client(self, connection):
        first = History(connection).now
        one = change(connection, commit="one-1")
        change(connection, commit="two-1")
        history = History(connection)
        assert history.has_commit("one-1", first, 10)
        assert not history.has_commit("one-1", one, 10)
        assert not history.has_commit("one-2", first, 10)
        (oid,) = history.changed_since(first, 10)
        assert history.changed_since(first, 10)[oid].commit == "two-1"
        assert history.changed_since(first, 10, "two-")[oid].commit == "one-1"
        assert history.changed_since(first, 10, "three-")[oid].commit == "two-1"

    def test_an_old_connection_tells_nothing(self, connection):
        tid = change(connection)
        with (
            connection.db().transaction(),
            pytest.raises(HistoryUnavailable),
        ):
            History(connection.db().open(at=tid))

    @pytest.mark.parametrize("error", [ValueError, AttributeError, NotImplementedError])
    def test_a_storage_that_fails_to_begin_tells_nothing(self, place, error):
        class Failing(FileStorage):
            def iterator(self, *args: Any) -> Any:
                raise error("cannot find it")

        for connection in opened(Failing(str(place))):
            with pytest.raises(HistoryUnavailable):
                History(connection).has(p64(1))

    def test_nor_one_that_fails_on_the_way(self, place):
        class Failing(FileStorage):
            def iterator(self, *args: Any) -> Any:
                yield from ()
                raise CorruptedError("partly written")

        for connection in opened(Failing(str(place))):
            with pytest.raises(HistoryUnavailable):
                History(connection).has(p64(1))
            with pytest.raises(HistoryUnavailable):
                list(History(connection).since(p64(1), 10))


class TestState:
    state = State(p64(1), p64(2), "c" * 32, True)

    def test_history_is_read_as_it_is_written(self):
        assert State.parse(str(self.state)) == self.state

    @pytest.mark.parametrize(
        "text",
        [
            *(
                None,
                "",
                "none",
                "4",
                "5{}",
                "{}\n",
                " {}",
                "{}0",
                "{}\r\nX: y",
                "\u0664",
            ),
            *("4-0-0-0-0", "4" * 100_000),
        ],
    )
    def test_anything_else_is_none(self, text):
        shown = text and text.replace("{}", str(self.state)[1:])
        assert State.parse(shown) is None

    def test_upper_case_is_another_text(self):
        assert State.parse(str(self.state).upper()) is None


@pytest.mark.parametrize(
    ("told", "name"),
    [
        *(("/ zope.ann", "zope.ann"), (" ann", "ann"), ("Plone/acl ann", "ann")),
        *((" x admin", "x admin"), ("/ x admin", "x admin"), ("ann", "ann")),
        *(("", ""), ("/ ", "")),
    ],
)
def test_a_name_of_a_user_is_whole(told: str, name: str) -> None:
    assert user_name(told) == name
