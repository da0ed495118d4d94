"""Send the archive of an object, or of what has changed in it."""

from __future__ import annotations

import json
import tempfile
from contextlib import closing
from typing import IO
from typing import Any

from zope.app.fssync.browser.logdocument import log_document
from zope.app.fssync.browser.snarfview import UNSHARED
from zope.app.fssync.browser.snarfview import SnarfView
from zope.app.fssync.protocol.headers import LEFT_OUT
from zope.app.fssync.protocol.headers import OBJECTS
from zope.app.fssync.protocol.headers import SEEN
from zope.app.fssync.protocol.headers import SPARSE
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import STREAMED
from zope.app.fssync.protocol.headers import UNSTREAMED
from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.protocol.headers import left_out
from zope.app.fssync.protocol.views import LAST_CHANGES
from zope.app.fssync.protocol.views import LOG
from zope.app.fssync.server.broken import DatabaseDamaged
from zope.app.fssync.server.changes.latest import latest
from zope.app.fssync.server.changes.logentry import Page
from zope.app.fssync.server.changes.logentry import Transaction
from zope.app.fssync.server.checkout import checkout
from zope.app.fssync.server.checkout import checkout_changes
from zope.app.fssync.server.checkout import unreadable
from zope.app.fssync.server.streaming import CheckoutStream
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.messages import _
from zope.fssync.pickle import watching_references
from zope.fssync.task import Checkout

__all__ = ["ArchiveView", "SnarfFile", "withheld"]


def withheld(task: Checkout) -> dict[str, str]:
    """Return the headers for the objects that an archive lacks."""
    headers = {**UNSHARED}
    if task.withheld:
        headers[WITHHELD] = str(len(task.withheld))
    if task.unnamed or task.failed:
        headers[LEFT_OUT] = left_out((*task.unnamed, *task.failed))
    return headers


class ArchiveView(SnarfView):
    """Base of the views that answer with the archive of the context."""

    def archive(self) -> Any:
        """Send the archive of the context, or of its changes."""
        self.check_readable()
        said = self.view_request.header(STATE)
        # Another connection does not see the changes of this transaction.
        reading = self.view_request.method() == "GET"
        if reading and said is not None and self.client_state.changed is None:
            pieces = self.streamed()
            if pieces is not None:
                return self._send_streamed(pieces)
        stream = tempfile.SpooledTemporaryFile(SPOOL_SIZE)  # noqa: SIM115
        with watching_references() as references:
            task = self._write_archive(stream)
        self.view_request.watch(task.hooks)
        headers = {**withheld(task), **self.warning(), **self.told_sparse()}
        state = self.client_state.state(bool(references))
        seen = self.client_state.seen()
        if task.failed and said is None:
            raise unreadable(task.failed)
        if self.access.damaged:
            self.check_careful(said)
        elif state is not None and not task.failed:
            headers[STATE] = state
        elif seen is not None:
            headers[SEEN] = seen
        return self.send(stream, headers)

    def _write_archive(self, stream: IO[bytes]) -> Checkout:
        """Write the context or its changes to a stream; return the finished task."""
        changed, title = self.client_state.changed, self.title()
        if changed is None:
            return checkout(self.context, title, stream, self.access, self.sparse)
        task = checkout_changes(
            self.context, title, stream, self.access, changed, sparse=self.sparse
        )
        if changed and self.view_request.may(self.context, LOG.lstrip("@")):
            self._write_log(task, latest(self.context, changed, self.access))
        return task

    def _write_log(self, task: Checkout, transactions: list[Transaction]) -> None:
        """Add to an archive who made its changes, if that is known."""
        if transactions:
            document = log_document(Page(transactions, None))
            with closing(task.repository.writeable(LAST_CHANGES)) as stream:
                stream.write(json.dumps(document).encode("ascii"))

    def _send_streamed(self, pieces: CheckoutStream) -> Any:
        headers = {**UNSHARED, **self.warning(), STREAMED: "yes", **self.told_sparse()}
        if pieces.announced is not None:
            headers[OBJECTS] = pieces.announced
        return self.view_request.stream(pieces, headers)

    def streamed(self) -> CheckoutStream | None:
        """Return an archive that is sent while it is written, None if not possible."""
        if self.view_request.header(STREAMED) == UNSTREAMED:
            return None
        detached = self.host.detached(self.context)
        if detached is None:
            return None
        pieces = CheckoutStream(self.host, detached, self.title(), self.sparse)
        if pieces.broken:
            pieces.close()
            return None
        return pieces

    def told_sparse(self) -> dict[str, str]:
        """Return the header for a sparse archive, if any."""
        return {} if self.sparse is None else {SPARSE: "yes"}

    def check_careful(self, said: str | None) -> None:
        """Refuse clients that would delete the files of lost objects."""
        if said is None:
            raise DatabaseDamaged(
                _(
                    "${number} of the objects in ${title} cannot be read, the "
                    "database is damaged; the log of the server tells more",
                    mapping={"number": self.access.damaged, "title": self.title()},
                ),
                advice=_("Update with zsync 4, which keeps what it has of them."),
            )


class SnarfFile(ArchiveView):
    """Send the archive of an object and all below it."""

    def show(self) -> Any:
        """Publish the view."""
        view_request = self.view_request
        if view_request.anonymous and view_request.claims():
            # After a mistyped password a client would otherwise receive only the
            # public objects, and take all others for removed.
            view_request.deny("wrong user name or password")
        return self.answered(self._show)

    def _show(self) -> Any:
        self.check_object()
        return self.archive()
