"""The view that lists an object and its items."""

from __future__ import annotations

import tempfile
from functools import partial
from typing import Any

from zope.app.fssync.browser.checkout import SnarfFile
from zope.app.fssync.browser.checkout import withheld
from zope.app.fssync.server.checkout import unreadable
from zope.app.fssync.server.explaining import explained
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.repository import SnarfRepository
from zope.fssync.task.listing import Listing

__all__ = ["SnarfListing"]


class SnarfListing(SnarfFile):
    """Send an archive of entries, see `zope.fssync.task.listing`.

    It needs the permission of a checkout, and lists the objects that a checkout has.
    With the argument ``explain`` it explains how the object is synchronized.
    """

    def archive(self) -> Any:
        """See `SnarfView`."""
        self.check_readable()
        stream = tempfile.SpooledTemporaryFile(SPOOL_SIZE)  # noqa: SIM115
        task = Listing(
            self.access,
            SnarfRepository(stream, case_insensitive=True, enforce_nfd=True),
            hooks=self.host.database(self.context),
            explained=partial(explained, self.access) if self._explains() else None,
        )
        task.perform(self.context, self.title())
        if task.broken:
            raise unreadable(sorted(task.broken))
        return self.send(stream, withheld(task))

    def _explains(self) -> bool:
        return self.view_request.argument("explain") is not None
