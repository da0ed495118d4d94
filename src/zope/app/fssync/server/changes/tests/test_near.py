"""The records that an object leads to are loaded where they are few."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import transaction
import ZODB
from persistent.mapping import PersistentMapping
from ZODB.utils import z64

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
    near = near_records(connection, top._p_oid, [], 10)
    assert near is not None
    part = top["part"]._p_oid
    last = connection.db().lastTransaction()
    assert sorted(near) == sorted([(top._p_oid, last), (part, last)])
    assert part in near
    assert z64 not in near
    assert near.of(part, last) == [top._p_oid]
    assert near.of(top._p_oid, last) == [part]
    assert near.of(z64, last) == []


def test_nothing_is_found_through_what_an_object_is_in(connection: Any) -> None:
    oid = connection.root()["b"]._p_oid
    near = near_records(connection, oid, [z64], 10)
    assert near is not None
    assert [each for each, _ in near] == [oid]


def test_beyond_the_limit_nothing_is_told(connection: Any) -> None:
    assert near_records(connection, z64, [], 3) is None
    assert near_records(connection, z64, [], 4) is not None


def test_what_is_no_longer_there_is_left_out(connection: Any) -> None:
    near = near_records(connection, b"\0" * 6 + b"\xff\xff", [], 10)
    assert near is not None
    assert list(near) == []
