"""Change objects to the state of an archive."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import IO
from typing import Any

from zope.app.fssync.browser.checkout import withheld
from zope.app.fssync.browser.submission import SnarfSubmission
from zope.app.fssync.protocol.headers import FAULTS
from zope.app.fssync.protocol.headers import NEWS
from zope.app.fssync.protocol.headers import NOTHING
from zope.app.fssync.protocol.headers import STORED
from zope.app.fssync.protocol.views import OUT_OF_DATE
from zope.app.fssync.protocol.views import RECORD
from zope.app.fssync.server import faults
from zope.app.fssync.server.changes.records import keep_record
from zope.app.fssync.server.changes.records import keep_target
from zope.app.fssync.server.checkout import checkout_changes
from zope.app.fssync.server.exchange import CONFLICT
from zope.app.fssync.server.submitted import submitted
from zope.fssync.changeset import Scope
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import RECORD_SIZE
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.task import Check
from zope.fssync.task import Commit
from zope.fssync.task.moves import Moves
from zope.fssync.task.walk import archived_name

__all__ = ["SnarfCommit", "SnarfCommitRehearsal"]

#: The message if the database has lost transactions.
WENT_BACK = (
    "The database of the server went back to an earlier time, to a backup say: it does "
    "not have all that this working copy has seen.\n"
)


class SnarfCommit(SnarfSubmission):
    """Change the context to the state of the archive.

    The response is the new archive of the context.  If objects are not up to date,
    nothing is changed, and the response has their paths.  With the argument ``alone``
    the context is not up to date if others have changed anything in it.
    """

    #: The paths that are not up to date, set by the check.
    errors: Sequence[str] = ()

    #: The objects that are to be moved.
    moves: Moves

    #: The scope of an archive of changes, None for a complete archive.
    scope: Scope | None = None

    #: The number of objects that others have changed.
    news = 0

    #: True if the commit has changed nothing.
    changed_nothing = False

    #: The faults of committed sources, see `ISourceCheck`.
    found: Sequence[faults.Fault] = ()

    #: The object itself, if its container need not be asked for it.
    obj: Any = None

    def set_arguments(self) -> None:
        """See `SnarfSubmission`."""
        self.name = self.host.name(self.context)
        if self.name:
            self.container = self.host.parent(self.context)
            self.obj = self.host.bare(self.context)
            metadata = self.repository.getMetadata()
            self.fspath = archived_name(metadata, "", self.name)
        else:
            self.container, self.fspath = self.context, self.title()

    def run_submission(self) -> Any:
        """See `SnarfSubmission`."""
        entry = self.repository.getMetadata().getentry(self.fspath)
        if entry.get("flag") != "added":
            self.check_meant(entry.get("id"))
        self.scope = Scope.of(self.repository, self.repository.limits)
        if self.client_state.is_done():
            # The commit was stored by an earlier request: nothing is left to do.
            self.view_request.abort()
            return self.send_archive()
        if self.client_state.went_back:
            return self.send_back()
        self.moves = Moves.of(self.repository, self.fspath, self.scope)
        check = self.call_checker()
        if self.errors:
            return self.send_errors()
        if self.scope is not None:
            self.news = self.client_state.news()
        if self.news and self.get_arg("alone"):
            self.errors = [self.title()]
            return self.send_errors()
        self.commit(check)
        self.client_state.label()
        keep_target(self.host.bare(self.context))
        self.keep_record()
        self.changed_nothing = self.client_state.changes_nothing()
        self.drop_parts()
        self.view_request.follow(self.host.bare(self.context))
        return self.send_archive()

    def keep_record(self) -> None:
        """Keep the record that the client sent, if any, with the transaction."""
        if not self.repository.isfile(RECORD):
            return
        if self.repository.size(RECORD) > RECORD_SIZE:
            raise LimitExceeded(f"the record has more than {RECORD_SIZE} bytes")
        with self.repository.readable(RECORD) as stream:
            keep_record(self.host.bare(self.context), stream.read())

    def commit(self, check: Check) -> None:
        """Commit the archive; set ``found``, and refuse faults if strict."""
        hooks = self.hooks()
        self.view_request.watch(hooks)
        task = Commit(
            self.access,
            self.repository,
            unchanged=check.unchanged,
            settled=check.settled,
            scope=self.scope,
            moves=self.moves,
            hooks=hooks,
        )
        task.perform(self.container, self.name, self.fspath, self.obj)
        self.found = faults.told_once(hooks.faults)
        faults.refuse(self.found, self.is_strict())

    def call_checker(self) -> Check:
        """Return the finished check; set ``errors``."""
        hooks = self.host.database(self.context)
        self.view_request.watch(hooks)
        check = Check(
            self.access,
            self.repository,
            scope=self.scope,
            intact=self.is_intact,
            moves=self.moves,
            hooks=hooks,
        )
        check.perform(self.container, self.name, self.fspath, self.obj)
        self.errors = check.errors()
        return check

    def is_intact(self, obj: Any) -> bool:
        """Return True if nobody has changed anything in a directory to be removed."""
        return self.client_state.is_intact(obj)

    def send_errors(self) -> Any:
        """Send the paths in conflict, with an error status if requested."""
        self.view_request.abort()
        self.view_request.conclude(CONFLICT)
        text = "\n".join([OUT_OF_DATE, *self.errors, ""])
        status = 409 if self.get_arg("raise") else 200
        return self.view_request.say(status, text)

    def send_back(self) -> Any:
        """Send the message that the database has lost transactions.

        A commit would become the newest transaction that the client knows, and hide
        the loss.
        """
        self.view_request.abort()
        return self.view_request.say(409, WENT_BACK, self.warning())

    def send(self, stream: IO[bytes], headers: dict[str, str]) -> Any:
        """See `SnarfView`."""
        if self.changed_nothing:
            headers = {**headers, STORED: NOTHING}
        if self.found:
            headers = {**headers, FAULTS: faults.header(self.found)}
        return super().send(stream, headers)

    def send_archive(self) -> Any:
        """Send the new state of the objects that were sent."""
        if self.scope is None:
            return self.archive()
        self.check_readable()
        changed, gone = submitted(self.repository, self.scope, self.name, self.fspath)
        stream = tempfile.SpooledTemporaryFile(SPOOL_SIZE)  # noqa: SIM115
        task = checkout_changes(
            self.context,
            self.title(),
            stream,
            self.access,
            changed,
            gone,
            self.repository,
        )
        headers = withheld(task)
        if self.news:
            headers[NEWS] = str(self.news)
        return self.send(stream, headers)


class SnarfCommitRehearsal(SnarfCommit):
    """Run a commit, send the same response, and undo it."""

    def run_submission(self) -> Any:
        """See `SnarfSubmission`."""
        self.host.rehearse(self.context)
        self.client_state.disregard()
        found = super().run_submission()
        self.view_request.abort()
        return found
