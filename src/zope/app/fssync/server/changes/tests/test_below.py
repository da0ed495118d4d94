"""The records that one record leads to."""

from __future__ import annotations

import random
import sqlite3
from typing import Any

import pytest
import transaction
from persistent.mapping import PersistentMapping
from ZODB.utils import z64

from zope.app.fssync.server.changes import below as module
from zope.app.fssync.server.changes.below import Below
from zope.app.fssync.server.changes.below import Descent
from zope.app.fssync.server.changes.below import oid_of
from zope.app.fssync.server.changes.below import signed
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.referrers import Referrers


@pytest.fixture
def table() -> sqlite3.Connection:
    found = sqlite3.connect(":memory:")
    found.execute("CREATE TABLE reference (referrer INTEGER, referred INTEGER)")
    found.execute("CREATE TABLE record (oid INTEGER, tid INTEGER)")
    return found


def descended(
    table: sqlite3.Connection, oid: int, without: frozenset[int], limit: int
) -> Below | None:
    descent = Descent((oid, without, limit), 0)
    while not descent.is_done():
        descent.step(table)
    return descent.result()


@pytest.mark.parametrize("step", [1, 3, 500])
def test_all_below_is_found_in_steps_of_any_size(table, monkeypatch, step):
    monkeypatch.setattr(module, "DESCENDED_RECORDS", step)
    dice = random.Random(step)
    pairs = {(dice.randrange(30), dice.randrange(30)) for _ in range(35)}
    table.executemany("INSERT INTO reference VALUES (?, ?)", pairs)
    # Those that are gone have no transaction.
    last = {oid: dice.randrange(1, 9) for oid in range(25)}
    table.executemany("INSERT INTO record VALUES (?, ?)", last.items())
    without = frozenset([7, 8])
    for oid in range(30):
        expected, more = {oid}, {oid}
        while more := {b for a, b in pairs if a in more} - expected - without:
            expected |= more
        found = descended(table, oid, without, len(expected))
        assert found is not None
        assert {each for each in range(30) if oid_of(each) in found} == expected
        assert dict(found) == {
            oid_of(each): oid_of(last[each]) for each in expected if each in last
        }
        tids = [tid for _, tid in found]
        assert tids == sorted(tids, reverse=True)
        assert descended(table, oid, without, len(expected) - 1) is None


def test_oids_keep_their_order_and_value_as_numbers():
    for oid in (z64, b"\0" * 7 + b"\1", b"\xff" * 8, b"\x7f" + b"\xff" * 7):
        assert oid_of(signed(oid)) == oid


def test_a_record_added_below_meanwhile_is_found(connection, monkeypatch):
    monkeypatch.setattr(module, "DESCENDED_RECORDS", 1)
    root = connection.root()
    for number in range(5):
        root[str(number)] = PersistentMapping()
    transaction.commit()
    history, index = History(connection), Referrers()
    index.update(history)
    step, new = Descent.step, iter([777])

    def add(descent: Descent, table: Any) -> None:
        step(descent, table)
        for number in new:
            table.execute("INSERT INTO reference VALUES (?, ?)", (signed(z64), number))
            index._version += 1

    monkeypatch.setattr(Descent, "step", add)
    found = index.below(z64, history.now, [], 99)
    assert found is not None
    assert oid_of(777) in found
    assert len(found) == 8
