"""The pages in the management interface of the toolkit.

They look like the skin Rotterdam.  Its own frame is not used: it has inline event
handlers, which the Content-Security-Policy of the pages forbids.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zope.authentication.interfaces import IAuthentication
from zope.authentication.interfaces import PrincipalLookupError
from zope.browserpage.viewpagetemplatefile import ViewPageTemplateFile
from zope.component import getUtility
from zope.interface import implementer
from zope.security.management import getSecurityPolicy
from zope.security.management import queryInteraction
from zope.security.management import thread_local

from zope.app.fssync.hosts.toolkit.detached import Participation
from zope.app.fssync.server.frame import BaseFrame
from zope.app.fssync.server.interfaces import IFrame
from zope.fssync.errors import Error
from zope.fssync.messages import _

__all__ = ["ToolkitFrame"]

_template = ViewPageTemplateFile("frame.pt")


@implementer(IFrame)
class ToolkitFrame(BaseFrame):
    """See `IFrame`."""

    def document(self, page: Any, title: str, body: str) -> str:
        """See `IFrame`."""
        return str(_template(page, title=title, body=body, language=page.language()))

    @contextmanager
    def acting(self, page: Any, principal: str) -> Iterator[None]:
        """See `IFrame`."""
        try:
            found = getUtility(IAuthentication).getPrincipal(principal)
        except PrincipalLookupError:
            raise Error(
                _("there is no user '${principal}'", mapping={"principal": principal})
            ) from None
        before = queryInteraction()
        thread_local.interaction = getSecurityPolicy()(Participation(found))
        try:
            yield
        finally:
            thread_local.interaction = before
