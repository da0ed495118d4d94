"""An outcome knows whether its transaction was committed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import transaction
from transaction.interfaces import IDataManagerSavepoint
from transaction.interfaces import ISavepointDataManager
from ZODB import DB
from zope.interface.verify import verifyObject

from zope.app.fssync.server.outcome import Outcome


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    transaction.abort()
    yield
    transaction.abort()


def test_outcome_takes_part_in_the_transaction() -> None:
    outcome = Outcome()
    assert verifyObject(ISavepointDataManager, outcome)
    assert verifyObject(IDataManagerSavepoint, outcome)


def test_a_commit_is_noted_after_a_savepoint_too() -> None:
    outcome = Outcome()
    transaction.savepoint().rollback()
    assert not outcome.committed
    transaction.commit()
    assert outcome.committed


@pytest.mark.parametrize("savepoint", [False, True])
def test_outcome_knows_the_transaction_of_a_database_that_it_follows(
    savepoint: bool,
) -> None:
    connection = DB(None).open()
    for value in range(2):
        outcome = Outcome()
        outcome.follow(connection)
        connection.root()["key"] = value
        if savepoint:
            transaction.savepoint()
        transaction.commit()
        assert outcome.tid == connection.db().lastTransaction()
    outcome = Outcome()
    outcome.follow(connection)
    transaction.commit()
    assert outcome.committed
    assert outcome.tid is None
    connection.close()


def test_an_abort_is_no_commit() -> None:
    outcome = Outcome()
    transaction.abort()
    transaction.commit()
    assert not outcome.committed


def test_nor_is_a_commit_that_a_hook_aborts() -> None:
    outcome = Outcome()
    transaction.get().addBeforeCommitHook(transaction.abort)
    transaction.commit()
    assert not outcome.committed
