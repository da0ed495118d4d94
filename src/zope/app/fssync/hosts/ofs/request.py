"""Requests of ZPublisher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO
from typing import Any

from AccessControl import getSecurityManager
from AccessControl.unauthorized import Unauthorized
from zope.component import adapter
from zope.interface import alsoProvides
from zope.interface import implementer
from zope.publisher.interfaces.browser import IBrowserRequest
from ZPublisher.interfaces import IPubSuccess
from ZPublisher.Iterators import IUnboundStreamIterator

from zope.app.fssync.protocol.headers import SNARF
from zope.app.fssync.server.interfaces import IFsSyncRequest
from zope.app.fssync.server.interfaces import IViewRequest
from zope.app.fssync.server.outcome import Outcome
from zope.app.fssync.server.request import BaseViewRequest
from zope.fssync.errors import LimitExceeded

try:
    from plone.protect.interfaces import IDisableCSRFProtection
except ImportError:
    IDisableCSRFProtection = None

__all__ = ["ZopeViewRequest", "check_outcome"]

#: The attribute of a request that holds the `Outcome`.
_outcome = "_fssync_outcome"


@adapter(IBrowserRequest)
@implementer(IViewRequest)
class ZopeViewRequest(BaseViewRequest):
    """A request of ZPublisher."""

    def __init__(self, request: Any) -> None:
        super().__init__(request)
        if not IFsSyncRequest.providedBy(request):
            alsoProvides(request, IFsSyncRequest)
        if IDisableCSRFProtection is not None and self._is_submission():
            alsoProvides(request, IDisableCSRFProtection)

    def _is_submission(self) -> bool:
        """Return whether no page of another site can have a browser send this.

        A form has no such content type, and a script of another site needs permission
        before it sends one: plone.protect need not look for its token.
        """
        return self.method() == "POST" and self.content_type() == SNARF

    @property
    def outcome(self) -> Outcome | None:
        return getattr(self.request, _outcome, None)

    @outcome.setter
    def outcome(self, outcome: Outcome | None) -> None:
        setattr(self.request, _outcome, outcome)

    @property
    def anonymous(self) -> bool:
        return tuple(getSecurityManager().getUser().getRoles()) == ("Anonymous",)

    def body(self, limit: int) -> IO[bytes]:
        # Not BODY, which has a limit of its own, and would be in memory.
        stream: IO[bytes] = self.request["BODYFILE"]
        if stream.seek(0, 2) > limit:
            raise LimitExceeded(f"the body has more than {limit} bytes")
        # After a conflict it is read once more.
        stream.seek(0)
        return stream

    def login(self) -> str | None:
        # With a form and a cookie nothing is said of it in the request.
        if self.anonymous:
            return None
        found: str = getSecurityManager().getUser().getUserName()
        return found

    def deny(self, message: str) -> None:
        raise Unauthorized(message)

    def stream(self, pieces: Any, headers: Mapping[str, str]) -> Any:
        self.archive_head(headers)
        alsoProvides(pieces, IUnboundStreamIterator)
        return pieces


@adapter(IPubSuccess)
def check_outcome(event: Any) -> None:
    """Replace the response if the transaction was not committed."""
    if not IFsSyncRequest.providedBy(event.request):
        return
    text = ZopeViewRequest(event.request).undone()
    if text is not None:
        event.request.response.setBody(text)
