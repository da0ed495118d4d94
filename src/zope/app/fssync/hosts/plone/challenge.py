"""Respond to requests of zsync with the status 401 instead of a login form."""

from __future__ import annotations

from typing import Any

from Products.PluggableAuthService.interfaces.request import IWebDAVRequest
from Products.PluggableAuthService.plugins.RequestTypeSniffer import registerSniffer
from zope.configuration.interfaces import IConfigurationContext
from zope.interface import Interface

__all__ = ["IChallengeDirective", "answer_401", "is_ours"]


class IChallengeDirective(Interface):
    """Make Plone's user folder ask zsync for a password by HTTP."""


def is_ours(request: Any) -> bool:
    """Return True if a request is for a view of zsync.

    The chooser of the user folder treats such requests like those of WebDAV, whose
    clients cannot show a form, either.
    """
    path = str(request.get("PATH_INFO", ""))
    return path.rpartition("/")[2].endswith(".snarf")


def answer_401(_context: IConfigurationContext) -> None:
    """Handle ``fssync:answer401``."""
    _context.action(
        discriminator=("fssync:answer401",),
        callable=registerSniffer,
        args=(IWebDAVRequest, is_ours),
    )
