"""The records that an object leads to are loaded where they are few."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import transaction
import ZODB
from persistent.mapping import PersistentMapping
from ZODB.utils import z64

from zope.app.fssync.server.changes import near
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.near import Walks
from zope.app.fssync.server.changes.near import near_records


@pytest.fixture
def connection() -> Iterator[Any]:
    db = ZODB.DB(None)
    connection = db.open()
    top = connection.root()["a"] = PersistentMapping()
    top["part"] = PersistentMapping()
    top["part"]["up"] = top
    connection.root()["b"] = PersistentMapping(up=connection.root())
    transaction.commit()
    yield connection
    connection.close()
    db.close()


def test_all_that_an_object_leads_to_is_found_with_what_refers_to_it(
    connection: Any,
) -> None:
    top = connection.root()["a"]
    found = near_records(connection, top._p_oid, [], 10)
    assert found is not None
    part = top["part"]._p_oid
    last = connection.db().lastTransaction()
    assert sorted(found) == sorted([(top._p_oid, last), (part, last)])
    assert part in found
    assert z64 not in found
    assert found.of(part, last) == [top._p_oid]
    assert found.of(top._p_oid, last) == [part]
    assert found.of(z64, last) == []


def test_nothing_is_found_through_what_an_object_is_in(connection: Any) -> None:
    oid = connection.root()["b"]._p_oid
    found = near_records(connection, oid, [z64], 10)
    assert found is not None
    assert [each for each, _ in found] == [oid]


def test_beyond_the_limit_nothing_is_told(connection: Any) -> None:
    assert near_records(connection, z64, [], 3) is None
    assert near_records(connection, z64, [], 4) is not None


def test_a_record_that_is_gone_is_left_out(connection: Any) -> None:
    found = near_records(connection, b"\0" * 6 + b"\xff\xff", [], 10)
    assert found is not None
    assert list(found) == []


def test_loaded_records_follow_changes(connection: Any) -> None:
    dice = random.Random(3)
    top = connection.root()["a"]
    walks = Walks()
    for _ in range(40):
        nodes = [top, *(each for each in top.values() if each is not top)]
        node = dice.choice(nodes)
        if dice.random() < 0.5:
            node[str(dice.random())] = PersistentMapping(up=node)
        else:
            node._p_changed = True
        transaction.commit()
        transaction.begin()
        asked = connection, History(connection), top._p_oid, [z64], 1000
        found, new = walks.records(*asked), Walks().records(*asked)
        assert found is not None
        assert new is not None
        assert list(found) == list(new)
        now = History(connection).now
        for oid, _ in new:
            assert sorted(found.of(oid, now)) == sorted(new.of(oid, now))


def test_loaded_records_are_not_loaded_again(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    oids = [connection.root()[name]._p_oid for name in ("a", "b")]
    walks = Walks()
    for oid in oids:
        assert walks.records(connection, History(connection), oid, [z64], 10)
    monkeypatch.setattr(near, "_loaded", None)
    for oid in oids:
        assert walks.records(connection, History(connection), oid, [z64], 10)
    assert walks.end() == [(oid, frozenset([z64])) for oid in oids]
    assert walks.records(connection, History(connection), oids[0], [z64], 10)
    walks.forget()
    with pytest.raises(TypeError):
        walks.records(connection, History(connection), oids[0], [z64], 10)


def test_an_object_with_too_many_records_is_not_loaded_again(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks, history = Walks(), History(connection)
    assert walks.records(connection, history, z64, [], 3) is None
    with monkeypatch.context() as patch:
        patch.setattr(near, "_loaded", None)
        assert walks.records(connection, history, z64, [], 3) is None
    assert walks.records(connection, history, z64, [], 4) is not None
