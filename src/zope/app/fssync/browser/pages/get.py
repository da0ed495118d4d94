"""The page to download objects: a command to copy, and a zip."""

from __future__ import annotations

import shlex
import tempfile
from typing import Any
from urllib.parse import quote
from urllib.parse import urlsplit

from zope.browserpage.viewpagetemplatefile import ViewPageTemplateFile

from zope.app.fssync.browser.checkout import SnarfFile
from zope.app.fssync.browser.checkout import withheld
from zope.app.fssync.browser.pages.page import Page
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.checkout import checkout
from zope.app.fssync.server.checkout import unreadable
from zope.app.fssync.server.uploaded import Base
from zope.app.fssync.server.zipped import ZippedArchive
from zope.fssync.interfaces import IDirectorySerializer
from zope.fssync.messages import _

__all__ = ["GetPage", "ZipDownload", "checkout_command"]


def checkout_command(url: str, login: str | None) -> str:
    """Return the shell command that checks out the object at a URL."""
    if login:
        parts = urlsplit(url)
        place = f"{quote(login, safe='')}@{parts.netloc}"
        url = parts._replace(netloc=place).geturl()
    return f"zsync checkout {shlex.quote(url)}"


class GetPage(Page):
    """Show how to download the context."""

    heading = _("Synchronize: get a copy")

    _main = ViewPageTemplateFile("get.pt")

    def main(self) -> str:
        """See `Page`."""
        self.check_readable()
        view_request = self.view_request
        url = view_request.url(self.context)
        command = checkout_command(url, view_request.login())
        edit = f"zsync-edit:{url}" if self._can_edit() else None
        return str(self._main(command=command, edit=edit, title=self.title()))

    def _can_edit(self) -> bool:
        """Return True if the context is a file that the caller may commit."""
        if IDirectorySerializer.providedBy(self.access(self.context)):
            return False
        return bool(self.view_request.may(self.context, "synchronize-put.html"))


class ZipDownload(SnarfFile):
    """Send the context and all below it as a zip.

    With the argument ``content`` it has no descriptions.  Otherwise it records its
    transaction, so that Put can merge it.
    """

    def archive(self) -> Any:
        """See `SnarfView`."""
        self.check_readable()
        stream = tempfile.TemporaryFile()  # noqa: SIM115
        task = checkout(self.context, self.title(), stream, self.access)
        if task.failed:
            raise unreadable(task.failed)
        described = self.view_request.argument("content") is None
        headers = {
            **withheld(task),
            "Content-Type": "application/zip",
            "Content-Disposition": disposition(f"{self.title()}.zip"),
            "X-Content-Type-Options": "nosniff",
        }
        base = self._base() if described else None
        zipped = ZippedArchive(stream, described, base, len(task.withheld))
        return self.view_request.stream(zipped, headers)

    def _base(self) -> Base | None:
        """Return the transaction of the zip, None if it cannot be read again later."""
        if not self.view_request.may(self.context, "synchronize-history.html"):
            return None
        context = self.host.bare(self.context)
        try:
            history = History(context._p_jar)
            history.check_undoable()
        except HistoryUnavailable:
            return None
        return Base(history.now, context._p_oid)


def disposition(name: str) -> str:
    """Return the Content-Disposition with which a browser saves a file."""
    plain = "".join(char if _is_plain(char) else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_plain(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char in "._- ")
