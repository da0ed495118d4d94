"""The view that logs a promotion to another site."""

from __future__ import annotations

import json
import logging
from typing import Any

from zope.app.fssync.browser.arguments import transaction_id
from zope.app.fssync.browser.snarfview import UNSHARED
from zope.app.fssync.browser.snarfview import SnarfView
from zope.fssync.errors import UsageError
from zope.fssync.limits import DEFAULT
from zope.fssync.task.base import identifier
from zope.fssync.terminal import escape

__all__ = ["SnarfPromoted"]

log = logging.getLogger(__name__)


class SnarfPromoted(SnarfView):
    """Log that the changes of the context were promoted to another site.

    The body is a JSON mapping: ``until`` is the transaction up to which they were,
    ``to`` the URL on the other site, and ``transaction`` the one that stored them
    there.  Nothing is stored here.  The server knows the user and the context; all else
    is what the client says, and the line of the log tells it as such.
    """

    def run(self) -> Any:
        """Publish the view."""
        return self.answered(self._run)

    def _run(self) -> Any:
        if self.view_request.method() != "POST":
            raise UsageError("a promotion has to be sent by POST")
        self.check_object()
        self.check_readable()
        until, to, stored = _told(self.view_request.body(DEFAULT.head_size).read())
        path = identifier(self.host.identity(self.host.bare(self.context)))
        user = self.view_request.user()
        log.info(
            "%s says that %s was promoted as of 0x%s to %s as 0x%s",
            *(escape(str(each or "-")) for each in (user, path, until, to, stored)),
        )
        return self.view_request.say(200, "", UNSHARED)


def _told(body: bytes) -> tuple[str, str, str]:
    """Return what a body says; raise `UsageError` if it is not valid."""
    try:
        told = json.loads(body)
        until, to, stored = (str(told[key]) for key in ("until", "to", "transaction"))
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise UsageError("the body names no promotion") from error
    for name, tid in (("until", until), ("transaction", stored)):
        transaction_id(name, tid)
    return until, to, stored
