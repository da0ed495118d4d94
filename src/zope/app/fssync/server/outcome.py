"""The response to a commit is true only once the transaction is committed.

A view returns its response before the publisher commits.  Until then anything may abort
the transaction or doom it, and publishers send the response all the same: it would
report changes that are not stored.
"""

from __future__ import annotations

from typing import Any

import transaction
from transaction.interfaces import IDataManagerSavepoint
from transaction.interfaces import ISavepointDataManager
from zope.interface import implementer

__all__ = ["UNDONE", "Outcome"]

#: The text in place of a response that is not true.
UNDONE = (
    "Nothing was committed: something on the server undid the transaction after the "
    "changes were made; its log may tell more.\n"
)


@implementer(ISavepointDataManager, IDataManagerSavepoint)
class Outcome:
    """Takes part in the transaction, to know whether it was committed.

    An after-commit hook is not enough: it is also called if another hook has aborted
    the transaction before.
    """

    transaction_manager = transaction.manager

    def __init__(self) -> None:
        self.committed = False
        #: The id of the transaction, once it is committed, where `follow` was called.
        self.tid: bytes | None = None
        #: Who stored them, as the database has it.
        self.user = ""
        self._connection: Any = None
        self._witness: Any = None
        transaction.get().join(self)

    def follow(self, connection: Any) -> None:
        """Find out by which transaction of its database the changes are stored."""
        self._connection = connection

    def tpc_vote(self, transaction: Any) -> None:
        """Find an object that is stored; the database writes the id into it."""
        connection = self._connection
        if connection is None or connection._needs_to_join:
            # It has no part in this transaction.
            return
        for oid in (*connection._modified, *connection._creating):
            found = connection._cache.get(oid)
            if found is not None and found._p_changed is not None:
                self._witness = found
                self.user = str(transaction.user)
                return

    def tpc_finish(self, transaction: Any) -> None:
        """Note that all other data managers have stored their changes."""
        self.committed = True
        if self._witness is not None:
            self.tid = self._witness._p_serial
        self._connection = self._witness = None

    def sortKey(self) -> str:
        """Come last."""
        return "~zope.app.fssync"

    def savepoint(self) -> Outcome:
        """Return the outcome, which no savepoint changes."""
        return self

    def _nothing(self, transaction: Any = None) -> None:
        """There is nothing to store or to undo."""

    abort = tpc_begin = commit = tpc_abort = rollback = _nothing
