"""Requests of ZPublisher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO
from typing import Any

from AccessControl import getSecurityManager
from AccessControl.unauthorized import Unauthorized
from zope.component import adapter
from zope.component import queryMultiAdapter
from zope.interface import alsoProvides
from zope.interface import implementer
from zope.publisher.interfaces.browser import IBrowserRequest
from ZPublisher.interfaces import IPubFailure
from ZPublisher.interfaces import IPubSuccess
from ZPublisher.Iterators import IUnboundStreamIterator

from zope.app.fssync.protocol.headers import SNARF
from zope.app.fssync.server.interfaces import IFsSyncRequest
from zope.app.fssync.server.interfaces import IViewRequest
from zope.app.fssync.server.request import BaseViewRequest
from zope.fssync.errors import LimitExceeded
from zope.fssync.messages import _

try:
    from plone.protect.interfaces import IDisableCSRFProtection
except ImportError:
    IDisableCSRFProtection = None

__all__ = ["ZopeViewRequest", "check_outcome", "may_call", "note_failure"]

#: The attribute of a request for the kept data.
_kept = "_fssync_kept"


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
        """Return True if no page of another site can make a browser send this request.

        A form cannot have this content type, and a script of another site would need a
        permission to send it.  So plone.protect need not check its token.
        """
        return self.method() == "POST" and self.content_type() == SNARF

    @property
    def kept(self) -> dict[str, Any]:
        found: dict[str, Any] = vars(self.request).setdefault(_kept, {})
        return found

    def user(self) -> str | None:
        return None if self.anonymous else str(getSecurityManager().getUser().getId())

    def address(self) -> str:
        # Zope knows the trusted proxies.
        return str(self.request.getClientAddr())

    @property
    def anonymous(self) -> bool:
        return tuple(getSecurityManager().getUser().getRoles()) == ("Anonymous",)

    def may(self, obj: Any, name: str) -> bool:
        return may_call(obj, self.request, name)

    def body(self, limit: int) -> IO[bytes]:
        # BODY would be in memory, and has a limit of its own.
        stream: IO[bytes] = self.request["BODYFILE"]
        if stream.seek(0, 2) > limit:
            raise LimitExceeded(
                _("the body has more than ${limit} bytes", mapping={"limit": limit})
            )
        # The body is read again after a conflict.
        stream.seek(0)
        return stream

    def login(self) -> str | None:
        # After a login by form and cookie the request does not have the name.
        if self.anonymous:
            return None
        found: str = getSecurityManager().getUser().getUserName()
        return found

    def deny(self, message: str) -> None:
        raise Unauthorized(message)

    def stream(self, pieces: Any, headers: Mapping[str, str]) -> Any:
        super().stream(pieces, headers)
        alsoProvides(pieces, IUnboundStreamIterator)
        return pieces


@adapter(IPubSuccess)
def check_outcome(event: Any) -> None:
    """Replace the response if the transaction was not committed; end the exchange."""
    if not IFsSyncRequest.providedBy(event.request):
        return
    view_request = ZopeViewRequest(event.request)
    text = view_request.undone()
    if text is not None:
        event.request.response.setBody(text)
    view_request.end()


@adapter(IPubFailure)
def note_failure(event: Any) -> None:
    """End an exchange that failed, or note that it is repeated."""
    if not IFsSyncRequest.providedBy(event.request):
        return
    view_request = ZopeViewRequest(event.request)
    if event.retry:
        view_request.retry()
    else:
        view_request.end()


def may_call(context: Any, request: Any, name: str) -> bool:
    """Return whether the user may call a view.

    Traversal by a path would find the view that `signpost` registers.
    """
    view = queryMultiAdapter((context, request), name=name)
    if view is None:
        return False
    try:
        return bool(getSecurityManager().validate(context, context, name, view))
    except Unauthorized:
        return False
