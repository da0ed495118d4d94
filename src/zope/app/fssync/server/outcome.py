"""Find out whether the transaction of a response was committed.

A view returns its response before the publisher commits.  If the transaction is aborted
or doomed after that, publishers send the response all the same: it would report changes
that are not stored.
"""

from __future__ import annotations

from typing import Any

import transaction
from transaction.interfaces import IDataManagerSavepoint
from transaction.interfaces import ISavepointDataManager
from zope.interface import implementer

from zope.fssync.messages import _

__all__ = ["UNDONE", "Outcome"]

#: The text that replaces the response to a commit that was not stored.
UNDONE = _(
    "Nothing was committed: something on the server undid the transaction after the "
    "changes were made; its log may tell more."
)


@implementer(ISavepointDataManager, IDataManagerSavepoint)
class Outcome:
    """A data manager that notes whether the transaction was committed.

    An after-commit hook is not enough: it is also called if another hook has aborted
    the transaction before.
    """

    transaction_manager = transaction.manager

    def __init__(self) -> None:
        self.committed = False
        #: The id of the committed transaction, if `follow` was called.
        self.tid: bytes | None = None
        #: The user of the transaction, as the database records it.
        self.user = ""
        self._connection: Any = None
        self._witness: Any = None
        transaction.get().join(self)

    def follow(self, connection: Any) -> None:
        """Find out the id of the transaction in the database of ``connection``."""
        self._connection = connection

    def tpc_vote(self, transaction: Any) -> None:
        """Choose a stored object: the database sets its serial to the id."""
        connection = self._connection
        if connection is None or connection._needs_to_join:
            # The database stores nothing in this transaction.
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
        """Return a key that sorts after those of other data managers."""
        return "~zope.app.fssync"

    def savepoint(self) -> Outcome:
        """Return the outcome itself: a rollback does not change it."""
        return self

    def _nothing(self, transaction: Any = None) -> None:
        """Do nothing: there is nothing to store or to undo."""

    abort = tpc_begin = commit = tpc_abort = rollback = _nothing
