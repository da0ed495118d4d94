"""The view that sends an object as it was after a transaction."""

from __future__ import annotations

import tempfile
from typing import Any

from zope.app.fssync.browser.arguments import transaction_id
from zope.app.fssync.browser.checkout import SnarfFile
from zope.app.fssync.browser.checkout import withheld
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.past import reading
from zope.app.fssync.server.checkout import checkout
from zope.app.fssync.server.checkout import unreadable
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError
from zope.fssync.errors import Withheld
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.sparse import EMPTY
from zope.fssync.sparse import Sparse

__all__ = ["SnarfHistory"]


class SnarfHistory(SnarfFile):
    """Send the archive of an object as it was after a transaction.

    The arguments are ``at``, the id of the transaction, and optionally ``path``, that
    of an object below the context at that time, and ``shallow``, to leave out the items
    of the object.
    """

    def archive(self) -> Any:
        """See `SnarfView`."""
        self.check_readable()
        at = transaction_id("at", self.view_request.argument("at"))
        if at is None:
            raise UsageError("the argument 'at' is missing")
        path = self.view_request.argument("path") or ""
        try:
            return self._old(at, path)
        except HistoryUnavailable as error:
            raise Error(
                f"there is no old state of {self.title()}: {error}",
                path=self.title(),
            ) from error

    def _old(self, at: bytes, path: str) -> Any:
        history = History(self.host.bare(self.context)._p_jar)
        stream = tempfile.SpooledTemporaryFile(SPOOL_SIZE)  # noqa: SIM115
        with reading(self.context, self.host, history, at, path) as obj:
            access = self.host.access(reading=True)
            if access(obj, False) is None:
                raise Withheld(f"you may not read {self.title()}")
            name = self.host.name(obj) or "root"
            task = checkout(obj, name, stream, access, self._left_out())
        if access.damaged:
            raise HistoryUnavailable("parts of it were packed away since")
        if task.failed:
            raise unreadable(task.failed)
        return self.send(stream, withheld(task))

    def _left_out(self) -> Sparse | None:
        if self.view_request.argument("shallow") is None:
            return None
        sparse = Sparse()
        sparse.set((), EMPTY)
        return sparse
