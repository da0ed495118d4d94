"""What some transactions made of a tree: an archive of changes for each of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from collections.abc import Sequence
from typing import IO
from typing import Any
from typing import NamedTuple

from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.past import Past
from zope.app.fssync.server.checkout import checkout
from zope.app.fssync.server.checkout import checkout_changes
from zope.app.fssync.server.checkout import unreadable
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.task.delta import Changed

__all__ = ["Step", "replay"]


class Step(NamedTuple):
    """A transaction, and what to tell of the state after it: None for all."""

    tid: bytes
    changed: Changed | None


def replay(
    context: Any, host: Any, steps: Sequence[Step]
) -> Iterator[tuple[Step, IO[bytes]]]:
    """Yield for each step the archive of what it made, for the caller of today.

    Raises `HistoryUnavailable` where a state is not kept, and `NoLongerThere` where
    there was no such object.
    """
    history = History(host.bare(context)._p_jar)
    history.check_kept(min(step.tid for step in steps))
    past = Past(context, host, history)
    for step in steps:
        with tempfile.SpooledTemporaryFile(SPOOL_SIZE) as stream:
            _write(past, host, step, stream)
            yield step, stream


def _write(past: Past, host: Any, step: Step, stream: Any) -> None:
    with past.at(step.tid) as obj:
        access = host.access(reading=True)
        name = host.name(obj) or "root"
        if step.changed is None:
            task = checkout(obj, name, stream, access)
        else:
            task = checkout_changes(obj, name, stream, access, step.changed)
    if access.damaged:
        raise HistoryUnavailable("parts of it were packed away since")
    if task.failed:
        raise unreadable(task.failed)
