"""Receive an archive, in the body of a request or sent before in parts."""

from __future__ import annotations

from typing import IO
from typing import Any

from zope.component import queryUtility

from zope.app.fssync.browser.checkout import ArchiveView
from zope.app.fssync.protocol.headers import CODING
from zope.app.fssync.protocol.headers import SNARF
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import UsageError
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.messages import _
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import DEFLATE
from zope.fssync.snarf import inflated

__all__ = ["SnarfSubmission"]


class SnarfSubmission(ArchiveView):
    """Base of the views that receive an archive.

    `run` sets the note of the transaction, sets the target of the archive, and submits
    it, each by a method that subclasses extend.
    """

    repository: SnarfRepository
    container: Any
    name: str
    fspath: str

    def run(self) -> Any:
        """Publish the view."""
        return self.answered(self._run)

    def _run(self) -> Any:
        view_request = self.view_request
        if view_request.method() != "POST":
            raise UsageError("an archive has to be sent by POST")
        if view_request.content_type() != SNARF:
            raise UsageError(f"Content-Type is not {SNARF}")
        self.check_object()
        self.set_note()
        limits = queryUtility(ILimits, default=DEFAULT)
        self.repository = SnarfRepository(self.body(limits), limits=limits)
        view_request.promise()
        try:
            self.set_arguments()
            return self.run_submission()
        finally:
            # Its file is closed with the request, which may be repeated.
            self.repository.detach()

    def body(self, limits: Limits) -> IO[bytes]:
        """Return the archive: in the body of the request, or sent before in parts."""
        sent = self.sent_archive()
        if sent is not None:
            return self.sent_parts.stream(sent)
        body: IO[bytes] = self.view_request.body(limits.archive_size)
        if self.view_request.header(CODING) == DEFLATE:
            body = inflated(body, limits)
        return body

    def drop_parts(self) -> None:
        """Remove the parts of the archive, which is stored with this transaction."""
        sent = self.sent_archive()
        if sent is not None:
            self.sent_parts.remove(sent)
        self.sent_parts.sweep()

    def get_arg(self, key: str) -> str | None:
        """Return an argument of the request, or None."""
        found: str | None = self.view_request.argument(key)
        return found

    def set_note(self) -> None:
        """Set the note of the transaction."""
        note = self.get_arg("note") or ""
        most = queryUtility(ILimits, default=DEFAULT).note_size
        if len(note.encode("utf-8", "replace")) > most:
            raise LimitExceeded(
                _("the message has more than ${size} bytes", mapping={"size": most})
            )
        if note:
            self.view_request.note(note)

    def set_arguments(self) -> None:
        """Set ``container``, ``name`` and ``fspath``, the arguments of tasks."""
        raise NotImplementedError

    def run_submission(self) -> Any:
        """Change the objects to the state of the repository; return a response."""
        raise NotImplementedError

    def is_strict(self) -> bool:
        """Return True if the caller wants sources with faults refused."""
        return bool(self.get_arg("strict"))

    def hooks(self) -> Any:
        """Return the `ITaskHooks` of a task that writes."""
        return self.host.database(self.context, writing=True, access=self.access)
