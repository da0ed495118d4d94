"""The page that shows the last exchanges with an object and all below it."""

from __future__ import annotations

from zope.browserpage.viewpagetemplatefile import ViewPageTemplateFile

from zope.app.fssync.browser.pages.page import Page
from zope.app.fssync.browser.pages.page import moment
from zope.app.fssync.server.activity import ACTIVITY
from zope.fssync.messages import _
from zope.fssync.task.base import identifier

__all__ = ["ActivityPage"]


class ActivityPage(Page):
    """Show the last exchanges with their users and results."""

    heading = _("Synchronize: activity")

    _main = ViewPageTemplateFile("activity.pt")

    def main(self) -> str:
        """See `Page`."""
        self.check_readable()
        path = identifier(self.host.identity(self.host.bare(self.context)))
        found = ACTIVITY.newest(path) if path else []
        exchanges = [
            {
                **each._asdict(),
                "time": moment(each.time),
                "seconds": f"{each.seconds:.3f}",
            }
            for each in found
        ]
        return str(self._main(exchanges=exchanges))
