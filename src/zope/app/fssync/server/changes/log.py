"""The log of an object: the transactions that changed it or anything below it.

They are read from the storage, the newest first, until there are as many as were asked
for: either all of the database, or those of the records that the object leads to.
A caller learns nothing of an object that they may not read today; of a removed object
they learn if they may read its container.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from persistent.TimeStamp import TimeStamp
from ZODB.utils import p64
from ZODB.utils import u64
from ZODB.utils import z64

from zope.app.fssync.server.changes.changedpaths import ChangedPaths
from zope.app.fssync.server.changes.changedpaths import changes_between
from zope.app.fssync.server.changes.historical import Backwards
from zope.app.fssync.server.changes.history import BeingPacked
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import TooMuch
from zope.app.fssync.server.changes.history import tid_of_told
from zope.app.fssync.server.changes.logentry import Change
from zope.app.fssync.server.changes.logentry import Page
from zope.app.fssync.server.changes.logentry import Transaction
from zope.app.fssync.server.changes.logentry import Wanted
from zope.app.fssync.server.changes.logentry import from_revision
from zope.app.fssync.server.changes.logentry import from_storage
from zope.app.fssync.server.changes.logentry import from_version
from zope.app.fssync.server.changes.logentry import is_older
from zope.app.fssync.server.changes.logentry import time_between
from zope.app.fssync.server.changes.near import NearRecords
from zope.app.fssync.server.changes.near import near_records
from zope.app.fssync.server.changes.reachable import Reachable
from zope.app.fssync.server.changes.reachable import Referred
from zope.app.fssync.server.changes.reachable import loaded
from zope.app.fssync.server.changes.records import record_of
from zope.app.fssync.server.changes.referrers import IReferrers
from zope.app.fssync.server.changes.referrers import LateReferrers
from zope.app.fssync.server.changes.referrers import NotYet
from zope.app.fssync.server.changes.revisions import Revised
from zope.app.fssync.server.changes.revisions import Revisions
from zope.app.fssync.server.changes.tracer import RecordTracer
from zope.app.fssync.server.changes.versions import saved_by
from zope.app.fssync.server.changes.visibility import Visibility
from zope.app.fssync.server.changes.whereabouts import Whereabouts
from zope.app.fssync.server.changes.whereabouts import moved
from zope.fssync.limits import EXAMINED_TRANSACTIONS
from zope.fssync.limits import LOG_PAGE
from zope.fssync.limits import LOG_READ
from zope.fssync.limits import LOOKED_RECORDS
from zope.fssync.limits import NEAR_RECORDS

__all__ = ["Log"]


class Log:
    """The log of ``context`` for one caller, within one request.

    ``access`` is the `IAccess` of the caller.  Raises `HistoryUnavailable` where the
    storage keeps no history.
    """

    def __init__(self, context: Any, host: Any, access: Any) -> None:
        self._context = host.bare(context)
        self._published = context
        self._host = host
        self._access = access
        self._history = History(self._context._p_jar)
        self._history.check_undoable()
        self._packed = self._history.last_packed()
        jar, oid = self._context._p_jar, self._context._p_oid
        self._known = LateReferrers(jar, self._history)
        #: Finds any object of today; for some it needs the index.
        self._today = self._tracer(self._context, self._known)
        self._outside = self._today.outside
        #: The containers of today, by oid.
        self._above = dict(self._ancestors())
        self._whereabouts = Whereabouts(oid, self._above)
        self._past = Backwards(jar.db())
        self._use(near_records(jar, oid, self._outside, NEAR_RECORDS))

    def _use(self, near: NearRecords | None, is_large: bool = False) -> None:
        """Use the records that the object leads to if they are few, else the index."""
        context, history = self._context, self._history
        self._reachable = Reachable(
            context,
            history,
            self._tracer,
            self._outside,
            self._known,
            near,
            is_large,
        )
        self._paths = ChangedPaths(
            context._p_oid,
            history,
            self._tracer,
            self._reachable,
            self._whereabouts,
            self._past,
        )
        self._visibility = Visibility(
            self._published,
            self._access,
            self._reachable.today,
            self._today,
            self._above,
        )

    def _ancestors(self) -> Iterator[tuple[bytes, Any]]:
        """Yield the containers of the object that are stored, with their oids."""
        obj = self._host.parent(self._published)
        while (oid := getattr(self._host.bare(obj), "_p_oid", None)) is not None:
            yield oid, obj
            obj = self._host.parent(obj)

    def _tracer(self, context: Any, index: IReferrers) -> RecordTracer:
        history = self._history
        found: RecordTracer = self._host.tracer(context, history, history.now, index)
        return found

    def page(self, wanted: Wanted, limit: int, before: bytes | None = None) -> Page:
        """Return at most ``limit`` transactions, of a bounded number examined.

        They are older than ``before``.  Of a large object the newest transactions of
        the database are examined first: they often suffice, and can be shown while an
        index is made.  Then follow those of the records that the object leads to, or
        all transactions if there are too many records.  The database may be packed
        meanwhile.
        """
        self._known.waits = False
        try:
            page = self._unpacked(wanted, limit, before)
        except NotYet:
            # To load the records takes less time than to wait.
            self._known.waits = True
            near = loaded(self._known, self._history, self._context, self._outside)
            self._use(near, is_large=near is None)
            page = self._unpacked(wanted, limit, before)
        return self._with_versions(self._kept(page, wanted), wanted, limit, before)

    def _unpacked(self, wanted: Wanted, limit: int, before: bytes | None) -> Page:
        """Return a page, also while the database is packed."""
        try:
            return self._page(wanted, limit, before)
        except BeingPacked:
            # The revisions of a record can be read all the same.
            listed = self._listed_page(wanted, limit, before)
            if listed is None:
                raise
            return listed

    def _with_versions(
        self, page: Page, wanted: Wanted, limit: int, before: bytes | None
    ) -> Page:
        """Add the versions of the object; those of packed transactions come last."""
        versions = self._host.versions(self._published)
        if not versions:
            return page
        own = [
            each.time
            for each in page.transactions
            if any(not change.keys for change in each.changes)
        ]
        packed = self._history.last_packed()
        kept_since = TimeStamp(packed).timeTime() if packed != z64 else 0.0
        kept = [each for each in versions if each.time >= kept_since]
        saved = saved_by(kept, own)
        found = [
            each._replace(versions=tuple(saved.get(each.time, ())))
            for each in page.transactions
        ]
        if page.begins is None:
            return page._replace(transactions=found)
        old = [each for each in versions if each.time < page.begins]
        older = [
            each
            for each in map(from_version, old)
            if is_older(each.tid, before)
            and self._is_seen(each.tid, wanted)
            and wanted.fits(each)
        ]
        shown = older[: limit - len(found)]
        going_on = shown[-1].tid if len(shown) < len(older) and shown else None
        return page._replace(
            transactions=found + shown,
            before=going_on,
            begins=None if going_on else page.begins,
        )

    def _kept(self, page: Page, wanted: Wanted) -> Page:
        """Leave out packed transactions: their changes are not known."""
        packed = self._history.last_packed()
        kept = [each for each in page.transactions if each.tid > packed]
        before = page.before if len(kept) == len(page.transactions) else None
        is_whole = wanted.since is None or wanted.since <= packed
        if before is None and is_whole and packed != z64:
            return Page(kept, before, TimeStamp(packed).timeTime(), packed)
        return Page(kept, before)

    def _page(self, wanted: Wanted, limit: int, before: bytes | None) -> Page:
        page = Page([], before)
        if self._reachable.near is None and before is None:
            page = self._looked_at(wanted, limit, before, LOG_PAGE, LOOKED_RECORDS)
            if page.before is None or len(page.transactions) == limit:
                return page
            if page.transactions and self._known.is_being_made():
                return page
        left = limit - len(page.transactions)
        more = self._listed_page(wanted, left, page.before)
        if more is None:
            more = self._looked_at(wanted, left, page.before, EXAMINED_TRANSACTIONS)
        return Page(page.transactions + more.transactions, more.before)

    def _looked_at(
        self,
        wanted: Wanted,
        limit: int,
        before: bytes | None,
        number: int,
        records: int | None = None,
    ) -> Page:
        """Return the wanted ones among a number of transactions of the database.

        It ends before those that have more than so many ``records`` with newer ones.
        """
        with self._past.kept():
            return self._looking_at(wanted, limit, before, number, records)

    def _looking_at(
        self,
        wanted: Wanted,
        limit: int,
        before: bytes | None,
        number: int,
        records: int | None,
    ) -> Page:
        found: list[Transaction] = []
        newer = before
        for count, (each, changed) in enumerate(
            self._backwards(wanted, before, number + 1, records)
        ):
            if changed is None:
                return Page(found, newer or p64(u64(self._history.now) + 1))
            if count == number and newer is not None:
                return Page(found, time_between(each.tid, newer))
            newer = each.tid
            self._past.start(each.tid)
            if not self._is_seen(each.tid, wanted) or not wanted.fits(each):
                self._reachable.add_before(each.tid, changed)
                logged = None
            else:
                logged = self._transaction(each, changed, None)
            self._past.pass_over(each.tid, changed)
            if logged is not None:
                found.append(logged)
                if len(found) == limit:
                    return Page(found, each.tid)
        return Page(found, None)

    def _backwards(
        self, wanted: Wanted, before: bytes | None, number: int, limit: int | None
    ) -> Iterator[tuple[Transaction, Referred | None]]:
        """Yield a number of transactions of the database, with their records.

        It ends before those that are too old: they may have many records.  It also
        ends with one that has None, if these have more than the limit with it.
        """
        skip, left = 0, limit
        while number > 0:
            # A storage skips all newer ones one by one, each time.
            told = self._history.backwards(skip, max(LOG_PAGE, skip // 4))
            if not told:
                return
            skip += len(told)
            older = [
                from_storage(each)
                for each in told
                if is_older(tid_of_told(each), before)
            ]
            several = list(
                takewhile(lambda each: not self._is_before(each.tid, wanted), older)
            )
            is_end = len(several) < len(older)
            several = several[:number]
            number -= len(several)
            for begin in range(0, len(several), LOG_READ):
                # A caller who wants a few does not wait for a large older one.
                some = several[begin : begin + LOG_READ]
                ends = some[-1].tid, some[0].tid
                try:
                    concerns = self._reachable.today.concerns
                    records = self._history.records(*ends, concerns, left)
                except TooMuch:
                    yield some[0], None
                    return
                if left is not None:
                    left = max(left - sum(map(len, records.values())), 0)
                yield from ((each, records.get(each.tid, {})) for each in some)
            if is_end:
                return

    def _listed(self, before: bytes | None) -> Revisions | None:
        """Return the transactions of the records that the object leads to.

        None if there are too many records.  Transactions of its containers are
        included, if ``before`` is given only older ones.
        """
        records = self._reachable.listed()
        if records is None:
            return None
        found = Revisions(
            self._history.storage,
            records,
            self._reachable.add,
            lambda oid: self._reachable.may_concern([oid]),
        )
        newest = p64(u64(self._history.now) + 1)
        for oid in self._whereabouts.containers:
            found.follow(oid, newest if before is None else before)
        self._whereabouts.follow = found.follow
        return found

    def _listed_page(
        self, wanted: Wanted, limit: int, before: bytes | None
    ) -> Page | None:
        """Return a part of the log, from the transactions of the listed records.

        None if the records cannot be listed.  Packed transactions are left out.
        """
        with self._past.kept():
            is_found = before is None or self._paths.find_place(before)
            listed = self._listed(before if is_found else None)
            if listed is None:
                return None
            found = listed if is_found else self._with_newer_moves(listed, before)
            return self._listing(found, wanted, limit, before)

    def _with_newer_moves(
        self, listed: Iterable[Revised], before: bytes | None
    ) -> Iterator[Revised]:
        """Yield transactions; look up where the object was at those to be skipped."""
        for each in listed:
            placed = self._whereabouts.concerned(each.records)
            if placed and not is_older(each.tid, before):
                self._past.go_to(each.tid)
                self._paths.around(each.tid, [], (), placed)
            yield each

    def _listing(
        self,
        listed: Iterable[Revised],
        wanted: Wanted,
        limit: int,
        before: bytes | None,
    ) -> Page:
        found: list[Transaction] = []
        newer, count = before, 0
        for each in listed:
            if self._is_before(each.tid, wanted):
                break
            if not is_older(each.tid, before):
                continue
            if count == EXAMINED_TRANSACTIONS and newer is not None:
                return Page(found, time_between(each.tid, newer))
            newer, count = each.tid, count + 1
            transaction = from_revision(each)
            if self._is_seen(each.tid, wanted) and wanted.fits(transaction):
                self._past.go_to(each.tid)
                logged = self._transaction(transaction, each.records, each.made)
                if logged is not None:
                    found.append(logged)
            if len(found) == limit:
                return Page(found, each.tid)
        return Page(found, None)

    def _is_before(self, tid: bytes, wanted: Wanted) -> bool:
        """Return whether a transaction and all older ones are too old, or packed."""
        if wanted.since is not None and tid < wanted.since:
            return True
        return tid <= self._packed

    def _is_seen(self, tid: bytes, wanted: Wanted) -> bool:
        until = self._history.now
        if wanted.until is not None:
            until = min(until, wanted.until)
        return tid <= until

    def _transaction(
        self, found: Transaction, records: Referred, made: set[bytes] | None
    ) -> Transaction | None:
        """Return a transaction if it changed what the caller may read.

        ``made`` are the records that it has made, None if they are not known.
        """
        own = {
            oid: references
            for oid, references in records.items()
            if oid not in self._whereabouts.containers
        }
        for oid, references in own.items():
            self._reachable.add(oid, references)
        led_to = self._reachable.among(own)
        placed = self._whereabouts.concerned(records)
        if not placed and not self._reachable.may_concern(led_to):
            return None
        if made is None:
            made = self._reachable.add_before(found.tid, own)
        led_to = self._reachable.among(own)
        before, after = self._paths.around(found.tid, led_to, made, placed)
        changes, is_whole = self._visible(changes_between(before, after))
        origin = self._visibility.origin(moved(before.way, after.way))
        if not changes and origin is None:
            return None
        record = self._record(found) if is_whole else None
        return found._replace(changes=changes, record=record, origin=origin)

    def _record(self, found: Transaction) -> bytes | None:
        """Return the record of the transaction, if it belongs to this object."""
        return record_of(found.record, self._context._p_oid)

    def _visible(
        self, changes: Iterable[tuple[bytes, Change]]
    ) -> tuple[list[Change], bool]:
        """Return what the caller may know of changes, in the order of the paths.

        The second value is whether that is all.
        """
        found, is_whole = set(), True
        for oid, change in changes:
            visible = self._visibility.change(oid, change)
            is_whole = is_whole and visible == change
            if visible is not None:
                found.add(visible)
        ordered = sorted(found, key=lambda each: [str(key) for key in each.keys])
        return ordered, is_whole
