"""The views for monitoring: whether the server is ready, and its metrics."""

from __future__ import annotations

from typing import Any

from zope.component import getUtility
from zope.publisher.browser import BrowserView

from zope.app.fssync.server import observing
from zope.app.fssync.server.health import answers
from zope.app.fssync.server.interfaces import IHost
from zope.app.fssync.server.interfaces import IViewRequest
from zope.app.fssync.server.metrics import CONTENT_TYPE
from zope.app.fssync.server.metrics import METRICS

__all__ = ["Health", "Metrics"]

#: Responses must not be cached: they would be outdated.
_UNKEPT = {"Cache-Control": "no-store"}


class Health(BrowserView):
    """Respond 200 if the database answers, else 503, without any details."""

    def show(self) -> Any:
        """Publish the view."""
        view_request = IViewRequest(self.request)
        host = getUtility(IHost)
        if answers(host.bare(self.context)._p_jar):
            return view_request.say(200, "ready\n", _UNKEPT)
        return view_request.say(503, "not ready\n", _UNKEPT)


class Metrics(BrowserView):
    """Send the metrics of this process in the text format of Prometheus."""

    def show(self) -> Any:
        """Publish the view."""
        headers = {**_UNKEPT, "Content-Type": CONTENT_TYPE}
        text = METRICS.text(observing.running())
        return IViewRequest(self.request).say(200, text, headers)
