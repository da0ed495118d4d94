"""The answer to a commit stands only once the transaction is committed.

A view answers before its publisher commits.  Until then anything may abort the
transaction or doom it, and publishers go on as if all were well: what would be told
as done is not stored.
"""

from __future__ import annotations

from typing import Any

import transaction
from transaction.interfaces import IDataManagerSavepoint
from transaction.interfaces import ISavepointDataManager
from zope.interface import implementer

__all__ = ["UNDONE", "Outcome"]

#: What is told in the place of an answer that is not true.
UNDONE = (
    "Nothing was committed: something on the server undid the transaction after the "
    "changes were made; its log may tell more.\n"
)


@implementer(ISavepointDataManager, IDataManagerSavepoint)
class Outcome:
    """Takes part in the transaction, to know whether it was committed.

    A hook would not do: one that is called after the commit is called as well where
    another hook has aborted the transaction before.
    """

    transaction_manager = transaction.manager

    def __init__(self) -> None:
        self.committed = False
        transaction.get().join(self)

    def tpc_finish(self, transaction: Any) -> None:
        """Note that all others have stored what they had."""
        self.committed = True

    def sortKey(self) -> str:
        """Come last."""
        return "~zope.app.fssync"

    def savepoint(self) -> Outcome:
        """Return the outcome, which no savepoint changes."""
        return self

    def _nothing(self, transaction: Any = None) -> None:
        """There is nothing to store or to undo."""

    abort = tpc_begin = commit = tpc_vote = tpc_abort = rollback = _nothing
