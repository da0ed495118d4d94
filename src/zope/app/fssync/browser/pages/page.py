"""The base class of the pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from datetime import datetime
from typing import Any
from typing import ClassVar

from zope.browserpage.viewpagetemplatefile import ViewPageTemplateFile
from zope.component import getUtility

from zope.app.fssync.browser.snarfview import UNSHARED
from zope.app.fssync.browser.snarfview import SnarfView
from zope.app.fssync.server.comparing import Difference
from zope.app.fssync.server.errorresponse import status_of
from zope.app.fssync.server.errorresponse import told
from zope.app.fssync.server.frame import FormRefused
from zope.app.fssync.server.interfaces import IFrame
from zope.app.fssync.server.messages import translated
from zope.fssync.errors import Error
from zope.fssync.messages import _

__all__ = ["Page", "moment"]

#: The Content-Security-Policy of pages: they have no inline scripts and styles.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'self'; base-uri 'none'"
)

HEADERS = {
    **UNSHARED,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

#: The names of the pages, with their labels.
TABS = (
    ("synchronize.html", _("Get")),
    ("synchronize-look.html", _("Look")),
    ("synchronize-put.html", _("Put")),
    ("synchronize-history.html", _("History")),
    ("synchronize-activity.html", _("Activity")),
)


class Page(SnarfView):
    """A page about the context, in the frame of its host.

    Subclasses have the `heading`, and make the ``main`` part of it.
    """

    heading: ClassVar[str]

    #: The tab of the page, if it is not its own name.
    tab: ClassVar[str] = ""

    #: The link to the page to go on with after an error, if any.
    back: ClassVar[str] = ""
    back_url: ClassVar[str] = ""

    _layout = ViewPageTemplateFile("layout.pt")
    _differences = ViewPageTemplateFile("differences.pt")
    _error = ViewPageTemplateFile("error.pt")

    @property
    def frame(self) -> Any:
        """The `IFrame` of the host."""
        return getUtility(IFrame)

    def show(self) -> Any:
        """Publish the view."""
        return self.answered(self._show)

    def main(self) -> str:
        """Return the content of the page, without the frame."""
        raise NotImplementedError

    def token(self) -> dict[str, str]:
        """Return the hidden field with the token for each form."""
        name, value = self.frame.token(self.view_request)
        return {"name": name, "value": value}

    def no_history(self, error: Exception) -> Error:
        """Return the error for an object without history."""
        title, reason = self.title(), error.args[0]
        return Error(
            _(
                "there is no history of ${title}: ${reason}",
                mapping={"title": title, "reason": reason},
            ),
            path=title,
        )

    def translated(self, text: str) -> str:
        """Return a text in the language of the caller."""
        return translated(text, self.request)

    def language(self) -> str:
        """Return the code of the language of the page, which each catalog has."""
        return self.translated(_("en"))

    def files(self, differences: Iterable[Difference]) -> str:
        """Return the part of a page that shows the differences of files."""
        files = [
            {**each._asdict(), "lines": [line._asdict() for line in each.lines]}
            for each in differences
        ]
        return str(self._differences(files=files))

    def _show(self) -> Any:
        status, main = 200, ""
        try:
            self.check_object()
            main = self.main()
        except (Error, *self.host.denials) as error:
            if self._may_log_in(error):
                raise
            self.view_request.abort()
            status, main = self._failed(error)
        heading = self.translated(self.heading)
        body = self._layout(
            heading=heading, tabs=self._tabs(), main=main, language=self.language()
        )
        document = self.frame.document(self, heading, body)
        policy = POLICY.format(styles=self.frame.style_sources)
        headers = {**HEADERS, "Content-Security-Policy": policy}
        return self.view_request.page(status, document, headers)

    def _may_log_in(self, error: Exception) -> bool:
        """Return True if a login may help the caller."""
        return (
            self.view_request.anonymous
            and isinstance(error, self.host.denials)
            and not isinstance(error, FormRefused)
        )

    def way_out(self) -> dict[str, str]:
        """Return the link to the page to go on with."""
        return {"back": self.translated(self.back), "back_url": self.back_url}

    def _failed(self, error: Exception) -> tuple[int, str]:
        """Return the status of the response to an error, and what the page says."""
        is_denied = isinstance(error, self.host.denials)
        status = 403 if is_denied else status_of(error, self.host.refusals)
        text = error.message if isinstance(error, Error) else told(error, self.host)
        advice = getattr(error, "advice", None)
        main = self._error(
            message=self.translated(text),
            advice=advice and self.translated(advice),
            **self.way_out(),
        )
        return status, main

    def _tabs(self) -> list[dict[str, Any]]:
        return [
            {
                "url": f"@@{name}",
                "label": self.translated(label),
                "current": "page" if name == (self.tab or self.__name__) else None,
            }
            for name, label in TABS
            if self.view_request.may(self.context, name)
        ]


def moment(time: float) -> str:
    """Return a time in seconds since 1970 as text for pages."""
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%SZ}"
