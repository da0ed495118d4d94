"""An exchange: a request to one of the views, and its result."""

from __future__ import annotations

import threading
import time
from typing import Any
from typing import NamedTuple

from zope.app.fssync.protocol.headers import NO_STATE
from zope.fssync.terminal import escape

__all__ = [
    "BROKEN",
    "BUSY",
    "CONFLICT",
    "LARGE",
    "SHORT",
    "Exchange",
    "Running",
    "result_of",
    "verb_of",
]

CONFLICT = "conflict"

#: The result of a checkout that was not sent to its end.
BROKEN = "broken"

#: The result of a request that the client has to repeat, since the server is busy.
BUSY = "busy"

#: Verbs that take long, however little is sent.
LARGE = frozenset({"checkout", "checkin", "checkin-rehearsal"})

#: Those that do not, however much is sent.
SHORT = frozenset({"page", "upload"})

#: The result of an exchange by the status of the response; the first match counts.
_RESULTS = (
    (range(200, 400), "done"),
    (range(401, 402), "denied"),
    (range(403, 404), "denied"),
    (range(409, 410), CONFLICT),
    (range(400, 500), "refused"),
)

#: The verbs of zsync by the view that they call; others have the name of the view.
_VERBS = {
    "fromFS": "commit",
    "rehearse-commit": "commit-rehearsal",
    "rehearse-checkin": "checkin-rehearsal",
    "history": "log",
}


def verb_of(view: str, state: str | None) -> str:
    """Return the verb for which a client called a view with its ``state``."""
    name = view.removesuffix(".snarf")
    if name == "toFS":
        return "checkout" if state in (None, NO_STATE) else "update"
    return "page" if name.startswith("synchronize") else _VERBS.get(name, name)


def result_of(status: int) -> str:
    """Return the result for a status: done, denied, conflict, refused or failed."""
    found = (result for statuses, result in _RESULTS if status in statuses)
    return next(found, "failed")


class Exchange(NamedTuple):
    """An exchange that has ended.

    ``path`` is that of the object; sizes are in bytes, None if they are not known.
    ``objects`` is the number of objects read or written.
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
    objects: int = 0
    verb: str = ""
    result: str = "done"

    def __str__(self) -> str:
        """Return a line for a log."""
        sizes = "/".join(
            "-" if size is None else str(size) for size in (self.received, self.sent)
        )
        return (
            f"{escape(self.user or '-')} {escape(self.address or '-')} {self.view} "
            f"{escape(self.path or '-')} {self.status} {self.result}, "
            f"{self.objects} objects, {sizes} bytes, "
            f"{self.withheld} withheld, {self.seconds:.3f} s"
        )


class Running:
    """A running exchange, with the data known so far."""

    def __init__(self, view: str, path: str, user: str, verb: str) -> None:
        self.view = view
        self.path = path
        self.user = user
        self.verb = verb
        #: The `IDatabase` of the running task, and its thread.
        self.database: Any = None
        self.thread = threading.get_ident()
        #: True if it counts as a large one, whose number at a time is limited.
        self.large = False
        #: The result, if the status does not say it.
        self.result: str | None = None
        self._began = time.monotonic()

    @property
    def objects(self) -> int:
        """The number of objects read or written so far."""
        return 0 if self.database is None else int(self.database.visited)

    @property
    def seconds(self) -> float:
        """The duration so far."""
        return time.monotonic() - self._began
