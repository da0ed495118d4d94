"""The page that takes an upload: first a rehearsal, then one transaction."""

from __future__ import annotations

from typing import IO

from zope.browserpage.viewpagetemplatefile import ViewPageTemplateFile

from zope.app.fssync.browser.pages.messages import _
from zope.app.fssync.browser.pages.rehearsing import RehearsingPage
from zope.app.fssync.browser.pages.rehearsing import Result
from zope.app.fssync.server.making import made_of
from zope.app.fssync.server.uploaded import Upload
from zope.app.fssync.server.uploadplan import Plan
from zope.app.fssync.server.uploads import UPLOADS
from zope.fssync.errors import UsageError
from zope.fssync.task.base import identifier
from zope.fssync.task.walk import child

__all__ = ["PutPage"]


class PutPage(RehearsingPage):
    """Takes a zip, shows what it would change, and does that when it is confirmed."""

    heading = _("Synchronize: put")
    nothing = _("The upload changes nothing.")
    back = _("Choose another file")
    back_url = "@@synchronize-put.html"

    _form = ViewPageTemplateFile("put.pt")

    def main(self) -> str:
        """See `Page`."""
        self.check_readable()
        if self.view_request.method() != "POST":
            return str(self._form(token=self.token()))
        self.frame.check(self.view_request)
        if self.view_request.field("confirm") is not None:
            return self._confirm()
        return self._rehearse()

    @property
    def _owner(self) -> tuple[str, str]:
        found = identifier(self.host.identity(self.host.bare(self.context)))
        return self.view_request.user() or "", found or ""

    # Two steps

    def _rehearse(self) -> str:
        upload = self.view_request.field("upload")
        if not getattr(upload, "filename", ""):
            raise UsageError("no file was chosen", advice="Choose a zip.")
        return self._rehearsed(UPLOADS.keep(self._owner, upload))

    def _rehearsed(self, kept: str) -> str:
        fields = {"kept": kept}
        if self.text("remove"):
            fields["remove"] = "1"
        with UPLOADS.using(kept, self._owner) as stream:
            return self.rehearsed(self._perform(stream), self.text("note"), **fields)

    def _confirm(self) -> str:
        kept = self.text("kept")
        self.label()
        with UPLOADS.using(kept, self._owner) as stream:
            self.view_request.promise()
            result = self._perform(stream)
        return self.done(result) if self.is_as_shown(result) else self._rehearsed(kept)

    def _perform(self, stream: IO[bytes]) -> Result:
        removes = bool(self.text("remove"))
        with self.current() as mine:
            return self.perform(Plan(mine, Upload(stream), self._made, removes))

    def _made(self, path: str, name: str, is_directory: bool) -> str | None:
        """Return the class of what is new in the container at a path in the archive."""
        obj, owner = self.context, None
        for key in path.split("/")[1:]:
            synchronizer = self.access(obj, context=owner)
            owner, obj = obj, child(synchronizer, key)
        return made_of(self.host, obj, name, is_directory)
