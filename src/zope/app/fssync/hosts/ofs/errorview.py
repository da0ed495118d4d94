"""The view of errors that reach the publisher, also during the commit.

ZPublisher calls it when no retries are left, and aborts the transaction after it.
"""

from __future__ import annotations

import logging
from typing import Any

from transaction.interfaces import TransientError
from zExceptions import Unauthorized
from zope.publisher.browser import BrowserView

from zope.app.fssync.server.errorresponse import failure
from zope.app.fssync.server.interfaces import IViewRequest
from zope.fssync.messages import _

__all__ = ["Failure"]

log = logging.getLogger(__name__)


class Failure(BrowserView):
    """The view of an exception, in plain text."""

    def __call__(self) -> Any:
        """Publish the view."""
        view_request = IViewRequest(self.request)
        if isinstance(self.context, Unauthorized):
            text = view_request.words(_("A login is needed."))
            return view_request.say(401, f"{text}\n")
        if not isinstance(self.context, TransientError):
            log.error("a synchronization failed", exc_info=self.context)
        return failure(view_request, self.context)
