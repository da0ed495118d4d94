"""The base of the pages that change objects: a rehearsal, then one transaction.

The rehearsal is a commit that is undone.  The page has a digest of the changes; nothing
is changed on confirmation if the changes have another digest by then.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from typing import IO
from typing import Any
from typing import ClassVar
from typing import NamedTuple
from typing import Protocol

from zope.browserpage.viewpagetemplatefile import ViewPageTemplateFile
from zope.component import queryUtility

from zope.app.fssync.browser.commit import SnarfCommit
from zope.app.fssync.browser.pages.page import Page
from zope.app.fssync.server import faults
from zope.app.fssync.server.checkout import checkout
from zope.app.fssync.server.checkout import unreadable
from zope.app.fssync.server.comparing import compared
from zope.app.fssync.server.errorresponse import told
from zope.app.fssync.server.plainfiles import PlainFile
from zope.app.fssync.server.uploadplan import ADDED
from zope.app.fssync.server.uploadplan import CHANGED
from zope.app.fssync.server.uploadplan import MOVED
from zope.app.fssync.server.uploadplan import REMOVED
from zope.app.fssync.server.uploadplan import Edit
from zope.fssync.changeset import Scope
from zope.fssync.errors import LimitExceeded
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SERVER
from zope.fssync.messages import _
from zope.fssync.repository import SnarfRepository
from zope.fssync.sparse import Sparse
from zope.fssync.streams import chunks
from zope.fssync.task.commit import CommitFailed
from zope.fssync.task.moves import Moves

__all__ = ["Planned", "RehearsingPage", "Result", "digest_of"]

_words = {
    ADDED: _("added"),
    CHANGED: _("changed"),
    MOVED: _("moved"),
    REMOVED: _("removed"),
}


class Planned(Protocol):
    """A plan: the edits, and the names with reasons of those that were refused."""

    edits: list[Edit]
    refused: list[tuple[str, str]]

    def archive(self) -> IO[bytes]:
        """Return a temporary file with the archive for a commit."""


class Result(NamedTuple):
    """The result of a plan; ``digest`` is that of all that it depends on."""

    edits: list[Edit]
    refused: list[tuple[str, str]]
    found: Sequence[faults.Fault]
    digest: str

    @classmethod
    def joined(cls, results: Sequence[Result], digest: str) -> Result:
        """Return the result of several commits, one after the other."""
        return cls(
            [edit for each in results for edit in each.edits],
            results[-1].refused,
            [fault for each in results for fault in each.found],
            digest,
        )


class RehearsingPage(Page, SnarfCommit):
    """Show the changes of a plan, and make them when the user confirms them.

    Subclasses make the plan.
    """

    _rehearsal = ViewPageTemplateFile("rehearsal.pt")
    _done = ViewPageTemplateFile("done.pt")

    #: The message if there is nothing to do, and the label of the button.
    nothing: ClassVar[str]
    label_confirm: ClassVar[str]

    def text(self, name: str) -> str:
        """Return a field of the form, empty if it is missing."""
        found = self.view_request.field(name)
        return found if isinstance(found, str) else ""

    def rehearsed(self, result: Result, note: str, **fields: str) -> str:
        """Return the page of the rehearsal; the form sends ``fields`` again."""
        shown = self._shown(result)
        self.view_request.abort()
        fields["digest"] = result.digest
        return str(
            self._rehearsal(
                action=f"@@{self.__name__}",
                token=self.token(),
                fields=[{"name": name, "value": fields[name]} for name in fields],
                note=note,
                changed=self._is_confirmed(),
                may_commit=bool(result.edits) and not result.refused,
                nothing=self.translated(self.nothing),
                label=self.translated(self.label_confirm),
                **self.way_out(),
                **shown,
            )
        )

    def is_as_shown(self, result: Result) -> bool:
        """Return True if the user has confirmed this result; else abort."""
        if not result.refused and result.digest == self.text("digest"):
            return True
        self.view_request.abort()
        return False

    def done(self, result: Result) -> str:
        """Return the page after the changes."""
        self.view_request.follow(self.host.bare(self.context))
        return str(
            self._done(
                number=len(result.edits),
                note=self.text("note"),
                **self.way_out(),
            )
        )

    def label(self) -> None:
        """Set the note of the transaction to the message of the form."""
        note = self.text("note")
        most = queryUtility(ILimits, default=DEFAULT).note_size
        if len(note.encode("utf-8", "replace")) > most:
            raise LimitExceeded(
                _("the message has more than ${size} bytes", mapping={"size": most})
            )
        self.view_request.note(note)

    def _is_confirmed(self) -> bool:
        return self.view_request.field("confirm") is not None

    @contextmanager
    def current(self, sparse: Sparse | None = None) -> Iterator[SnarfRepository]:
        """Yield the archive of the current objects, as far as ``sparse`` has them."""
        with tempfile.TemporaryFile() as stream:
            task = checkout(self.context, self.title(), stream, self.access, sparse)
            if task.failed:
                raise unreadable(task.failed)
            yield SnarfRepository(stream)

    def perform(self, plan: Planned) -> Result:
        """Commit a plan, unless something of it is refused."""
        if not self._is_confirmed():
            self.host.rehearse(self.context)
        with plan.archive() as archive:
            digest = digest_of(archive)
            refused: list[tuple[str, str]] = list(plan.refused)
            if plan.edits and not refused:
                refused = self._commit(archive)
        found = [] if refused else self.found
        return Result([_held(edit) for edit in plan.edits], refused, found, digest)

    def is_intact(self, obj: Any) -> bool:
        """See `SnarfCommit`: the archive was read in the same transaction."""
        return True

    def _commit(self, archive: IO[bytes]) -> list[tuple[str, str]]:
        """Commit an archive; return the refused names with reasons."""
        self.repository = SnarfRepository(archive)
        self.set_arguments()
        self.scope = Scope.of(self.repository)
        self.moves = Moves.of(self.repository, self.fspath, self.scope)
        check = self.call_checker()
        if self.errors:
            return [(path, _("it is not up to date")) for path in self.errors]
        try:
            self.commit(check)
        except CommitFailed as error:
            return [(path, told(cause, self.host)) for path, cause in error.failures]
        return []

    def _shown(self, result: Result) -> dict[str, Any]:
        edits = [
            {
                "what": self.translated(_words[edit.what]),
                "is_removed": edit.what == REMOVED,
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
            "removed": sum(edit.what == REMOVED for edit in result.edits),
            "refused": [
                {"name": name, "reason": self.translated(reason)}
                for name, reason in result.refused
            ],
            "faults": faults.lines(result.found),
        }


def digest_of(stream: IO[bytes]) -> str:
    """Return the digest of a file."""
    found = hashlib.sha256()
    stream.seek(0)
    for piece in chunks(stream):
        found.update(piece)
    stream.seek(0)
    return found.hexdigest()


def _held(edit: Edit) -> Edit:
    """Return an edit with its contents in memory."""
    return edit._replace(old=_held_file(edit.old), new=_held_file(edit.new))


def _held_file(file: PlainFile | None) -> PlainFile | None:
    if file is None or file.size > SERVER.compared_size:
        return file
    content = b"".join(file.pieces())
    return file._replace(pieces=lambda: [content])
