"""A process is ready where its database answers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import ZODB
from ZODB.DemoStorage import DemoStorage
from ZODB.POSException import POSKeyError
from ZODB.POSException import StorageError

from zope.app.fssync.server.health import answers
from zope.app.fssync.testing import databases


@pytest.fixture
def connection() -> Iterator[Any]:
    database = ZODB.DB(DemoStorage())
    with database.transaction() as connection:
        yield connection
    database.close()


def test_a_storage_that_tells_of_the_root_answers(connection: Any) -> None:
    assert answers(connection)


@pytest.mark.parametrize(
    "error", [StorageError("gone"), OSError("broken"), POSKeyError(b"")]
)
def test_one_that_fails_does_not_and_the_log_tells_why(
    connection: Any,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def history(oid: bytes, size: int = 1) -> None:
        raise error

    monkeypatch.setattr(connection._storage, "history", history)
    with caplog.at_level(logging.WARNING):
        assert not answers(connection)
    assert caplog.messages[0].startswith("the database does not answer:")


@pytest.mark.slow
def test_one_that_has_lost_its_server_does_not_wait_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Event()
    with databases.served(tmp_path) as storage:
        client = storage.open()
        monkeypatch.setattr(client.storage, "notify_disconnected", lost.set)
        connection = client.open()
        assert answers(connection)
    assert lost.wait(60)
    assert not answers(connection)
    connection.close()
    client.close()
