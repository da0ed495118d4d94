"""Runs what a test sends, inside of the server: to start Plone anew takes long."""

from __future__ import annotations

import contextlib
import io
import traceback

import transaction
from AccessControl.SecurityManagement import newSecurityManager
from AccessControl.users import system
from plone.protect.interfaces import IDisableCSRFProtection
from zope.component.hooks import setSite
from zope.interface import alsoProvides
from zope.publisher.browser import BrowserView

__all__ = ["Console"]


class Console(BrowserView):
    """Runs a script with ``app`` and ``site``, and returns what it prints."""

    def __call__(self) -> str:
        """Publish the view; the transaction is that of the request."""
        alsoProvides(self.request, IDisableCSRFProtection)
        app = self.context.getPhysicalRoot()
        newSecurityManager(self.request, system.__of__(app.acl_users))
        setSite(app.Plone)
        # Plone transforms what looks like a page.
        response = self.request.response
        response.setHeader("Content-Type", "text/plain; charset=utf-8")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            source = self.request["BODYFILE"].read().decode("utf-8")
            try:
                exec(source, {"app": app, "site": app.Plone})  # noqa: S102
            except Exception:
                transaction.abort()
                response.setStatus(500)
                return traceback.format_exc()
        return printed.getvalue()
