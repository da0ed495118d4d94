"""The view that lists the transactions which changed an object."""

from __future__ import annotations

import json
from typing import Any

from zope.app.fssync.browser.arguments import number
from zope.app.fssync.browser.arguments import transaction_id
from zope.app.fssync.browser.logdocument import log_document
from zope.app.fssync.browser.snarfview import UNSHARED
from zope.app.fssync.browser.snarfview import SnarfView
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.history import KeepsNone
from zope.app.fssync.server.changes.log import Log
from zope.app.fssync.server.changes.logentry import Page
from zope.app.fssync.server.changes.logentry import Wanted
from zope.fssync.errors import Error
from zope.fssync.limits import LOG_RECORDS_SIZE
from zope.fssync.limits import SERVER

__all__ = ["SnarfLog", "fitting"]


class SnarfLog(SnarfView):
    """Send the transactions that changed the context or anything below it, as JSON.

    The arguments are ``limit``; ``before``, ``since`` and ``until``, which are ids of
    transactions; ``user``, ``text`` and ``records``.  The response is a mapping with
    the list ``transactions``, the newest first; ``before``, the argument of the next
    request, or null; and ``begins``, the time before which everything was packed away,
    or null.

    A transaction has ``origin`` if it moved the context: the path, from where it is
    then, that it had before.  It has ``here`` if it is a commit of the context, and not
    of something above or below.

    With ``records`` the transactions have the records of git, and the mapping has
    ``packed``, the transaction of that time, or ``kept``, false if no history is kept.
    """

    def show(self) -> Any:
        """Publish the view."""
        return self.answered(self._show)

    def _show(self) -> Any:
        self.check_object()
        self.check_readable()
        wanted = Wanted(
            transaction_id("since", self.view_request.argument("since")),
            transaction_id("until", self.view_request.argument("until")),
            self.view_request.argument("user") or "",
            self.view_request.argument("text") or "",
        )
        limit = self._number("limit")
        with_records = bool(self.view_request.argument("records"))
        limit = min(max(10 if limit is None else limit, 1), SERVER.logged_transactions)
        try:
            if with_records and self._is_up_to_date(wanted.since):
                told = json.dumps(log_document(Page([], None), True))
                return self.view_request.say(200, told, {**UNSHARED, **self.warning()})
            log = Log(self.context, self.host, self.access)
            before = transaction_id("before", self.view_request.argument("before"))
            page = log.page(wanted, limit, before)
        except KeepsNone as error:
            if not with_records:
                raise self._unavailable(error) from error
            return self.view_request.say(200, json.dumps({"kept": False}), UNSHARED)
        except HistoryUnavailable as error:
            raise self._unavailable(error) from error
        if with_records:
            page = fitting(_without_own_moves(page))
        oid = self.host.bare(self.context)._p_oid
        document = json.dumps(log_document(page, with_records, oid))
        return self.view_request.say(200, document, {**UNSHARED, **self.warning()})

    def _is_up_to_date(self, since: bytes | None) -> bool:
        """Return True if a transaction is the last one of the whole database."""
        history = History(self.host.bare(self.context)._p_jar)
        history.check_undoable()
        return since == history.now

    def _unavailable(self, error: HistoryUnavailable) -> Error:
        return Error(f"there is no log of {self.title()}: {error}", path=self.title())

    def _number(self, name: str) -> int | None:
        return number(name, self.view_request.argument(name))


def fitting(page: Page) -> Page:
    """Return a page cut where the size of its records exceeds the limit."""
    size = 0
    for count, each in enumerate(page.transactions):
        size += len(each.record or b"")
        if size > LOG_RECORDS_SIZE and count:
            kept = page.transactions[:count]
            return Page(kept, kept[-1].tid)
    return page


def _without_own_moves(page: Page) -> Page:
    """Leave out transactions that only moved the context: its files are the same."""
    kept = [each for each in page.transactions if each.changes]
    return page._replace(transactions=kept)
