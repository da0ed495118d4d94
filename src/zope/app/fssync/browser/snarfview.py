"""The base of the views that `zsync` talks to.

A view reads arguments and a body from an `IViewRequest`, runs tasks in the transaction
of the request, and returns a response.  It is independent of the publisher.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO
from typing import Any
from urllib.parse import unquote

from zope.component import getUtility
from zope.component import queryUtility
from zope.publisher.browser import BrowserView

from zope.app.fssync.browser.arguments import number
from zope.app.fssync.protocol.headers import ACCEPT
from zope.app.fssync.protocol.headers import BACK
from zope.app.fssync.protocol.headers import BUSY
from zope.app.fssync.protocol.headers import CODING
from zope.app.fssync.protocol.headers import OBJECT
from zope.app.fssync.protocol.headers import SPARSE
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.server.changes.clientstate import ClientState
from zope.app.fssync.server.errorresponse import answer
from zope.app.fssync.server.interfaces import IHost
from zope.app.fssync.server.interfaces import IViewRequest
from zope.app.fssync.server.sentparts import Sent
from zope.app.fssync.server.sentparts import SentParts
from zope.fssync.blobs import ADVICE
from zope.fssync.blobs import REFUSAL
from zope.fssync.cached import cached_property
from zope.fssync.errors import Error
from zope.fssync.errors import NoLongerThere
from zope.fssync.errors import PickleRefused
from zope.fssync.errors import UsageError
from zope.fssync.errors import Withheld
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import BUSY_PAUSE
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import LANGUAGES_LENGTH
from zope.fssync.limits import UPLOAD_DIGITS
from zope.fssync.messages import _
from zope.fssync.paths import nfc
from zope.fssync.snarf import DEFLATE
from zope.fssync.snarf import deflated
from zope.fssync.sparse import Sparse
from zope.fssync.task.base import identifier

__all__ = ["UNSHARED", "SnarfView"]

#: An archive is for one caller and one working copy: no cache may keep it.
UNSHARED = {"Cache-Control": "no-store"}


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
            # Each text of a page would parse the header anew.
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
        said = self.view_request.header(STATE)
        commit = self.view_request.argument("commit")
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

    def warning(self) -> dict[str, str]:
        """Return the header for a database that was restored from a backup, if any."""
        return {BACK: "yes"} if self.client_state.went_back else {}

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

    def check_readable(self) -> None:
        """Refuse callers who may not read the context."""
        if self.access(self.context) is None:
            raise self._unreadable()

    def _unreadable(self) -> Error:
        if self.access.unwritable:
            return PickleRefused(
                _(
                    "${title} cannot be checked out: ${reason}",
                    mapping={"title": self.title(), "reason": REFUSAL},
                ),
                advice=ADVICE,
            )
        if self.access.closed:
            return Withheld(
                _(
                    "${title} cannot be checked out: no synchronizer describes "
                    "its class, and as one pickle it would hold what you may not "
                    "be shown, passwords or closed items say",
                    mapping={"title": self.title()},
                ),
                advice=_("Check out what is in it, or register a synchronizer."),
            )
        return Withheld(_("you may not read ${title}", mapping={"title": self.title()}))


def _elsewhere() -> NoLongerThere:
    return NoLongerThere(
        _(
            "there is no such object any more: the path leads to another "
            "one, or to one that is elsewhere"
        )
    )
