"""The view that takes a large archive in parts, before its commit or checkin."""

from __future__ import annotations

from typing import Any

from zope.component import queryUtility

from zope.app.fssync.browser.arguments import number
from zope.app.fssync.browser.snarfview import UNSHARED
from zope.app.fssync.browser.snarfview import SnarfView
from zope.app.fssync.protocol.headers import SNARF
from zope.app.fssync.protocol.headers import UPLOAD_DONE
from zope.app.fssync.protocol.headers import UPLOADED
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import UsageError
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import MOST_UPLOAD_PART
from zope.fssync.limits import UPLOAD_DIGITS
from zope.fssync.messages import _

__all__ = ["SnarfUpload"]


class SnarfUpload(SnarfView):
    """Store the part of an archive that begins at ``offset``, with its ``digest``.

    ``upload`` is the digest of the whole archive, ``size`` its bytes.  The response
    says how many of them are there, also to a GET, which stores nothing.  With
    ``members`` a GET has an archive of too many refused before it is sent, with
    ``commit`` it finds out whether the commit was stored before.
    """

    def run(self) -> Any:
        """Publish the view."""
        return self.answered(self._run)

    def _run(self) -> Any:
        view_request = self.view_request
        self.check_object()
        if view_request.user() is None:
            view_request.deny("only users with an account may send parts")
        if not self.sent_parts.are_possible:
            return view_request.say(200, "", UNSHARED)
        if view_request.method() == "POST":
            return self.said(self.take())
        self.check_members()
        if self.client_state.is_done():
            return self.said(UPLOAD_DONE)
        sent = self.sent_archive()
        if sent is None:
            raise UsageError("the argument 'upload' is missing")
        self.sent_parts.check(sent)
        return self.said(self.sent_parts.received(sent))

    def take(self) -> int:
        """Store a part; return how many bytes of the archive are there then."""
        view_request = self.view_request
        if view_request.content_type() != SNARF:
            raise UsageError(f"Content-Type is not {SNARF}")
        sent = self.sent_archive()
        offset = number("offset", view_request.argument("offset"), UPLOAD_DIGITS)
        digest = view_request.argument("digest")
        if sent is None or offset is None or digest is None:
            raise UsageError("an argument of the part is missing")
        body = view_request.body(MOST_UPLOAD_PART)
        view_request.promise()
        return self.sent_parts.add(sent, offset, body, digest)

    def check_members(self) -> None:
        """Refuse an archive of more members than `ILimits` allows."""
        told = number("members", self.view_request.argument("members"), UPLOAD_DIGITS)
        most = queryUtility(ILimits, default=DEFAULT).members
        if told is not None and told > most:
            raise LimitExceeded(
                _(
                    "the archive has ${number} members, and the server takes at most "
                    "${limit}",
                    mapping={"number": told, "limit": most},
                )
            )

    def said(self, received: int | str) -> Any:
        """Return the response with the number of bytes."""
        return self.view_request.say(200, "", {**UNSHARED, UPLOADED: str(received)})
