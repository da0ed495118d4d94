"""A connection of its own outlives the one of the request, and is given back once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import transaction
from persistent.mapping import PersistentMapping
from ZODB import DB
from ZODB.DemoStorage import DemoStorage

from zope.app.fssync.server.ownconnection import OwnConnection
from zope.app.fssync.server.ownconnection import own_connection


@pytest.fixture
def obj() -> Iterator[Any]:
    database = DB(DemoStorage())
    connection = database.open()
    connection.root()["obj"] = PersistentMapping(a=1)
    transaction.commit()
    yield connection.root()["obj"]
    transaction.abort()
    connection.close()
    database.close()


def test_ownconnection_sees_what_is_stored_and_not_what_is_being_done(obj: Any) -> None:
    obj["a"] = 2
    connection = own_connection(obj)
    assert connection is not obj._p_jar
    assert connection.get(obj._p_oid)["a"] == 1
    connection.close()


def test_closing_aborts_its_own_transaction_alone(obj: Any) -> None:
    connection = own_connection(obj)
    own = OwnConnection(connection, connection.get(obj._p_oid))
    obj["a"] = 2
    own.obj["a"] = 3
    own.close()
    assert obj["a"] == 2
    transaction.commit()
    again = own_connection(obj)
    assert again.get(obj._p_oid)["a"] == 2
    again.close()


def test_closing_twice_gives_back_once(obj: Any) -> None:
    connection = own_connection(obj)
    own = OwnConnection(connection, connection.get(obj._p_oid))
    own.close()
    taken = own_connection(obj)
    assert taken is connection
    own.close()
    # Else it would be closed under the other's feet.
    assert taken.get(obj._p_oid)["a"] == 1
    taken.close()
