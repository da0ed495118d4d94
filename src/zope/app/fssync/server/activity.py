"""The last exchanges of a server process, in memory for a page, and in its log.

An exchange is added when its request has ended: then its outcome is known.  No secrets
are kept: no password, no argument, no content.
"""

from __future__ import annotations

import logging
from collections import deque

from zope.app.fssync.server.exchange import Exchange
from zope.fssync.limits import SERVER

__all__ = ["ACTIVITY", "Activity"]

log = logging.getLogger(__name__)


class Activity:
    """The last ``size`` exchanges; shared by all threads."""

    def __init__(self, size: int) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=size)

    def add(self, exchange: Exchange) -> None:
        """Add an exchange, and log it."""
        self._exchanges.append(exchange)
        log.info("%s", exchange)

    def newest(self, path: str) -> list[Exchange]:
        """Return the exchanges at a path and below it, the newest first."""
        below = f"{path.rstrip('/')}/"
        found = [
            each for each in self._exchanges.copy() if f"{each.path}/".startswith(below)
        ]
        return found[::-1]


#: The exchanges of this process.
ACTIVITY = Activity(SERVER.remembered_exchanges)
