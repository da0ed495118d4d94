"""The answer to errors that reach the publisher, also while it commits.

A sentence on what became of the request and a status that tells whether to try
again; what exactly went wrong is for the server's log.
"""

from __future__ import annotations

import traceback
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

from zope.app.fssync.server.interfaces import IViewRequest

__all__ = ["NOTHING", "UNSURE", "Failure", "was_finishing"]

#: The status and the sentence for each class of errors, the first that fits.
_answers: tuple[tuple[type[BaseException], int, str], ...] = (
    (ReadOnlyError, 503, "The database can only be read at the moment."),
    (StorageError, 503, "The database did not answer."),
    (TransientError, 503, "Other changes came in between, again and again."),
    (OSError, 503, "The server failed to read or write a file; is its disk full?"),
    (Exception, 500, "The server failed, its log tells more."),
)

NOTHING = "Nothing was changed."

UNSURE = (
    "It happened in the last moment, changes may have been stored: 'zsync update' "
    "shows them."
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
        view_request = IViewRequest(self.request)
        if isinstance(error, Unauthorized):
            self.request.unauthorized('basic realm="Zope"')
            return view_request.say(401, "A login is needed.\n")
        if isinstance(error, UserError):
            return view_request.say(409, f"{error}\n")
        status, text = next(
            (status, text) for kind, status, text in _answers if isinstance(error, kind)
        )
        outcome = UNSURE if was_finishing(error) else NOTHING
        return view_request.say(status, f"{text} {outcome}\n")


def was_finishing(error: BaseException) -> bool:
    """Was the transaction in its second phase, which cannot be undone?"""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_name == "tpc_finish" for frame, _ in frames)
