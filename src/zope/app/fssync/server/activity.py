"""The last exchanges of a server process: in memory for a page, and in its log.

An exchange is noted once its request has ended, when it is known whether its changes
are stored.  Nothing that is secret is noted: no password, no argument, no content.
"""

from __future__ import annotations

import logging
from collections import deque

from zope.app.fssync.server.exchange import Exchange
from zope.fssync.limits import SERVER

__all__ = ["ACTIVITY", "Activity"]

log = logging.getLogger(__name__)


class Activity:
    """The last exchanges, not more than ``size``; used by all threads."""

    def __init__(self, size: int) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=size)

    def add(self, exchange: Exchange) -> None:
        """Note an exchange."""
        self._exchanges.append(exchange)
        log.info("%s", exchange)

    def newest(self, path: str) -> list[Exchange]:
        """Return those with the object at a path and what is below, newest first."""
        below = f"{path.rstrip('/')}/"
        found = [
            each for each in self._exchanges.copy() if f"{each.path}/".startswith(below)
        ]
        return found[::-1]


#: Those of this process.
ACTIVITY = Activity(SERVER.remembered_exchanges)
