"""Check that a server process is ready: that its database answers."""

from __future__ import annotations

import logging
from typing import Any

from ZODB.POSException import POSError
from ZODB.utils import z64

from zope.app.fssync.server.drivers import driver_errors

__all__ = ["answers"]

log = logging.getLogger(__name__)


def answers(connection: Any) -> bool:
    """Return whether the storage of a connection answers, bypassing caches.

    The reason of a failure is logged.
    """
    storage = connection._storage
    is_connected = getattr(connection.db().storage, "is_connected", None)
    try:
        # A storage that has lost its server would wait here.
        if is_connected is not None and not is_connected():
            raise ConnectionError("the database server is not there")
        storage.history(z64, size=1)
    except (POSError, OSError, *driver_errors(connection)) as error:
        log.warning("the database does not answer: %s", error)
        return False
    return True
