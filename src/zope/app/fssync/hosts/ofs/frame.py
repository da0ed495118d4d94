"""The pages in the management interface of Zope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from AccessControl import getSecurityManager
from AccessControl.SecurityManagement import newSecurityManager
from AccessControl.SecurityManagement import setSecurityManager
from Acquisition import aq_base
from Acquisition import aq_chain
from zope.interface import implementer

from zope.app.fssync.server.frame import BaseFrame
from zope.app.fssync.server.interfaces import IFrame
from zope.fssync.errors import Error
from zope.fssync.messages import _

__all__ = ["LABEL", "ZopeFrame"]

#: Matches an attribute with an inline script.
_HANDLER = re.compile(r"""\son[a-z]+=("[^"]*"|'[^']*')""")

#: The label of the tab.
LABEL = "Synchronize"


@implementer(IFrame)
class ZopeFrame(BaseFrame):
    """See `IFrame`.

    The footer of the management interface and event handlers are left out: they are
    inline scripts, which the Content-Security-Policy of the pages forbids.
    """

    def document(self, page: Any, title: str, body: str) -> str:
        """See `IFrame`."""
        context = page.context
        head = context.manage_page_header()
        tabs = context.manage_tabs(management_view=LABEL)
        above = _HANDLER.sub("", f"{head}{tabs}")
        return f'{above}<main class="container-fluid">{body}</main></body></html>'

    @contextmanager
    def acting(self, page: Any, principal: str) -> Iterator[None]:
        """See `IFrame`."""
        user = _user(page.context, principal)
        if user is None:
            raise Error(
                _("there is no user '${principal}'", mapping={"principal": principal})
            )
        before = getSecurityManager()
        newSecurityManager(None, user)
        try:
            yield
        finally:
            setSecurityManager(before)


def _user(context: Any, principal: str) -> Any:
    """Return the user with an id from the nearest user folder that knows it."""
    for each in aq_chain(context):
        folder = getattr(aq_base(each), "__allow_groups__", None)
        if folder is None:
            continue
        folder = folder.__of__(each)
        user = folder.getUserById(principal)
        if user is not None:
            return user if aq_chain(user)[1:] else user.__of__(folder)
    return None
