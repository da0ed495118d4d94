"""Replay transactions: write an archive of the changes that each one made."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from collections.abc import Sequence
from typing import IO
from typing import Any
from typing import NamedTuple

from zope.app.fssync.server.changes.historical import Moving
from zope.app.fssync.server.changes.historical import moving
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
    """A transaction, and the marks of the parts to send; None for the whole object."""

    tid: bytes
    changed: Changed | None


def replay(
    context: Any, host: Any, steps: Sequence[Step]
) -> Iterator[tuple[Step, IO[bytes]]]:
    """Yield an archive of the changes of each step, as far as the caller may read them.

    Raises `HistoryUnavailable` if a state is not kept, and `NoLongerThere` if the
    object did not exist.
    """
    connection = host.bare(context)._p_jar
    history = History(connection)
    first, last = steps[0].tid, min(steps[-1].tid, history.now)
    history.check_kept(first)
    past = Past(context, host, history)
    with moving(connection.db(), min(first, last), last) as old:
        changed = history.changed(_after(first), last)
        for step in steps:
            if old is None:
                state = past.at(step.tid)
            else:
                _go(old, step.tid, changed)
                state = past.of(old.connection)
            with tempfile.SpooledTemporaryFile(SPOOL_SIZE) as stream, state as obj:
                _write(obj, host, step, stream)
                yield step, stream


def _after(tid: bytes) -> bytes:
    return (int.from_bytes(tid) + 1).to_bytes(8)


def _go(old: Moving, tid: bytes, changed: Iterator[tuple[bytes, list[bytes]]]) -> None:
    """Move forward to the state after a transaction."""
    before = _after(tid)
    if old.before >= before:
        return
    for each, oids in changed:
        old.to(_after(each), oids)
        if each >= tid:
            return


def _write(obj: Any, host: Any, step: Step, stream: Any) -> None:
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
