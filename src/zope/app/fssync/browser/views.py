"""The views that `zsync` talks to: checkout, commit and checkin.

A view reads arguments and a body from an `IViewRequest`, runs tasks in the transaction
of the request, and returns a response.  It is independent of the publisher.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import closing
from typing import IO
from typing import Any
from urllib.parse import unquote

from zope.component import getUtility
from zope.component import queryUtility
from zope.publisher.browser import BrowserView

from zope.app.fssync.browser.arguments import number
from zope.app.fssync.browser.logdocument import log_document
from zope.app.fssync.protocol.headers import ACCEPT
from zope.app.fssync.protocol.headers import BACK
from zope.app.fssync.protocol.headers import BUSY
from zope.app.fssync.protocol.headers import CODING
from zope.app.fssync.protocol.headers import FAULTS
from zope.app.fssync.protocol.headers import LEFT_OUT
from zope.app.fssync.protocol.headers import NEWS
from zope.app.fssync.protocol.headers import NOTHING
from zope.app.fssync.protocol.headers import OBJECT
from zope.app.fssync.protocol.headers import OBJECTS
from zope.app.fssync.protocol.headers import SEEN
from zope.app.fssync.protocol.headers import SNARF
from zope.app.fssync.protocol.headers import SPARSE
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import STORED
from zope.app.fssync.protocol.headers import STREAMED
from zope.app.fssync.protocol.headers import UNSTREAMED
from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.protocol.headers import left_out
from zope.app.fssync.protocol.views import LAST_CHANGES
from zope.app.fssync.protocol.views import LOG
from zope.app.fssync.protocol.views import OUT_OF_DATE
from zope.app.fssync.protocol.views import RECORD
from zope.app.fssync.server import faults
from zope.app.fssync.server.broken import DatabaseDamaged
from zope.app.fssync.server.changes.clientstate import ClientState
from zope.app.fssync.server.changes.latest import latest
from zope.app.fssync.server.changes.logentry import Page
from zope.app.fssync.server.changes.logentry import Transaction
from zope.app.fssync.server.changes.records import keep_record
from zope.app.fssync.server.checkout import checkout
from zope.app.fssync.server.checkout import checkout_changes
from zope.app.fssync.server.checkout import unreadable
from zope.app.fssync.server.errorresponse import answer
from zope.app.fssync.server.exchange import CONFLICT
from zope.app.fssync.server.interfaces import IHost
from zope.app.fssync.server.interfaces import IViewRequest
from zope.app.fssync.server.report import summary
from zope.app.fssync.server.sentparts import Sent
from zope.app.fssync.server.sentparts import SentParts
from zope.app.fssync.server.streaming import CheckoutStream
from zope.app.fssync.server.submitted import submitted
from zope.fssync.blobs import ADVICE
from zope.fssync.blobs import REFUSAL
from zope.fssync.cached import cached_property
from zope.fssync.changeset import Scope
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import NoLongerThere
from zope.fssync.errors import PickleRefused
from zope.fssync.errors import UsageError
from zope.fssync.errors import Withheld
from zope.fssync.interfaces import ILimits
from zope.fssync.interfaces import ITextEncoding
from zope.fssync.limits import BUSY_PAUSE
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import LANGUAGES_LENGTH
from zope.fssync.limits import RECORD_SIZE
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.limits import UPLOAD_DIGITS
from zope.fssync.limits import Limits
from zope.fssync.messages import _
from zope.fssync.paths import nfc
from zope.fssync.pickle import watching_references
from zope.fssync.picklecontext import using
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import DEFLATE
from zope.fssync.snarf import deflated
from zope.fssync.snarf import inflated
from zope.fssync.sparse import Sparse
from zope.fssync.task import Check
from zope.fssync.task import Checkin
from zope.fssync.task import Checkout
from zope.fssync.task import Commit
from zope.fssync.task.base import identifier
from zope.fssync.task.moves import Moves
from zope.fssync.task.walk import archived_name
from zope.fssync.xmlpickle.bytetext import ByteText

__all__ = [
    "SnarfCheckin",
    "SnarfCommit",
    "SnarfCommitRehearsal",
    "SnarfFile",
    "SnarfRehearsal",
    "SnarfSubmission",
]

#: An archive is for one caller and one working copy: no cache may keep it.
UNSHARED = {"Cache-Control": "no-store"}


WENT_BACK = (
    "The database of the server went back to an earlier time, to a backup say: it does "
    "not have all that this working copy has seen.\n"
)


def withheld(task: Checkout) -> dict[str, str]:
    """Return the headers for the objects that an archive lacks."""
    headers = {**UNSHARED}
    if task.withheld:
        headers[WITHHELD] = str(len(task.withheld))
    if task.unnamed or task.failed:
        headers[LEFT_OUT] = left_out((*task.unnamed, *task.failed))
    return headers


class SnarfView(BrowserView):
    """Base of the views of the protocol."""

    @cached_property
    def view_request(self) -> Any:
        """The `IViewRequest`."""
        return IViewRequest(self.request)

    def answered(self, function: Callable[[], Any]) -> Any:
        """Register the exchange; return the response of ``function``, or an error."""
        view_request = self.view_request
        if view_request.languages_exceed(LANGUAGES_LENGTH):
            # Each text of a page would have them read anew.
            return view_request.say(431, "The header Accept-Language is too long.\n")
        found = self.host.identity(self.host.bare(self.context))
        most = queryUtility(ILimits, default=DEFAULT).exchanges
        if view_request.begin(self.__name__, identifier(found) or "", most):
            return answer(view_request, function)
        pause = {"Retry-After": str(BUSY_PAUSE), BUSY: "yes"}
        text = view_request.words(_("Others are being served, try again."))
        return view_request.say(503, f"{text}\n", pause)

    @cached_property
    def host(self) -> Any:
        """The `IHost` of the objects."""
        return getUtility(IHost)

    @cached_property
    def access(self) -> Any:
        """The lookup of synchronizers for this request."""
        found = self.host.access(reading=self.view_request.method() == "GET")
        found.top = self.context
        return found

    def check_object(self) -> None:
        """Refuse an object that is not the one at the path.

        A path may lead to another object by acquisition, or because another object has
        that name now.
        """
        if not self.host.contained(self.context):
            raise _elsewhere()
        meant = self.view_request.header(OBJECT)
        self.check_meant(None if meant is None else unquote(meant))

    def check_meant(self, meant: str | None) -> None:
        """Refuse an object whose id is not the one that the client means."""
        found = identifier(self.host.identity(self.host.bare(self.context)))
        if meant and found and nfc(meant) != nfc(found):
            raise _elsewhere()

    def title(self) -> str:
        """Return the name of the context, also if it is the root."""
        return self.host.name(self.context) or "root"

    @cached_property
    def sparse(self) -> Sparse | None:
        """The depths of a sparse working copy, None if the client sends none."""
        return Sparse.of_header(self.view_request.header(SPARSE))

    @cached_property
    def client_state(self) -> ClientState:
        """The state that the client sends, with the changes since."""
        said, commit = (
            self.view_request.header(STATE),
            self.view_request.argument("commit"),
        )
        return ClientState(self.context, self.host, self.access, said, commit)

    @cached_property
    def sent_parts(self) -> SentParts:
        """The archives that were sent in parts."""
        connection = getattr(self.host.bare(self.context), "_p_jar", None)
        return SentParts(connection, queryUtility(ILimits, default=DEFAULT))

    def sent_archive(self) -> Sent | None:
        """Return the archive that the arguments name, None if they name none."""
        view_request = self.view_request
        digest = view_request.argument("upload")
        size = number("size", view_request.argument("size"), UPLOAD_DIGITS)
        if digest is None:
            return None
        user = view_request.user()
        if user is None or size is None:
            raise UsageError("an archive that was sent in parts has a user and a size")
        path = identifier(self.host.identity(self.host.bare(self.context))) or ""
        return Sent(user, path, digest, size)

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
        state, seen = (
            self.client_state.state(bool(references)),
            self.client_state.seen(),
        )
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

    def warning(self) -> dict[str, str]:
        """Return the header for a database that was restored from a backup, if any."""
        return {BACK: "yes"} if self.client_state.went_back else {}

    def told_sparse(self) -> dict[str, str]:
        """Return the header for a sparse archive, if any."""
        return {} if self.sparse is None else {SPARSE: "yes"}

    def send(self, stream: IO[bytes], headers: dict[str, str]) -> Any:
        """Send an archive; deflate a small one if the client accepts that."""
        if self.view_request.header(ACCEPT) == DEFLATE:
            small = deflated(stream, queryUtility(ILimits, default=DEFAULT))
            if small is not None:
                stream.seek(0)
                stream.truncate()
                stream.write(small)
                headers = {**headers, CODING: DEFLATE}
        return self.view_request.send(stream, headers)

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

    def check_readable(self) -> None:
        """Refuse callers who may not read the context."""
        if self.access(self.context) is not None:
            return
        if self.access.unwritable:
            raise PickleRefused(
                _(
                    "${title} cannot be checked out: ${reason}",
                    mapping={"title": self.title(), "reason": REFUSAL},
                ),
                advice=ADVICE,
            )
        if self.access.closed:
            raise Withheld(
                _(
                    "${title} cannot be checked out: no synchronizer describes "
                    "its class, and as one pickle it would hold what you may not "
                    "be shown, passwords or closed items say",
                    mapping={"title": self.title()},
                ),
                advice=_("Check out what is in it, or register a synchronizer."),
            )
        raise Withheld(_("you may not read ${title}", mapping={"title": self.title()}))


def _elsewhere() -> NoLongerThere:
    return NoLongerThere(
        _(
            "there is no such object any more: the path leads to another "
            "one, or to one that is elsewhere"
        )
    )


class SnarfFile(SnarfView):
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


class SnarfSubmission(SnarfView):
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


class SnarfCheckin(SnarfSubmission):
    """Make a new object in the context from the archive.

    With the argument ``report`` the response is a summary, else empty, as in 3.6.0.
    The argument ``encoding`` is that of byte strings in pickles, see
    `zope.fssync.xmlpickle.bytetext`; a site declares a default by a utility.
    """

    def set_arguments(self) -> None:
        """See `SnarfSubmission`."""
        name = self.get_arg("name")
        if not name:
            raise UsageError("the argument 'name' is missing")
        self.container = self.context
        self.name = name
        self.fspath = self.get_arg("src") or name

    def run_submission(self) -> Any:
        """See `SnarfSubmission`."""
        report = self.check_in()
        self.drop_parts()
        return self.view_request.say(200, report if self.get_arg("report") else "")

    def check_in(self) -> str:
        """Make the object, and return the summary."""
        encoding = self.get_arg("encoding") or queryUtility(ITextEncoding)
        text = ByteText(encoding)
        with using(text=text):
            hooks = self.hooks()
            self.view_request.watch(hooks)
            task = Checkin(self.access, self.repository, hooks=hooks)
            task.perform(self.container, self.name, self.fspath)
        found = faults.told_once(hooks.faults)
        faults.refuse(found, self.is_strict())
        return summary(self.name, task.made, text) + faults.warnings(found)


class SnarfRehearsal(SnarfCheckin):
    """Run a checkin, send its summary, and undo it.

    It is a view of its own because servers of 3.6.0 ignore unknown arguments.
    """

    def run_submission(self) -> Any:
        """See `SnarfSubmission`."""
        self.host.rehearse(self.context)
        report = self.check_in()
        self.view_request.abort()
        return self.view_request.say(
            200, f"Nothing was changed, this was a rehearsal.\n{report}"
        )


class SnarfCommit(SnarfSubmission):
    """Change the context to the state of the archive.

    The response is the new archive of the context; or the paths that are not up to
    date, and nothing was changed.  With the argument ``alone`` the context is not up
    to date if others have changed anything in it.
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
