"""The pages in the site setup of Plone."""

from __future__ import annotations

from typing import Any

from plone.base.interfaces import INonInstallable
from plone.protect.authenticator import check
from plone.protect.authenticator import createToken
from Products.Five.browser import BrowserView
from Products.Five.browser.pagetemplatefile import ViewPageTemplateFile
from zExceptions import Forbidden
from zope.interface import implementer

from zope.app.fssync.hosts.ofs.frame import ZopeFrame
from zope.app.fssync.server.frame import FormRefused
from zope.app.fssync.server.interfaces import IFrame

__all__ = ["HiddenProfiles", "PloneFrame"]


class _Document(BrowserView):
    """A view with a template in the frame of the site setup."""

    template = ViewPageTemplateFile("frame.pt")


@implementer(IFrame)
class PloneFrame(ZopeFrame):
    """See `IFrame`: the token is that of plone.protect."""

    #: The scripts of Plone add inline styles to each page.
    style_sources = "'self' 'unsafe-inline'"

    def document(self, page: Any, title: str, body: str) -> str:
        """See `IFrame`."""
        view = _Document(page.context, page.request)
        return str(view.template(title=title, body=body))

    def token(self, view_request: Any) -> tuple[str, str]:
        """See `IFrame`."""
        return "_authenticator", createToken()

    def check(self, view_request: Any) -> None:
        """See `IFrame`."""
        try:
            check(view_request.request)
        except Forbidden as error:
            raise FormRefused from error


@implementer(INonInstallable)
class HiddenProfiles:
    """The profiles that a new site is not offered."""

    def getNonInstallableProfiles(self) -> list[str]:
        """See `INonInstallable`."""
        return ["zope.app.fssync.hosts.plone:uninstall"]

    def getNonInstallableProducts(self) -> list[str]:
        """See `INonInstallable`."""
        return []
