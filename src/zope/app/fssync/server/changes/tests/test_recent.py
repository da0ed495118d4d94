"""What a process remembers of the last transactions."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from ZODB.FileStorage import FileStorage

from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.recent import Recent
from zope.app.fssync.server.changes.recent import Transaction
from zope.app.fssync.server.changes.tests.databases import change
from zope.app.fssync.server.changes.tests.databases import opened


class Stored:
    """Transactions of a storage, named by a digit each."""

    def __init__(self, tids: bytes) -> None:
        self.tids = tids
        self.asked: list[tuple[bytes, bytes]] = []

    def __call__(self, first: bytes, last: bytes) -> Iterable[Transaction]:
        self.asked.append((first, last))
        for number in self.tids:
            tid = bytes([number])
            if first <= tid <= last:
                yield Transaction(tid, f"commit {tid!r}", "ann", {b"o" + tid: True})


def tids(found: Iterable[Transaction] | None) -> bytes | None:
    return None if found is None else b"".join(each.tid for each in found)


def test_transactions_are_read_once() -> None:
    stored, recent = Stored(b"1"), Recent()
    assert recent.follow(b"1", stored) is not None
    stored.tids = b"1234"
    for now in (b"3", b"3", b"4", b"4", b"3"):
        kept = recent.follow(now, stored)
        assert kept is not None
        assert tids(kept.after(b"1")) == b"234"[: int(now) - 1]
    assert stored.asked == [(b"1", b"3"), (b"3", b"4")]


def test_older_ones_are_not_known() -> None:
    stored, recent = Stored(b"1234"), Recent()
    recent.follow(b"3", stored)
    kept = recent.follow(b"4", stored)
    assert kept is not None
    assert tids(kept.after(b"3")) == b"4"
    assert kept.after(b"2") is None
    assert not kept.has(b"2")
    assert recent.follow(b"2", stored) is None


def test_a_limit_drops_the_oldest() -> None:
    stored, recent = Stored(b"1"), Recent(limit=2)
    for now in b"1234":
        stored.tids = b"1234"[: now - b"0"[0]]
        kept = recent.follow(bytes([now]), stored)
    assert kept is not None
    assert tids(kept.after(b"2")) == b"34"
    assert kept.after(b"1") is None


def test_transactions_beyond_the_limit_at_once_are_not_kept() -> None:
    stored, recent = Stored(b"1234"), Recent(limit=2)
    recent.follow(b"1", stored)
    kept = recent.follow(b"4", stored)
    assert kept is not None
    assert kept.after(b"1") is None
    assert tids(kept.after(b"4")) == b""


def test_a_database_that_was_put_back_is_read_anew() -> None:
    stored, recent = Stored(b"123"), Recent()
    recent.follow(b"1", stored)
    recent.follow(b"3", stored)
    stored.tids = b"14"
    kept = recent.follow(b"4", stored)
    assert kept is not None
    assert kept.after(b"1") is None
    assert not kept.has(b"3")


class Counting(FileStorage):
    """A storage that counts how often its transactions are listed."""

    listed = 0

    def iterator(self, *args: Any) -> Any:
        self.listed += 1
        return super().iterator(*args)


def test_requests_share_what_was_read(place: Path) -> None:
    for connection in opened(Counting(str(place))):
        storage = connection.db().storage
        first = change(connection)
        History(connection).has(first)
        second = change(connection, commit="mine-1")
        oid = connection.root()["a"]._p_oid
        before = storage.listed
        for _ in range(3):
            history = History(connection)
            changed = history.changed_since(first, 10)
            assert {k: (v.tid, v.records[k]) for k, v in changed.items()} == {
                oid: (second, True)
            }
            assert history.changed_since(first, 10, "mine-") == {}
            assert history.has_commit("mine-1", first, 10)
            assert not history.has_commit("mine-2", first, 10)
            assert history.has(first)
            assert history.has(second)
        assert storage.listed == before + 1


def test_recent_gives_up_beyond_the_limit_of_changes(connection: Any) -> None:
    first = History(connection).now
    assert History(connection).has(first)
    for _ in range(3):
        change(connection)
    assert len(History(connection).changed_since(first, 3)) == 1
    with pytest.raises(HistoryUnavailable):
        History(connection).changed_since(first, 2)


def test_a_backup_is_not_mixed_with_what_was_known(place: Path) -> None:
    backup = place.with_name("backup.fs")
    for connection in opened(FileStorage(str(place))):
        first = change(connection)
        shutil.copy(place, backup)
        lost = change(connection)
        History(connection).changed_since(first, 10)
    shutil.copy(backup, place)
    for connection in opened(FileStorage(str(place))):
        change(connection)
        history = History(connection)
        assert history.has(first)
        assert not history.has(lost)


def test_a_transaction_that_is_being_written_is_waited_for(place: Path) -> None:
    class Busy(FileStorage):
        refused = 3

        def iterator(self, *args: Any) -> Any:
            if self.refused:
                self.refused -= 1
                raise ValueError("Can't find last transaction in large file")
            return super().iterator(*args)

    for connection in opened(Busy(str(place))):
        first = History(connection).now
        change(connection)
        assert len(History(connection).changed_since(first, 10)) == 1
