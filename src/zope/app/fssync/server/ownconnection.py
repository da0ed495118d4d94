"""A connection to the database that outlives the request which opened it."""

from __future__ import annotations

from typing import Any

from transaction import TransactionManager

__all__ = ["OwnConnection", "own_connection"]


def own_connection(obj: Any) -> Any:
    """Open another connection to the database of an object."""
    return obj._p_jar.db().open(TransactionManager())


class OwnConnection:
    """Base of `IDetached`: ``obj`` is of the connection, which is given back."""

    def __init__(self, connection: Any, obj: Any) -> None:
        self._connection = connection
        self._closed = False
        self.obj = obj

    def close(self) -> None:
        """See `IDetached`."""
        if not self._closed:
            self._closed = True
            self._connection.transaction_manager.abort()
            self._connection.close()
