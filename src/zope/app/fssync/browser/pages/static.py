"""The style sheet and the script of the pages."""

from __future__ import annotations

from pkgutil import get_data
from typing import Any
from typing import ClassVar

from zope.publisher.browser import BrowserView

__all__ = ["Script", "Style", "ToolkitStyle"]


class _File(BrowserView):
    """Send a file of this package."""

    content_type: ClassVar[str]
    file: ClassVar[str]

    def show(self) -> Any:
        """Publish the view."""
        response = self.request.response
        response.setHeader("Content-Type", self.content_type)
        response.setHeader("Cache-Control", "public, max-age=3600")
        response.setHeader("X-Content-Type-Options", "nosniff")
        return get_data(__package__, self.file)


class Style(_File):
    """The style sheet."""

    content_type = "text/css;charset=utf-8"
    file = "pages.css"


class ToolkitStyle(Style):
    """The style sheet of the frame of the toolkit."""

    file = "toolkit.css"


class Script(_File):
    """The script; pages work without it."""

    content_type = "text/javascript;charset=utf-8"
    file = "pages.js"
