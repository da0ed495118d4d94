"""What a person is told when a request failed outside of the views.

ZPublisher asks for it once no more retries are left, and shows nothing else.
"""

from __future__ import annotations

import logging
from typing import Any

from transaction.interfaces import TransientError
from zope.publisher.browser import BrowserView

from zope.app.fssync.hosts.toolkit.errorview import NOTHING
from zope.app.fssync.hosts.toolkit.errorview import UNSURE
from zope.app.fssync.hosts.toolkit.errorview import was_finishing
from zope.app.fssync.server.interfaces import IViewRequest

__all__ = ["Failure"]

log = logging.getLogger(__name__)


class Failure(BrowserView):
    """Tells in plain text that nothing was changed."""

    def __call__(self) -> Any:
        """Publish the view."""
        view_request = IViewRequest(self.request)
        if isinstance(self.context, TransientError):
            self.request.response.setHeader("Retry-After", "5")
            return view_request.say(
                503,
                "Others are changing the same objects; nothing was changed by you.\n"
                "Try again.\n",
            )
        log.error("a synchronization failed", exc_info=self.context)
        outcome = UNSURE if was_finishing(self.context) else NOTHING
        return view_request.say(
            500, f"The server failed, its log says more.  {outcome}\n"
        )
