"""The page that undoes a transaction: first a rehearsal, then one transaction."""

from __future__ import annotations

from contextlib import AbstractContextManager

from zope.app.fssync.browser.arguments import transaction_id
from zope.app.fssync.browser.pages.history import transaction_of
from zope.app.fssync.browser.pages.rehearsing import RehearsingPage
from zope.app.fssync.browser.pages.rehearsing import Result
from zope.app.fssync.browser.pages.rehearsing import digest_of
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.logentry import Transaction
from zope.app.fssync.server.oldstate import OldState
from zope.app.fssync.server.oldstate import old_state
from zope.app.fssync.server.oldstate import transaction_before
from zope.app.fssync.server.takingback import ALL
from zope.app.fssync.server.takingback import Rest
from zope.app.fssync.server.takingback import TakingBack
from zope.app.fssync.server.takingback import concerned
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import UsageError
from zope.fssync.errors import Withheld
from zope.fssync.limits import SERVER
from zope.fssync.messages import _

__all__ = ["UndoPage"]

_HISTORY = "synchronize-history.html"


class UndoPage(RehearsingPage):
    """Show the changes that undo a transaction, and make them on confirmation.

    It needs the permissions to see the history and to commit.
    """

    heading = _("Synchronize: take back")
    nothing = _("Nothing of this is left to be taken back.")
    label_confirm = _("Take it back")
    tab = _HISTORY
    back = _("All transactions")
    back_url = f"@@{_HISTORY}"

    def main(self) -> str:
        """See `Page`."""
        self.check_readable()
        if not self.view_request.may(self.context, _HISTORY):
            raise Withheld(
                _(
                    "you may not see the history of ${title}",
                    mapping={"title": self.title()},
                )
            )
        if self.view_request.method() != "POST":
            raise UsageError(
                _("nothing was chosen to be taken back"),
                advice=_("Choose a transaction of the history."),
            )
        self.frame.check(self.view_request)
        at = transaction_id("at", self.text("at") or None)
        if at is None:
            raise UsageError(_("the argument 'at' is missing"))
        try:
            return self._take_back(at)
        except HistoryUnavailable as error:
            raise self.no_history(error) from error

    def _take_back(self, at: bytes) -> str:
        found = transaction_of(self, at)
        if len(found.changes) > SERVER.taken_back:
            raise LimitExceeded(
                _(
                    "it has ${number} changes, of which a page takes back ${most}",
                    mapping={"number": len(found.changes), "most": SERVER.taken_back},
                ),
                advice=_("Take it back by parts, or with 'zsync undo'."),
            )
        note = f"Undo {found.tid.hex()}: {found.note}".rstrip(": ")
        if self.view_request.field("confirm") is None:
            return self.rehearsed(self._perform(found), note, at=at.hex())
        self.label()
        self.view_request.promise()
        result = self._perform(found)
        if self.is_as_shown(result):
            return self.done(result)
        return self.rehearsed(result, self.text("note"), at=at.hex())

    def _perform(self, found: Transaction) -> Result:
        """Undo a transaction, by several commits in one transaction if needed."""

        def read(
            path: str, is_after: bool, deep: bool
        ) -> AbstractContextManager[OldState | None]:
            at = found.tid if is_after else transaction_before(found.tid)
            return old_state(self.context, self.host, at, path, deep)

        label = f"before {found.tid.hex()}"
        results: list[Result] = []
        digest = ""
        rest: Rest | None = ALL
        while rest is not None:
            with (
                self.current(concerned(found.changes, rest)) as mine,
                TakingBack(mine, found.changes, read, label, rest=rest) as plan,
            ):
                digest = digest or digest_of(mine.stream)
                results.append(self.perform(plan))
            rest = None if results[-1].refused else plan.next
        return Result.joined(results, digest)
