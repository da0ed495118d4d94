"""The page that shows the history of an object."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from zope.browserpage.viewpagetemplatefile import ViewPageTemplateFile

from zope.app.fssync.browser.arguments import transaction_id
from zope.app.fssync.browser.pages.messages import _
from zope.app.fssync.browser.pages.page import Page
from zope.app.fssync.browser.pages.page import moment
from zope.app.fssync.browser.views import SnarfView
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.log import Change
from zope.app.fssync.server.changes.log import Log
from zope.app.fssync.server.changes.log import Transaction
from zope.app.fssync.server.changes.log import Wanted
from zope.app.fssync.server.comparing import compared
from zope.app.fssync.server.oldstate import NAME
from zope.app.fssync.server.oldstate import old_state
from zope.app.fssync.server.oldstate import transaction_before
from zope.app.fssync.server.plainfiles import PlainFile
from zope.app.fssync.server.plainfiles import plain_files
from zope.fssync.errors import NoLongerThere
from zope.fssync.limits import SERVER

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
                transactions=[_shown(each) for each in page.transactions],
                before=page.before and page.before.hex(),
            )
        )

    def _transaction(self, tid: bytes) -> str:
        found = transaction_of(self, tid)
        every = _changes(found)
        changes = every[: SERVER.compared_changes]
        return str(
            self._one(
                transaction=_shown(found),
                changes=[self._change(tid, each) for each in changes],
                more=len(every) - len(changes),
                undo=UNDO if self.frame.may(self, UNDO) else None,
                token=self.token(),
            )
        )

    def _change(self, tid: bytes, change: Change) -> dict[str, Any]:
        before = transaction_before(tid)
        origin = change.before if change.before and change.keys else change.keys
        with ExitStack() as stack:
            old = {} if change.letter == "A" else self._files(stack, before, origin)
            new = {} if change.letter == "D" else self._files(stack, tid, change.keys)
            return {**_told(change), "files": self.files(compared(old, new))}

    def _files(
        self, stack: ExitStack, at: bytes, keys: tuple[Any, ...]
    ) -> dict[str, PlainFile]:
        """Return the files that an object had, without those of its items."""
        path = "/".join(map(str, keys))
        state = old_state(self.context, self.host, at, path, deep=False)
        found = stack.enter_context(state)
        return {} if found is None else dict(_named(plain_files(found.archive)))


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


def _named(files: Iterator[PlainFile]) -> Iterator[tuple[str, PlainFile]]:
    for file in files:
        yield file.name.removeprefix(f"{NAME}/") or "/", file


def _shown(found: Transaction) -> dict[str, Any]:
    every = _changes(found)
    changes = every[: SERVER.shown_transactions]
    return {
        "id": found.tid.hex(),
        "time": moment(found.time),
        "user": found.user,
        "note": found.note,
        "versions": found.versions,
        "changes": [_told(each) for each in changes],
        "more": len(every) - len(changes),
    }


def _changes(found: Transaction) -> list[Change]:
    """Return the changes with the move of the context itself among them."""
    if found.origin is None:
        return found.changes
    own = Change("R", (), found.origin)
    return [own, *(change for change in found.changes if change.keys)]


def _told(change: Change) -> dict[str, Any]:
    return {
        "what": _letters[change.letter],
        "path": "/".join(map(str, change.keys)) or ".",
        "origin": "/".join(map(str, change.before)) if change.before else "",
    }
