"""Databases with one object, and changes of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import transaction
import ZODB
from persistent.mapping import PersistentMapping

from zope.app.fssync.server.changes.history import COMMIT

__all__ = ["change", "opened"]


def opened(storage: Any) -> Iterator[Any]:
    db = ZODB.DB(storage)
    connection = db.open()
    connection.root()["a"] = PersistentMapping()
    transaction.commit()
    yield connection
    transaction.abort()
    db.close()


def change(connection: Any, name: str = "a", commit: str | None = None) -> bytes:
    """Change one object; return the transaction."""
    transaction.begin()
    connection.root()[name]["x"] = random.random()
    if commit:
        transaction.get().setExtendedInfo(COMMIT, commit)
    transaction.commit()
    return connection.db().lastTransaction()
