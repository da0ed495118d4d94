"""An exchange: a request to one of the views, and what came of it."""

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
    "Exchange",
    "Running",
    "result_of",
    "verb_of",
]

CONFLICT = "conflict"

#: Of a checkout that was not sent to its end.
BROKEN = "broken"

#: Of one that was told to ask again, since others are being served.
BUSY = "busy"

#: Verbs that take long, however little is sent.
LARGE = frozenset({"checkout", "checkin", "checkin-rehearsal"})

#: What an exchange came to, by the status of the response: the first that fits.
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
    """Return what a client did with a view; ``state`` is what it says of its own."""
    name = view.removesuffix(".snarf")
    if name == "toFS":
        return "checkout" if state in (None, NO_STATE) else "update"
    return "page" if name.startswith("synchronize") else _VERBS.get(name, name)


def result_of(status: int) -> str:
    """Return what a status means: done, denied, conflict, refused or failed."""
    found = (result for statuses, result in _RESULTS if status in statuses)
    return next(found, "failed")


class Exchange(NamedTuple):
    """An exchange that has ended.

    ``path`` is that of the object; sizes are in bytes, None where they are not known.
    ``objects`` is how many were read or written.
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
    """An exchange that is under way, and what is known of it so far."""

    def __init__(self, view: str, path: str, user: str, verb: str) -> None:
        self.view = view
        self.path = path
        self.user = user
        self.verb = verb
        #: The `IDatabase` of the task that is at work, and the thread.
        self.database: Any = None
        self.thread = threading.get_ident()
        #: Does it count among the large ones, of which there are only some at once?
        self.large = False
        #: What it came to, where the status does not say it.
        self.result: str | None = None
        self._began = time.monotonic()

    @property
    def objects(self) -> int:
        """How many objects have been read or written so far."""
        return 0 if self.database is None else int(self.database.visited)

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self._began
