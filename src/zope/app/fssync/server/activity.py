"""The last exchanges of a server process: in memory for a page, and in its log.

An exchange is noted once its request has ended, when it is known whether its changes
are stored.  Nothing that is secret is noted: no password, no argument, no content.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import NamedTuple

from zope.fssync.limits import SERVER
from zope.fssync.terminal import escape

__all__ = ["ACTIVITY", "Activity", "Exchange"]

log = logging.getLogger(__name__)


class Exchange(NamedTuple):
    """A request to one of the views, and what came of it.

    ``path`` is that of the object; sizes are in bytes, None where they are not known.
    """

    time: float
    user: str
    address: str
    view: str
    path: str
    received: int | None
    sent: int | None
    withheld: int
    seconds: float
    status: int

    def __str__(self) -> str:
        """Return a line for a log."""
        sizes = "/".join(
            "-" if size is None else str(size) for size in (self.received, self.sent)
        )
        return (
            f"{escape(self.user or '-')} {escape(self.address or '-')} {self.view} "
            f"{escape(self.path or '-')} {self.status} {sizes} bytes, "
            f"{self.withheld} withheld, {self.seconds:.3f} s"
        )


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
