"""The page that takes an upload: first a rehearsal, then one transaction."""

from __future__ import annotations

from contextlib import ExitStack
from contextlib import suppress
from typing import IO

from zope.browserpage.viewpagetemplatefile import ViewPageTemplateFile

from zope.app.fssync.browser.pages.rehearsing import RehearsingPage
from zope.app.fssync.browser.pages.rehearsing import Result
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.making import made_of
from zope.app.fssync.server.mergedupload import MergedUpload
from zope.app.fssync.server.oldstate import old_state
from zope.app.fssync.server.plainfiles import PlainFile
from zope.app.fssync.server.plainfiles import plain_files
from zope.app.fssync.server.uploaded import Base
from zope.app.fssync.server.uploaded import Upload
from zope.app.fssync.server.uploadedfolder import sent_files
from zope.app.fssync.server.uploadedfolder import zipped_folder
from zope.app.fssync.server.uploadplan import Plan
from zope.app.fssync.server.uploads import UPLOADS
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError
from zope.fssync.messages import _
from zope.fssync.task.base import identifier
from zope.fssync.task.walk import child

__all__ = ["PutPage"]

_ADVICE = _("Without '@@.base' a zip is compared with the objects as they are now.")


class PutPage(RehearsingPage):
    """Accept an uploaded zip or folder.

    Show its changes, and make them when the user confirms them.
    """

    heading = _("Synchronize: put")
    nothing = _("The upload changes nothing.")
    label_confirm = _("Change the objects")
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

    def _rehearse(self) -> str:
        kept = self._keep()
        with UPLOADS.using(kept, self._owner) as stream:
            result = self._perform(stream)
        return self._rehearsed(result, kept)

    def _keep(self) -> str:
        """Keep the uploaded zip or folder; return the name of the upload."""
        files = sent_files(self.view_request.field("upload"))
        if files:
            return UPLOADS.keep(self._owner, files[0])
        folder = sent_files(self.view_request.field("folder"))
        if not folder:
            raise UsageError(
                _("no file was chosen"), advice=_("Choose a zip or a folder.")
            )
        with zipped_folder(folder) as stream:
            return UPLOADS.keep(self._owner, stream)

    def _rehearsed(self, result: Result, kept: str) -> str:
        fields = {"kept": kept}
        if self.text("remove"):
            fields["remove"] = "1"
        return self.rehearsed(result, self.text("note"), **fields)

    def _confirm(self) -> str:
        kept = self.text("kept")
        self.label()
        with UPLOADS.using(kept, self._owner) as stream:
            self.view_request.promise()
            result = self._perform(stream)
        if self.is_as_shown(result):
            return self.done(result)
        return self._rehearsed(result, kept)

    def _perform(self, stream: IO[bytes]) -> Result:
        removes = bool(self.text("remove"))
        upload = Upload(stream)
        with ExitStack() as stack:
            mine = stack.enter_context(self.current())
            base = None if upload.base is None else self._base(stack, upload.base)
            if base is None:
                return self.perform(Plan(mine, upload, self._made, removes))
            merged = MergedUpload(upload, base, list(plain_files(mine)))
            plan = Plan(mine, merged, self._made, removes)
            plan.refused += merged.refused
            return self.perform(plan)

    def _base(self, stack: ExitStack, base: Base) -> list[PlainFile]:
        """Return the files as they were downloaded."""
        context, found = self.host.bare(self.context), None
        if base.oid != context._p_oid:
            raise Error(_("the zip is one of another object"), advice=_ADVICE)
        if self.view_request.may(self.context, "synchronize-history.html"):
            with suppress(HistoryUnavailable):
                # The zip may come from a copy of the database, with other transactions.
                if History(context._p_jar).has(base.tid):
                    state = old_state(
                        self.context, self.host, base.tid, "", True, self.title()
                    )
                    found = stack.enter_context(state)
        if found is None:
            raise Error(
                _("the state at which the zip was downloaded cannot be read any more"),
                advice=_ADVICE,
            )
        return list(plain_files(found.archive))

    def _made(self, path: str, name: str, is_directory: bool) -> str | None:
        """Return the class of a new object in the container at an archive path."""
        obj, owner = self.context, None
        for key in path.split("/")[1:]:
            synchronizer = self.access(obj, context=owner)
            owner, obj = obj, child(synchronizer, key)
        return made_of(self.host, obj, name, is_directory)
