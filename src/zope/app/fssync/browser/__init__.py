"""The views that `zsync` talks to: checkout, commit and checkin.

A view reads arguments and a body from an `IExchange`, runs tasks in the
transaction of the request, and answers; it knows no publisher beyond that.
"""

from __future__ import annotations

import tempfile
from functools import cached_property
from typing import Any

from zope.component import queryUtility
from zope.publisher.browser import BrowserView
from zope.traversing.api import getName
from zope.traversing.api import getParent

from zope.app.fssync.browser.interfaces import IExchange
from zope.app.fssync.browser.refusal import answer
from zope.app.fssync.database import FATAL
from zope.app.fssync.database import Database
from zope.app.fssync.syncer import Access
from zope.app.fssync.syncer import checkout
from zope.app.fssync.syncer import hooks
from zope.fssync.errors import UsageError
from zope.fssync.errors import Withheld
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.repository import SnarfRepository
from zope.fssync.task import Check
from zope.fssync.task import Checkin
from zope.fssync.task import Commit
from zope.fssync.task.walk import archived_name

__all__ = ["SnarfCheckin", "SnarfCommit", "SnarfFile", "SnarfSubmission"]

CONTENT_TYPE = "application/x-snarf"

#: The answer's header with the number of objects that are withheld.
WITHHELD = "X-Fssync-Withheld"


class SnarfView(BrowserView):
    """Base of the views."""

    @property
    def exchange(self) -> Any:
        """The request, as far as it concerns the views."""
        return IExchange(self.request)

    @cached_property
    def access(self) -> Access:
        """The lookup of synchronizers for this request."""
        return Access()

    def archive(self) -> Any:
        """Answer the archive of the context."""
        if self.access(self.context) is None:
            raise Withheld("you may not read %s", _title(self.context))
        stream = tempfile.TemporaryFile()  # noqa: SIM115
        task = checkout(self.context, _title(self.context), stream, self.access)
        headers = {WITHHELD: str(len(task.withheld))} if task.withheld else {}
        return self.exchange.send(stream, headers)


class SnarfFile(SnarfView):
    """Answers the archive of an object and all below it."""

    def show(self) -> Any:
        """Publish the view."""
        exchange = self.exchange
        if exchange.anonymous and exchange.claims():
            # Answering what everybody may see would tell a client with a
            # mistyped password that all the rest has been removed.
            exchange.deny("wrong user name or password")
        return answer(exchange, self.archive)


class SnarfSubmission(SnarfView):
    """Base of the views that take an archive."""

    def run(self) -> Any:
        """Publish the view."""
        return answer(self.exchange, self._run)

    def _run(self) -> Any:
        exchange = self.exchange
        if exchange.method() != "POST":
            raise UsageError("an archive has to be sent by POST")
        if exchange.content_type() != CONTENT_TYPE:
            raise UsageError(f"Content-Type is not {CONTENT_TYPE}")
        note = exchange.argument("note")
        if note:
            exchange.note(note)
        limits = queryUtility(ILimits, default=DEFAULT)
        body = exchange.body(limits.archive_size)
        return self.submit(SnarfRepository(body, limits=limits))

    def submit(self, repository: SnarfRepository) -> Any:
        """Bring the objects to the state of the repository, and answer."""
        raise NotImplementedError

    def writing(self) -> dict[str, Any]:
        """Return what connects a writing task with the database."""
        database = Database(self.context, writing=True)
        return {
            **hooks(self.context),
            "checkpoint": database.checkpoint,
            "adopt": database.adopt,
            "fatal": FATAL,
        }


class SnarfCheckin(SnarfSubmission):
    """Makes a new object in the context from the archive; answers nothing."""

    def submit(self, repository: SnarfRepository) -> Any:
        """See `SnarfSubmission`."""
        name = self.exchange.argument("name")
        if not name:
            raise UsageError("the argument 'name' is missing")
        source = self.exchange.argument("src") or name
        task = Checkin(self.access, repository, **self.writing())
        task.perform(self.context, name, source)
        return self.exchange.say(200, "")


class SnarfCommit(SnarfSubmission):
    """Brings the context to the state of the archive.

    Answers the new archive of the context, or the paths that are not up to
    date; then nothing was changed.
    """

    def submit(self, repository: SnarfRepository) -> Any:
        """See `SnarfSubmission`."""
        name = getName(self.context)
        if name:
            container = getParent(self.context)
            path = archived_name(repository.getMetadata(), "", name)
        else:
            container, path = self.context, _title(self.context)
        check = Check(self.access, repository, **hooks(self.context))
        check.perform(container, name, path)
        if check.errors():
            return self.refuse(check.errors())
        task = Commit(
            self.access, repository, unchanged=check.unchanged, **self.writing()
        )
        task.perform(container, name, path)
        return self.archive()

    def refuse(self, conflicts: list[str]) -> Any:
        """Answer the paths in conflict, as an error where that was asked for."""
        self.exchange.abort()
        text = "\n".join(["Up-to-date check failed:", *conflicts, ""])
        status = 409 if self.exchange.argument("raise") else 200
        return self.exchange.say(status, text)


def _title(obj: Any) -> str:
    return getName(obj) or "root"
