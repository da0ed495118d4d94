"""The view of errors that reach the publisher, also during the commit."""

from __future__ import annotations

from typing import Any

from transaction.interfaces import TransientError
from zope.browser.interfaces import ISystemErrorView
from zope.exceptions.interfaces import UserError
from zope.interface import implementer
from zope.proxy import removeAllProxies
from zope.publisher.browser import BrowserView
from zope.security.interfaces import Unauthorized

from zope.app.fssync.server.errorresponse import failure
from zope.app.fssync.server.interfaces import IViewRequest
from zope.fssync.messages import _

__all__ = ["Failure"]


@implementer(ISystemErrorView)
class Failure(BrowserView):
    """The view of an exception; the publisher has aborted the transaction."""

    def isSystemError(self) -> bool:
        """Return True, so that it is logged, unless it is an error for the user."""
        return not isinstance(self._error, (TransientError, Unauthorized, UserError))

    @property
    def _error(self) -> Any:
        return removeAllProxies(self.context)

    def show(self) -> Any:
        """Publish the view."""
        view_request = IViewRequest(self.request)
        if isinstance(self._error, Unauthorized):
            self.request.unauthorized('basic realm="Zope"')
            text = view_request.words(_("A login is needed."))
            return view_request.say(401, f"{text}\n")
        return failure(view_request, self._error)
