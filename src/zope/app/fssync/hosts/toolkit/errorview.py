"""The answer to errors that reach the publisher, also while it commits.

A sentence on what became of the request and a status that tells whether to try
again; what exactly went wrong is for the server's log.
"""

from __future__ import annotations

from typing import Any

from transaction.interfaces import TransientError
from ZODB.POSException import ReadOnlyError
from ZODB.POSException import StorageError
from zope.browser.interfaces import ISystemErrorView
from zope.exceptions.interfaces import UserError
from zope.interface import implementer
from zope.proxy import removeAllProxies
from zope.publisher.browser import BrowserView
from zope.security.interfaces import Unauthorized

from zope.app.fssync.server.errorresponse import NOTHING
from zope.app.fssync.server.errorresponse import UNSURE
from zope.app.fssync.server.errorresponse import was_finishing
from zope.app.fssync.server.requestinterfaces import IExchange

__all__ = ["Failure"]

#: The status and the sentence for each class of errors, the first that fits.
_answers: tuple[tuple[type[BaseException], int, str], ...] = (
    (ReadOnlyError, 503, "The database can only be read at the moment."),
    (StorageError, 503, "The database did not answer."),
    (TransientError, 503, "Other changes came in between, again and again."),
    (OSError, 503, "The server failed to read or write a file; is its disk full?"),
    (Exception, 500, "The server failed, its log tells more."),
)


@implementer(ISystemErrorView)
class Failure(BrowserView):
    """The view of an exception; the publisher has aborted everything."""

    def isSystemError(self) -> bool:
        """Have it logged, unless it was made for people to read."""
        return not isinstance(self._error, (TransientError, Unauthorized, UserError))

    @property
    def _error(self) -> Any:
        return removeAllProxies(self.context)

    def show(self) -> Any:
        """Publish the view."""
        error = self._error
        exchange = IExchange(self.request)
        if isinstance(error, Unauthorized):
            self.request.unauthorized('basic realm="Zope"')
            return exchange.say(401, "A login is needed.\n")
        if isinstance(error, UserError):
            return exchange.say(409, f"{error}\n")
        status, text = next(
            (status, text) for kind, status, text in _answers if isinstance(error, kind)
        )
        outcome = UNSURE if was_finishing(error) else NOTHING
        return exchange.say(status, f"{text} {outcome}\n")
