"""Who is behind catches up before it takes a client's state for a lost one."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from transaction.interfaces import TransientError
from ZODB.utils import p64

from zope.app.fssync.server.changes import catchingup
from zope.app.fssync.server.changes.catchingup import catch_up


class Connection:
    """A connection to a database whose last transaction a ping brings."""

    def __init__(self, last: int, brought: int | None = None) -> None:
        self._last = last
        self._brought = brought
        self._storage = SimpleNamespace()
        self.storage = SimpleNamespace(ping=self._ping)

    def _ping(self) -> None:
        self._last = self._brought or self._last

    def db(self) -> Connection:
        return self

    def lastTransaction(self) -> bytes:
        return p64(self._last)


def test_a_transaction_that_is_nowhere_is_lost() -> None:
    catch_up(Connection(1), p64(2))


def test_one_that_a_server_tells_of_when_it_is_asked_is_not() -> None:
    with pytest.raises(TransientError):
        catch_up(Connection(1, brought=2), p64(2))


@pytest.mark.parametrize(("replica", "lost"), [(5, 6), (4, None)])
def test_one_is_lost_if_a_replica_has_all_of_its_original(
    monkeypatch: pytest.MonkeyPatch, replica: int, lost: int | None
) -> None:
    monkeypatch.setattr(catchingup, "CATCH_UP_PAUSE", 0)

    @contextmanager
    def borrowing():
        yield SimpleNamespace(cursor=5)

    connection = Connection(1)
    connection._storage = SimpleNamespace(
        _adapter=SimpleNamespace(
            connmanager=SimpleNamespace(ro_replica_selector=object()),
            txncontrol=SimpleNamespace(get_tid=lambda cursor: cursor),
        ),
        _store_connection_pool=SimpleNamespace(borrowing=borrowing),
        _load_connection=SimpleNamespace(cursor=replica),
    )
    for tid in (2, 5, 6):
        if tid == lost:
            catch_up(connection, p64(tid))
        else:
            with pytest.raises(TransientError):
                catch_up(connection, p64(tid))
