"""The page that shows the history of an object."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from zope.browserpage.viewpagetemplatefile import ViewPageTemplateFile

from zope.app.fssync.browser.arguments import transaction_id
from zope.app.fssync.browser.pages.page import Page
from zope.app.fssync.browser.pages.page import moment
from zope.app.fssync.browser.snarfview import SnarfView
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.log import Log
from zope.app.fssync.server.changes.logentry import Change
from zope.app.fssync.server.changes.logentry import Transaction
from zope.app.fssync.server.changes.logentry import Wanted
from zope.app.fssync.server.comparing import compared
from zope.app.fssync.server.oldstate import NAME
from zope.app.fssync.server.oldstate import old_state
from zope.app.fssync.server.oldstate import transaction_before
from zope.app.fssync.server.plainfiles import DIRECTORY
from zope.app.fssync.server.plainfiles import PlainFile
from zope.app.fssync.server.plainfiles import plain_files
from zope.fssync.errors import NoLongerThere
from zope.fssync.limits import SERVER
from zope.fssync.messages import _

__all__ = ["HistoryPage", "transaction_of"]

#: The page that undoes a transaction.
UNDO = "synchronize-undo.html"

_letters = {
    "A": _("added"),
    "D": _("removed"),
    "M": _("changed"),
    "R": _("moved"),
}


class HistoryPage(Page):
    """List the transactions that changed the context or anything below it.

    With the argument ``at``, the id of a transaction, it shows the changes of that;
    with ``before`` it continues the list.
    """

    heading = _("Synchronize: history")
    back = _("All transactions")
    back_url = "@@synchronize-history.html"

    _list = ViewPageTemplateFile("history.pt")
    _one = ViewPageTemplateFile("transaction.pt")

    def main(self) -> str:
        """See `Page`."""
        self.check_readable()
        at = transaction_id("at", self.view_request.argument("at"))
        try:
            return self._transactions() if at is None else self._transaction(at)
        except HistoryUnavailable as error:
            raise self.no_history(error) from error

    def _transactions(self) -> str:
        before = transaction_id("before", self.view_request.argument("before") or None)
        log = Log(self.context, self.host, self.access)
        page = log.page(Wanted(), SERVER.shown_transactions, before)
        return str(
            self._list(
                transactions=[self._shown(each) for each in page.transactions],
                before=page.before and page.before.hex(),
            )
        )

    def _transaction(self, tid: bytes) -> str:
        found = transaction_of(self, tid)
        every = _changes(found)
        changes = every[: SERVER.compared_changes]
        return str(
            self._one(
                transaction=self._shown(found),
                changes=[self._change(tid, each) for each in changes],
                more=len(every) - len(changes),
                undo=UNDO if self.view_request.may(self.context, UNDO) else None,
                token=self.token(),
            )
        )

    def _change(self, tid: bytes, change: Change) -> dict[str, Any]:
        before = transaction_before(tid)
        origin = change.before if change.before and change.keys else change.keys
        key = str(change.keys[-1]) if change.keys else self.title()
        with ExitStack() as stack:
            old = () if change.letter == "A" else self._files(stack, before, origin)
            new = () if change.letter == "D" else self._files(stack, tid, change.keys)
            found = compared(_named(old, key), _named(new, key))
            return {**self._told(change), "files": self.files(found)}

    def _files(
        self, stack: ExitStack, at: bytes, keys: tuple[Any, ...]
    ) -> Iterable[PlainFile]:
        """Return the files that an object had, without those of its items."""
        path = "/".join(map(str, keys))
        state = old_state(self.context, self.host, at, path, deep=False)
        found = stack.enter_context(state)
        return () if found is None else plain_files(found.archive)

    def _shown(self, found: Transaction) -> dict[str, Any]:
        every = _changes(found)
        changes = every[: SERVER.shown_transactions]
        return {
            "id": found.tid.hex(),
            "time": moment(found.time),
            "user": found.user,
            "note": found.note,
            "versions": found.versions,
            "changes": [self._told(each) for each in changes],
            "more": len(every) - len(changes),
        }

    def _told(self, change: Change) -> dict[str, Any]:
        return {
            "what": self.translated(_letters[change.letter]),
            "path": "/".join(map(str, change.keys)) or ".",
            "origin": "/".join(map(str, change.before)) if change.before else "",
        }


def transaction_of(view: SnarfView, tid: bytes) -> Transaction:
    """Return a transaction with those of its changes that the caller may see."""
    log = Log(view.context, view.host, view.access)
    found = log.page(Wanted(since=tid, until=tid), 1).transactions
    if not found:
        raise NoLongerThere(
            _(
                "transaction ${id} changed nothing here that you may see",
                mapping={"id": tid.hex()},
            )
        )
    return found[0]


def _changes(found: Transaction) -> list[Change]:
    """Return the changes with the move of the context itself among them."""
    if found.origin is None:
        return found.changes
    own = Change("R", (), found.origin)
    return [own, *(change for change in found.changes if change.keys)]


def _named(files: Iterable[PlainFile], key: str) -> dict[str, PlainFile]:
    """Return the files of an object by their names; ``key`` is that of the object."""
    return {
        file.name.removeprefix(f"{NAME}/")
        if file.name.startswith(f"{NAME}/")
        else file.name.replace(NAME, key, 1): file
        for file in files
        if file.kind != DIRECTORY
    }
