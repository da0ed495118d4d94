"""An index of the references between the records of a database."""

from __future__ import annotations

import random

import pytest
import transaction
import ZODB
from BTrees.OOBTree import OOBTree
from persistent.mapping import PersistentMapping
from ZODB.utils import p64

from zope.app.fssync.server.changes.below import Below
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.history import TooLarge
from zope.app.fssync.server.changes.referrers import Referrers
from zope.app.fssync.server.changes.referrers import referrers
from zope.app.fssync.server.changes.tests.databases import change


def below(index: Referrers, oid: bytes, tid: bytes, *without: bytes) -> Below:
    found = index.below(oid, tid, without, 10)
    assert found is not None
    return found


def test_an_index_that_follows_changes_has_all_of_a_new_one(connection):
    dice = random.Random(7)
    kept = Referrers()
    root = connection.root()
    root["a"] = tree = OOBTree()
    transaction.commit()
    for _ in range(20):
        for _ in range(30):
            key = dice.randrange(300)
            if dice.random() < 0.3 and key in tree:
                del tree[key]
            else:
                tree[key] = PersistentMapping()
        transaction.commit()
        history = History(connection)
        kept.update(history)
        new = Referrers()
        new.update(history)
        for oid, *_ in history.current(10_000):
            # Those that are gone may still be named.
            assert set(kept.of(oid, history.now)) >= set(new.of(oid, history.now))


def test_referrers_records_tells_what_a_record_leads_to_the_newest_first(connection):
    root = connection.root()
    root["b"] = PersistentMapping(up=root)
    root["a"]["part"] = PersistentMapping()
    transaction.commit()
    a, part, b = root["a"]._p_oid, root["a"]["part"]._p_oid, root["b"]._p_oid
    first, last = connection.db().lastTransaction(), change(connection)
    index = Referrers()
    index.update(History(connection))
    found = below(index, a, last)
    assert list(found) == [(a, last), (part, first)]
    assert part in found
    assert b not in found
    assert index.below(a, last, [], 1) is None
    assert list(below(index, b, last, root._p_oid)) == [(b, first)]
    assert len(list(below(index, b, last))) == 4
    index.update(History(connection))
    newest = change(connection)
    index.update(History(connection))
    assert next(iter(below(index, a, newest))) == (a, newest)


def test_one_of_an_older_state_is_not_asked(connection):
    index = Referrers()
    index.update(History(connection))
    tid = change(connection)
    with pytest.raises(HistoryUnavailable):
        index.of(p64(1), tid)
    index.update(History(connection))
    index.of(p64(1), tid)


def test_referrers_records_is_made_anew_where_the_history_is_another(connection, place):
    index = Referrers()
    index.update(History(connection))
    root = connection.root()
    root["a"]["b"] = PersistentMapping()
    transaction.commit()
    connection.db().pack()
    transaction.begin()
    index.update(History(connection))
    found = index.of(root["a"]["b"]._p_oid, History(connection).now)
    assert found == [root["a"]._p_oid]


def test_a_creation_that_was_undone_is_in_nobodys_way(connection):
    root = connection.root()
    root["b"] = PersistentMapping()
    transaction.commit()
    connection.db().undo(connection.db().undoInfo()[0]["id"])
    transaction.commit()
    transaction.begin()
    index = Referrers()
    index.update(History(connection))
    assert root._p_oid in index.of(root["a"]._p_oid, History(connection).now)


def test_one_that_fails_leaves_what_there_was(connection):
    index = Referrers()
    index.update(History(connection))
    now = History(connection).now
    index.limit = 0
    change(connection)
    with pytest.raises(HistoryUnavailable):
        index.update(History(connection))
    assert index.of(connection.root()["a"]._p_oid, now)


def test_a_database_that_is_too_large_is_not_read_again(connection):
    index = Referrers()
    index.limit = 1
    with pytest.raises(TooLarge):
        index.update(History(connection))
    index.limit = 100
    with pytest.raises(TooLarge):
        index.update(History(connection))


def test_there_is_one_for_each_database(connection, place):
    db = ZODB.DB(None)
    other = db.open()
    assert referrers(connection) is referrers(connection)
    assert referrers(connection) is not referrers(other)
    other.close()
    db.close()
