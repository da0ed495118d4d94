"""A whole database is read from a ZEO server in a few round trips."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from collections.abc import Iterator
from contextlib import closing
from contextlib import suppress
from itertools import islice
from typing import Any

import pytest
import transaction
from BTrees.OOBTree import OOBTree
from persistent.mapping import PersistentMapping
from ZEO.Exceptions import ClientDisconnected
from ZODB.POSException import POSKeyError
from ZODB.POSException import ReadConflictError
from ZODB.serialize import referencesf
from ZODB.utils import p64
from ZODB.utils import u64
from ZODB.utils import z64

from zope.app.fssync.server.changes import referrers as module
from zope.app.fssync.server.changes import roundtrips
from zope.app.fssync.server.changes.history import FIRST
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.near import near_records
from zope.app.fssync.server.changes.referrers import Referrers
from zope.app.fssync.server.changes.tests.databases import change
from zope.app.fssync.testing import databases
from zope.app.fssync.testing.ssh import wait_until


class Server:
    """What the client of a ZEO server asks it with, in front of a storage."""

    operational = True

    def __init__(self, storage: Any) -> None:
        self.storage = storage
        self.client = self.protocol = self
        self.trips: list[int] = []

    def io_call(self, questions: Coroutine[Any, Any, list[Any]]) -> list[Any]:
        answers = asyncio.run(questions)
        self.trips.append(len(answers))
        return answers

    def call_sync(self, name: str, arguments: Any) -> asyncio.Future[Any]:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        try:
            answer.set_result(getattr(self.storage, name)(*arguments))
        except Exception as error:
            answer.set_exception(error)
        return answer


class Client:
    def __init__(self, storage: Any) -> None:
        self._server = Server(storage)


def read(db: Any, now: bytes) -> dict[bytes, tuple[bytes, bytes]]:
    """Return the records as the server tells them, each once."""
    found = [each for each in roundtrips.current(Client(db.storage), now) if each]
    assert len({oid for oid, *_ in found}) == len(found)
    return {oid: (data, tid) for oid, data, tid in found}


def snapshot(connection: Any) -> dict[bytes, tuple[bytes, bytes]]:
    """Return the records as a connection sees them, of all that ever were."""
    found = {}
    for each in connection.db().storage.iterator():
        for oid in {record.oid for record in each}:
            with suppress(POSKeyError, ReadConflictError):
                found[oid] = connection._storage.load(oid)
    return found


@pytest.fixture(params=[1, 3, 200])
def batch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(roundtrips, "BATCHED_RECORDS", request.param)
    return int(request.param)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.usefixtures("batch")
def test_every_record_of_a_snapshot_is_read_once(connection, seed):
    dice, db, root = random.Random(seed), connection.db(), connection.root()
    for _ in range(8):
        for _ in range(dice.randrange(60)):
            name = str(dice.randrange(40))
            if name in root and dice.random() < 0.6:
                del root[name]
            else:
                root[name] = PersistentMapping(a="x" * dice.randrange(200))
        transaction.commit()
        if dice.random() < 0.3:
            db.pack()
        assert read(db, History(connection).now) == snapshot(connection)


@pytest.mark.usefixtures("batch")
def test_records_changed_since_are_read_as_they_were(connection):
    root = connection.root()
    for number in range(20):
        root[str(number)] = PersistentMapping()
    transaction.commit()
    now = History(connection).now
    expected = snapshot(connection)
    for _ in range(3):
        for number in range(5, 40):
            root[str(number)] = PersistentMapping(number=random.random())
            if number < 20:
                change(connection, str(number))
        transaction.commit()
    assert read(connection.db(), now) == expected


@pytest.mark.usefixtures("batch")
def test_records_after_one_whose_creation_was_undone_are_read(connection):
    db, root = connection.db(), connection.root()
    root["b"] = PersistentMapping()
    transaction.commit()
    undone = db.undoInfo()[0]["id"]
    root["a"]["c"] = PersistentMapping()
    transaction.commit()
    db.undo(undone)
    transaction.commit()
    transaction.begin()
    assert read(db, History(connection).now) == snapshot(connection)


def test_the_end_of_a_list_of_records_is_told_at_an_undone_one(connection):
    db, root = connection.db(), connection.root()
    root["b"] = PersistentMapping()
    transaction.commit()
    db.undo(db.undoInfo()[0]["id"])
    transaction.commit()
    transaction.begin()
    found = list(roundtrips.current(Client(db.storage), History(connection).now))
    assert found.pop() is None
    assert {oid for oid, *_ in filter(None, found)} == set(snapshot(connection))


def test_many_records_come_with_one_round_trip(connection):
    root = connection.root()
    for number in range(3000):
        root[str(number)] = PersistentMapping()
    transaction.commit()
    client = Client(connection.db().storage)
    found = list(roundtrips.current(client, History(connection).now))
    assert len(found) == 3002
    assert len(client._server.trips) < 30
    assert max(client._server.trips) <= roundtrips.BATCHED_RECORDS + 1


def test_records_made_since_cost_little(connection):
    now = History(connection).now
    expected = snapshot(connection)
    root = connection.root()
    for number in range(3000):
        root[str(number)] = PersistentMapping()
    transaction.commit()
    client = Client(connection.db().storage)
    found = {each[0]: each[1:] for each in roundtrips.current(client, now) if each}
    assert found == expected
    assert len(client._server.trips) < 30


def test_gaps_cost_little(connection):
    root = connection.root()
    for number in range(3000):
        root[str(number)] = PersistentMapping()
    transaction.commit()
    for number in range(3000):
        if number % 50:
            del root[str(number)]
    transaction.commit()
    connection.db().pack()
    client = Client(connection.db().storage)
    found = list(roundtrips.current(client, History(connection).now))
    assert len(found) == 62
    assert sum(client._server.trips) < 62 * 9


def test_large_records_come_a_few_at_a_time(connection, monkeypatch):
    monkeypatch.setattr(roundtrips, "BATCH_SIZE", 10_000)
    root = connection.root()
    for number in range(300):
        root[str(number)] = PersistentMapping(a="x" * 1000)
    transaction.commit()
    client = Client(connection.db().storage)
    assert len(list(roundtrips.current(client, History(connection).now))) == 302
    assert max(client._server.trips) < 40


def test_other_errors_are_those_of_who_reads(connection):
    class Broken:
        def record_iternext(self, position: Any) -> Any:
            raise OSError("the disk")

        loadBefore = record_iternext

    client = Client(Broken())
    with pytest.raises(OSError, match="disk"):
        next(roundtrips.current(client, z64))


def referred(connection: Any) -> dict[bytes, set[bytes]]:
    """Return the referrers of each record, as a connection sees them."""
    found: dict[bytes, set[bytes]] = {}
    for oid, (data, _) in snapshot(connection).items():
        for each in referencesf(data):
            found.setdefault(each, set()).add(oid)
    return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[databases.Storage]:
    place = tmp_path_factory.mktemp("zeo")
    with databases.served(place) as storage:
        yield storage


@pytest.fixture
def remote(served: databases.Storage) -> Iterator[Any]:
    db = served.open()
    connection = db.open()
    root = connection.root()
    root["a"] = PersistentMapping()
    root["tree"] = OOBTree()
    for number in range(300):
        root["tree"][number] = PersistentMapping(up=root)
    transaction.commit()
    yield connection
    transaction.abort()
    db.close()


def test_a_server_of_zeo_tells_the_records_that_it_has(remote):
    history = History(remote)
    assert roundtrips.can_ask(remote.db().storage)
    found = {each.oid: each[1:] for each in history.current(10_000)}
    assert found == snapshot(remote)


def stored(transactions: Any) -> list[Any]:
    """Return all that transactions tell."""
    return [
        (
            *(each.tid, each.status, each.user, each.description, each.extension),
            [(record.oid, record.tid, record.data) for record in each],
        )
        for each in transactions
    ]


def test_transactions_are_those_that_the_storage_tells(remote):
    for number in range(20):
        remote.root()["tree"][number]["up"] = None
        transaction.get().note(f"change {number}")
        transaction.commit()
    storage = remote.db().storage
    told = list(stored(storage.iterator()))
    assert list(map(len, (each[-1] for each in told)))[-21] > 300
    first, last = told[-5][0], told[-2][0]
    for start, stop in ((None, None), (first, last), (last, None)):
        expected = stored(storage.iterator(start, stop))
        with closing(roundtrips.Transactions(storage, start, stop)) as found:
            assert stored(found) == expected
        with closing(roundtrips.Transactions(storage, start, stop)) as found:
            assert [each.tid for each in found] == [tid for tid, *_ in expected]
        with closing(roundtrips.Transactions(storage, start, stop, False)) as found:
            assert [each.tid for each in found] == [tid for tid, *_ in expected]


def test_a_part_of_the_records_of_a_transaction_can_be_read(remote):
    storage = remote.db().storage
    expected = [(tid, records[:2]) for tid, *_, records in stored(storage.iterator())]
    with closing(roundtrips.Transactions(storage, None, None)) as found:
        some = [
            (each.tid, [(r.oid, r.tid, r.data) for r in islice(each, 2)])
            for each in found
        ]
    assert some == expected


def iterators(storage: Any) -> int:
    """Return how many numbers of iterators the server has to remember."""
    begin = roundtrips.Transactions(storage, None, None)
    known = 0
    assert begin._place is not None
    for number in range(begin._place.transactions):
        try:
            storage._call("iterator_next", number)
        except KeyError:
            continue
        known += 1
    begin.close()
    return known


def test_the_server_forgets_what_was_not_read_to_its_end(remote):
    storage = remote.db().storage
    for _ in range(3):
        with closing(roundtrips.Transactions(storage, None, None)) as found:
            for each in islice(found, 3):
                assert next(iter(each))
    assert iterators(storage) == 0


def test_a_history_leaves_nothing_to_the_server(remote):
    history = History(remote)
    with history._transactions(FIRST, None) as transactions:
        first = next(iter(transactions)).tid
    assert history.has(first)
    assert not history.may_have_packed(first)
    assert iterators(remote.db().storage) == 0


def test_an_iterator_ends_with_its_connection(remote):
    storage = remote.db().storage
    server = storage._server
    with closing(roundtrips.Transactions(storage, None, None)) as found:
        reader = iter(found)
        next(reader)
        lost = server.client.protocol
        server.loop.call_soon_threadsafe(lost.sm_protocol.transport.abort)
        # The next question waits for the connection that takes its place.
        wait_until(lambda: lost.closed)
        assert storage.lastTransaction() == History(remote).now
        storage.ping()
        assert server.client.protocol is not lost
        with pytest.raises(ClientDisconnected):
            next(reader)
    assert History(remote).has(History(remote).now)


def test_records_of_an_object_are_read_as_its_connection_sees_them(remote):
    tree, known = remote.root()["tree"], snapshot(remote)
    beside = remote.db().open(transaction.TransactionManager())
    beside.root()["tree"][0]["up"] = beside.root()["tree"][1000] = PersistentMapping()
    beside.transaction_manager.commit()
    beside.close()
    found = near_records(remote, tree._p_oid, [remote.root()._p_oid], 10_000)
    assert found is not None
    tids = dict(found)
    assert len(tids) > 300
    assert tids == {oid: known[oid][1] for oid in tids}


def test_the_index_has_what_the_records_refer_to(remote):
    history, index = History(remote), Referrers()
    index.update(history)
    for oid, referrers in referred(remote).items():
        assert set(index.of(oid, history.now)) == referrers


def test_its_news_are_those_of_its_transactions(remote):
    before = History(remote).now
    # What is known of the last transactions is known from here on.
    assert History(remote).has(before)
    index = Referrers()
    index.update(History(remote))
    remote.root()["new"] = PersistentMapping()
    transaction.commit()
    db = remote.db()
    undone = db.undoInfo()[0]["id"]
    for _ in range(3):
        last = change(remote)
    db.undo(undone)
    transaction.commit()
    transaction.begin()
    history = History(remote)
    with history._transactions(p64(u64(before) + 1), None, True) as transactions:
        stored = [(r.oid, r.data, t.tid) for t in transactions for r in t]
    assert last in {tid for *_, tid in stored}
    assert None in {data for _, data, _ in stored}
    assert sorted(map(repr, history.since(before, 100))) == sorted(
        f"Record(oid={oid!r}, data={data!r}, tid={tid!r})" for oid, data, tid in stored
    )
    index.update(history)
    for oid, referrers in referred(remote).items():
        assert set(index.of(oid, history.now)) >= referrers


def test_an_index_that_lacks_much_is_made_anew(remote, monkeypatch):
    monkeypatch.setattr(module, "KEPT_RECORDS", 10)
    monkeypatch.setattr(module, "REBUILT_PART", 10_000)
    index, begun = Referrers(), History(remote)
    index.update(begun)
    root = remote.root()._p_oid
    before = set(index.of(root, begun.now))
    for number in range(9):
        remote.root()["tree"][number]["up"] = None
    transaction.commit()
    few = History(remote)
    index.update(few)
    assert set(index.of(root, few.now)) == before
    for number in range(20, 50):
        remote.root()["tree"][number]["up"] = None
    transaction.commit()
    many = History(remote)
    index.update(many)
    # What has been in the index stays in it until that is made anew.
    assert len(set(index.of(root, many.now))) == len(before) - 9 - 30
