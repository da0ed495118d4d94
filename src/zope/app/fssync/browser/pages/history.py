"""The page that shows who changed what, and when."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from typing import Any

from zope.browserpage.viewpagetemplatefile import ViewPageTemplateFile

from zope.app.fssync.browser.pages.messages import _
from zope.app.fssync.browser.pages.page import Page
from zope.app.fssync.browser.tids import transaction_id
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.log import Change
from zope.app.fssync.server.changes.log import Log
from zope.app.fssync.server.changes.log import Transaction
from zope.app.fssync.server.changes.log import Wanted
from zope.app.fssync.server.changes.past import reading
from zope.app.fssync.server.checkout import checkout
from zope.app.fssync.server.comparing import compared
from zope.app.fssync.server.plainfiles import PlainFile
from zope.app.fssync.server.plainfiles import plain_files
from zope.fssync.errors import Error
from zope.fssync.errors import NoLongerThere
from zope.fssync.errors import UsageError
from zope.fssync.limits import SERVER
from zope.fssync.repository import SnarfRepository
from zope.fssync.sparse import EMPTY
from zope.fssync.sparse import Sparse

__all__ = ["HistoryPage"]

_letters = {
    "A": _("added"),
    "D": _("removed"),
    "M": _("changed"),
    "R": _("moved"),
}


class HistoryPage(Page):
    """Lists the transactions that changed the context or what is below it.

    With the argument ``at``, the id of one of them, it shows what that changed; with
    ``skip`` the list goes on.
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
            raise Error(
                f"there is no history of {self.title()}: {error}", path=self.title()
            ) from error

    # The list

    def _transactions(self) -> str:
        skip = self._skip()
        log = Log(self.context, self.host, self.access)
        page = log.page(Wanted(), SERVER.shown_transactions, skip)
        return str(
            self._list(
                transactions=[_shown(each) for each in page.transactions],
                skip=page.skip,
            )
        )

    def _skip(self) -> int:
        text = self.view_request.argument("skip") or "0"
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise UsageError("the argument 'skip' is no number")
        return int(text)

    # One transaction

    def _transaction(self, tid: bytes) -> str:
        log = Log(self.context, self.host, self.access)
        page = log.page(Wanted(since=tid, until=tid), 1)
        if not page.transactions:
            raise NoLongerThere(
                f"transaction {tid.hex()} changed nothing here that you may see"
            )
        found = page.transactions[0]
        changes = found.changes[: SERVER.compared_changes]
        return str(
            self._one(
                transaction=_shown(found),
                changes=[self._change(tid, each) for each in changes],
                more=len(found.changes) - len(changes),
            )
        )

    def _change(self, tid: bytes, change: Change) -> dict[str, Any]:
        before = (int.from_bytes(tid) - 1).to_bytes(8)
        origin = change.before or change.keys
        old = {} if change.letter == "A" else self._files(before, origin)
        new = {} if change.letter == "D" else self._files(tid, change.keys)
        return {**_told(change), "files": self.files(compared(old, new))}

    def _files(self, at: bytes, keys: tuple[Any, ...]) -> dict[str, PlainFile]:
        """Return the files that an object had, without those of what is in it.

        Their names do not tell where it was.
        """
        history = History(self.host.bare(self.context)._p_jar)
        path = "/".join(map(str, keys))
        # It is closed with the last of the files.
        stream = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            with reading(self.context, self.host, history, at, path) as obj:
                access = self.host.access(reading=True)
                if access(obj, False) is None:
                    return {}
                checkout(obj, "object", stream, access, _shallow())
        except NoLongerThere:
            return {}
        return dict(_named(plain_files(SnarfRepository(stream))))


def _shallow() -> Sparse:
    sparse = Sparse()
    sparse.set((), EMPTY)
    return sparse


def _named(files: Iterator[PlainFile]) -> Iterator[tuple[str, PlainFile]]:
    for file in files:
        yield file.name.removeprefix("object/") or "/", file


def _shown(found: Transaction) -> dict[str, Any]:
    moment = datetime.fromtimestamp(found.time, UTC)
    changes = found.changes[: SERVER.shown_transactions]
    return {
        "id": found.tid.hex(),
        "time": moment.strftime("%Y-%m-%d %H:%M:%SZ"),
        "user": found.user,
        "note": found.note,
        "changes": [_told(each) for each in changes],
        "more": len(found.changes) - len(changes),
    }


def _told(change: Change) -> dict[str, Any]:
    return {
        "what": _letters[change.letter],
        "path": "/".join(map(str, change.keys)) or ".",
        "origin": "/".join(map(str, change.before)) if change.before else "",
    }
