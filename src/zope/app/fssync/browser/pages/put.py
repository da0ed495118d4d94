"""The page that takes an upload: first a rehearsal, then one transaction."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from typing import Any
from typing import NamedTuple

from zope.browserpage.viewpagetemplatefile import ViewPageTemplateFile
from zope.component import queryUtility

from zope.app.fssync.browser.pages.messages import _
from zope.app.fssync.browser.pages.page import Page
from zope.app.fssync.browser.views import SnarfCommit
from zope.app.fssync.server import faults
from zope.app.fssync.server.checkout import checkout
from zope.app.fssync.server.checkout import unreadable
from zope.app.fssync.server.comparing import compared
from zope.app.fssync.server.errorresponse import told
from zope.app.fssync.server.making import made_of
from zope.app.fssync.server.uploaded import Upload
from zope.app.fssync.server.uploadplan import ADDED
from zope.app.fssync.server.uploadplan import CHANGED
from zope.app.fssync.server.uploadplan import REMOVED
from zope.app.fssync.server.uploadplan import Edit
from zope.app.fssync.server.uploadplan import Plan
from zope.app.fssync.server.uploads import UPLOADS
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import UsageError
from zope.fssync.files import chunks
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SERVER
from zope.fssync.repository import SnarfRepository
from zope.fssync.task import Commit
from zope.fssync.task.base import identifier
from zope.fssync.task.commit import CommitFailed
from zope.fssync.task.moves import Moves
from zope.fssync.task.walk import child

__all__ = ["PutPage"]

_words = {ADDED: _("added"), CHANGED: _("changed"), REMOVED: _("removed")}


class Result(NamedTuple):
    """What an upload does; ``digest`` is that of all that is sent to a commit."""

    edits: list[Edit]
    refused: list[tuple[str, str]]
    found: list[faults.Fault]
    digest: str


class PutPage(Page, SnarfCommit):
    """Takes a zip, shows what it would change, and does that when it is confirmed."""

    heading = _("Synchronize: put")

    _form = ViewPageTemplateFile("put.pt")
    _rehearsal = ViewPageTemplateFile("rehearsal.pt")
    _done = ViewPageTemplateFile("done.pt")

    def main(self) -> str:
        """See `Page`."""
        self.check_readable()
        if self.view_request.method() != "POST":
            return str(self._form(token=self._token()))
        self.frame.check(self.view_request)
        if self.view_request.field("confirm") is not None:
            return self._confirm()
        return self._rehearse()

    def _token(self) -> dict[str, str]:
        name, value = self.frame.token(self.view_request)
        return {"name": name, "value": value}

    @property
    def _owner(self) -> tuple[str, str]:
        found = identifier(self.host.identity(self.host.bare(self.context)))
        return self.view_request.user() or "", found or ""

    def _text(self, name: str) -> str:
        found = self.view_request.field(name)
        return found if isinstance(found, str) else ""

    # Two steps

    def _rehearse(self) -> str:
        upload = self.view_request.field("upload")
        if not getattr(upload, "filename", ""):
            raise UsageError("no file was chosen", advice="Choose a zip.")
        kept = UPLOADS.keep(self._owner, upload)
        return self._rehearsed(kept, changed=False)

    def _rehearsed(self, kept: str, changed: bool) -> str:
        removes = bool(self._text("remove"))
        with UPLOADS.using(kept, self._owner) as stream:
            result = self._perform(stream, removes)
            # The differences are read before the files are closed.
            shown = self._shown(result)
        self.view_request.abort()
        return str(
            self._rehearsal(
                token=self._token(),
                kept=kept,
                removes=removes,
                digest=result.digest,
                note=self._text("note"),
                changed=changed,
                may_commit=bool(result.edits) and not result.refused,
                **shown,
            )
        )

    def _confirm(self) -> str:
        kept = self._text("kept")
        self._note()
        with UPLOADS.using(kept, self._owner) as stream:
            self.view_request.promise()
            result = self._perform(stream, bool(self._text("remove")))
        if result.refused or result.digest != self._text("digest"):
            self.view_request.abort()
            return self._rehearsed(kept, changed=True)
        self.view_request.follow(self.host.bare(self.context))
        return str(self._done(number=len(result.edits), note=self._text("note")))

    def _note(self) -> None:
        note = self._text("note")
        most = queryUtility(ILimits, default=DEFAULT).note_size
        if len(note.encode("utf-8", "replace")) > most:
            raise LimitExceeded(f"the message has more than {most} bytes")
        self.view_request.note(note)

    # The commit

    def _perform(self, stream: IO[bytes], removes: bool) -> Result:
        """Bring the objects to the state of the upload, as far as it is accepted."""
        with self._current() as mine:
            plan = Plan(mine, Upload(stream), self._made, removes)
            with plan.archive() as archive:
                digest = _digest(archive)
                refused: list[tuple[str, str]] = list(plan.refused)
                found: list[faults.Fault] = []
                if plan.edits and not refused:
                    refused, found = self._commit(archive)
            edits = [_held(edit) for edit in plan.edits]
        return Result(edits, refused, found, digest)

    @contextmanager
    def _current(self) -> Iterator[SnarfRepository]:
        with tempfile.TemporaryFile() as stream:
            task = checkout(self.context, self.title(), stream, self.access)
            if task.failed:
                raise unreadable(task.failed)
            yield SnarfRepository(stream)

    def _made(self, path: str, name: str, is_directory: bool) -> str | None:
        """Return the class of what is new in the container at a path in the archive."""
        obj, owner = self.context, None
        for key in path.split("/")[1:]:
            synchronizer = self.access(obj, context=owner)
            owner, obj = obj, child(synchronizer, key)
        return made_of(self.host, obj, name, is_directory)

    def _commit(
        self, archive: IO[bytes]
    ) -> tuple[list[tuple[str, str]], list[faults.Fault]]:
        """Commit an archive; return what was refused, and what does not compile."""
        self.repository = SnarfRepository(archive)
        self.set_arguments()
        self.moves = Moves.of(self.repository, self.fspath, None)
        check = self.call_checker()
        if self.errors:
            return [(path, "it is not up to date") for path in self.errors], []
        hooks = self.hooks()
        task = Commit(
            self.access,
            self.repository,
            unchanged=check.unchanged,
            settled=check.settled,
            moves=self.moves,
            hooks=hooks,
        )
        try:
            task.perform(self.container, self.name, self.fspath, self.obj)
            faults.refuse(hooks.faults, False)
        except CommitFailed as error:
            failures = error.failures
            return [(path, told(cause, self.host)) for path, cause in failures], []
        return [], list(hooks.faults)

    def _shown(self, result: Result) -> dict[str, Any]:
        edits = [
            {
                "what": _words[edit.what],
                "name": edit.name,
                "files": self.files(
                    compared(
                        {edit.name: edit.old} if edit.old else {},
                        {edit.name: edit.new} if edit.new else {},
                    )
                ),
            }
            for edit in result.edits[: SERVER.shown_paths]
        ]
        return {
            "edits": edits,
            "more": len(result.edits) - len(edits),
            "refused": [
                {"name": name, "reason": reason} for name, reason in result.refused
            ],
            "faults": faults.warnings(result.found).splitlines(),
        }


def _digest(stream: IO[bytes]) -> str:
    found = hashlib.sha256()
    for piece in chunks(stream):
        found.update(piece)
    stream.seek(0)
    return found.hexdigest()


def _held(edit: Edit) -> Edit:
    """Return an edit that does not need the archive of what was there."""
    old = edit.old
    if old is None or old.size > SERVER.compared_size:
        return edit
    content = b"".join(old.pieces())
    return edit._replace(old=old._replace(pieces=lambda: [content]))
