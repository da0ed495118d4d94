"""The view that sends the changes of an object made by transactions."""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

from zope.app.fssync.browser.arguments import transaction_id
from zope.app.fssync.browser.snarfview import UNSHARED
from zope.app.fssync.browser.snarfview import SnarfView
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.replay import Step
from zope.app.fssync.server.changes.replay import replay
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import REPLAYED_SIZE
from zope.fssync.limits import REPLAYED_TRANSACTIONS
from zope.fssync.limits import SERVER
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.snarf import Snarfer
from zope.fssync.task.delta import Changed

__all__ = ["SnarfReplay"]

_MARKS = frozenset((LIST, NODE, TREE))


class SnarfReplay(SnarfView):
    """Send an archive that has an archive of changes for each requested transaction.

    The body is a JSON list with the id of each transaction, the oldest first, and the
    requested parts of the state after it: a list of marks and paths, as in
    `zope.fssync.changeset`, or null for everything.  Objects that the caller may not
    read are left out.  The members of the response are named by the transactions.  It
    ends early if it becomes too large; another request can fetch the rest.
    """

    def run(self) -> Any:
        """Publish the view."""
        return self.answered(self._run)

    def _run(self) -> Any:
        if self.view_request.method() != "POST":
            raise UsageError("transactions have to be sent by POST")
        self.check_object()
        self.check_readable()
        steps = _steps(self.view_request.body(SERVER.replay_body).read())
        stream = tempfile.SpooledTemporaryFile(SPOOL_SIZE)  # noqa: SIM115
        snarfer = Snarfer(stream)
        try:
            for step, archive in replay(self.context, self.host, steps):
                size = archive.seek(0, os.SEEK_END)
                archive.seek(0)
                snarfer.addstream(archive, size, step.tid.hex())
                if stream.tell() > REPLAYED_SIZE:
                    break
        except HistoryUnavailable as error:
            raise Error(
                f"there is no old state of {self.title()}: {error}",
                path=self.title(),
            ) from error
        return self.send(stream, UNSHARED)


def _steps(body: bytes) -> list[Step]:
    """Return the steps that a body requests; raise `UsageError` if not valid."""
    try:
        steps = [_step(tid, wanted) for tid, wanted in json.loads(body)]
    except (AttributeError, ValueError, TypeError, RecursionError) as error:
        raise UsageError("the body names no transactions") from error
    if not 0 < len(steps) <= REPLAYED_TRANSACTIONS:
        raise UsageError(f"no more than {REPLAYED_TRANSACTIONS} transactions at a time")
    return steps


def _step(tid: str, wanted: Any) -> Step:
    found = transaction_id("tid", tid)
    assert found is not None
    if wanted is None:
        return Step(found, None)
    changed = Changed()
    for mark, path in wanted:
        if mark not in _MARKS:
            raise ValueError(mark)
        changed.at(_keys(path)).marks.add(mark)
    return Step(found, changed)


def _keys(path: str) -> list[str]:
    """Return the keys of an object, which need be no names of files."""
    keys = path.split("/") if path else []
    if len(keys) > DEFAULT.path_depth:
        raise ValueError("no object is that deep")
    return keys
